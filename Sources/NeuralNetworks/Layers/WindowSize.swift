/// A window of some rank, for what layers of all ranks share.
public protocol WindowSizes: Sendable, Hashable, Codable {
  /// The number of spatial axes.
  static var axisCount: Int { get }
  /// The size along each axis, outermost first.
  var sizes: [Int] { get }
}

/// Whether `size` can be that of an axis: products of a few such sizes are still integers.
func isSize(_ size: Int) -> Bool { (1...1 << 28).contains(size) }

extension WindowSizes {
  /// Why this cannot be the hyperparameter `name` of a layer, or nothing.
  func mistake(_ name: String) -> String? {
    if sizes.count != Self.axisCount {
      return "\(name) needs \(Self.axisCount) numbers, not \(sizes.count)"
    }
    // The limit is far beyond any window, and keeps files from making us count for hours.
    let isPossible = sizes.allSatisfy { (1...1 << 16).contains($0) }
    return isPossible ? nil : "\(name) must be positive, and at most 65536, not \(sizes)"
  }
}

/// The sizes of a window along its `rank` spatial axes: `3`, the same along each, or `[3, 5]`.
///
/// Strides, dilation rates and padding factors are written the same way.
public struct WindowSize<let rank: Int>: WindowSizes {
  public static var axisCount: Int { rank }
  /// The size along each axis, outermost first.
  public let sizes: [Int]

  /// Creates a window with these sizes; a layer reports it if there are not `rank` of them.
  public init(_ sizes: [Int]) { self.sizes = sizes }
  /// Creates a window of one size along all axes.
  public init(_ size: Int) { sizes = Array(repeating: size, count: rank) }
}

extension WindowSize: ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  public init(integerLiteral size: Int) { self.init(size) }
  public init(arrayLiteral sizes: Int...) { self.init(sizes) }
}

/// Files hold an array, as Keras writes it; a single number is read too.
extension WindowSize {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let size = try? container.decode(Int.self) {
      self.init(size)
    } else {
      self.init(try container.decode([Int].self))
      guard sizes.count == rank else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "expected \(rank) numbers, not \(sizes.count)")
      }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(sizes)
  }
}
