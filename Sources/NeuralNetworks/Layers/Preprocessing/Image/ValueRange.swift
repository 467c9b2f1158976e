import TensorGraph

/// The least and the largest value that a channel of an image can have: `[0, 255]`, or `[0, 1]`.
public struct ValueRange: Sendable, Hashable {
  /// The two values, the smaller first; a layer reports it if there are others.
  public let values: [Double]

  /// Creates the range from the first to the second of `values`.
  public init(_ values: [Double]) { self.values = values }

  /// The range of bytes.
  public static let bytes: ValueRange = [0, 255]
  /// The range of shares.
  public static let unit: ValueRange = [0, 1]

  /// The least value.
  var low: Double { values.first ?? 0 }
  /// The largest value.
  var high: Double { values.last ?? 0 }

  /// Why this cannot be the range of a layer, or nothing.
  var mistake: String? {
    guard values.count == 2, values.allSatisfy(\.isFinite), low < high else {
      return "value_range needs two numbers, the smaller first, not \(values)"
    }
    return nil
  }

  /// `images` held within the range.
  func clipped(_ images: Symbol) -> Symbol { clip(images, low, high) }

  /// `images` with values of this range as images with values of `other`.
  func converted(_ images: Symbol, to other: ValueRange) -> Symbol {
    guard self != other else { return images }
    let share = (images - low) / (high - low)
    return share * (other.high - other.low) + other.low
  }
}

extension ValueRange: ExpressibleByArrayLiteral, Codable {
  public init(arrayLiteral values: Double...) { self.init(values) }

  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode([Double].self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(values)
  }
}
