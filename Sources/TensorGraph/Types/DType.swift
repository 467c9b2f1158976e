/// The type of a tensor's elements.
public enum DType: String, Sendable, Hashable, Codable, CaseIterable {
  case float32, float64, float16, bfloat16, int8, uint8, int32, int64, bool
  /// Text. Strings enter a graph, are read by a `HostOperation`, and leave it; nothing computes
  /// with them.
  case string

  /// The types whose elements are numbers.
  public static let numbers = allCases.filter { $0 != .string }

  /// The size of one element, in bytes; of a string, that of the place where it ends.
  public var byteCount: Int {
    switch self {
    case .float64, .int64, .string: 8
    case .float32, .int32: 4
    case .float16, .bfloat16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  /// Whether elements are floating-point numbers.
  public var isFloatingPoint: Bool {
    switch self {
    case .float32, .float64, .float16, .bfloat16: true
    case .int8, .uint8, .int32, .int64, .bool, .string: false
    }
  }

  /// The type that holds the result of arithmetic between `self` and `other`.
  ///
  /// A float wins over an integer, a wider type over a narrower one, as in Keras.
  public func promoted(with other: DType) -> DType {
    if self == other { return self }
    if isFloatingPoint != other.isFloatingPoint { return isFloatingPoint ? self : other }
    let pair: Set<DType> = [self, other]
    if pair == [.float16, .bfloat16] { return .float32 }
    if pair == [.int8, .uint8] { return .int32 }
    return rank >= other.rank ? self : other
  }

  private var rank: Int {
    switch self {
    case .bool: 0
    case .int8, .uint8: 1
    case .int32: 2
    case .int64: 3
    case .float16, .bfloat16: 4
    case .float32: 5
    case .float64: 6
    case .string: 7
    }
  }
}
