/// The numbers of tokens that are joined to one.
public enum NGrams: Sendable, Hashable {
  /// All lengths from 1 up to this one.
  case upTo(Int)
  /// These lengths, in this order.
  case lengths([Int])

  /// The largest length: text is split into fewer tokens than memory has bytes.
  private static let limit = 1 << 16

  /// The lengths in order.
  var lengths: [Int] {
    switch self {
    case .upTo(let length): Array(1...max(min(length, Self.limit), 1))
    case .lengths(let lengths): lengths
    }
  }

  /// What is wrong with the lengths.
  var mistake: String? {
    let lengths: [Int] =
      switch self {
      case .upTo(let length): [length]
      case .lengths(let lengths): lengths
      }
    guard lengths.isEmpty || !lengths.allSatisfy({ (1...Self.limit).contains($0) }) else {
      return nil
    }
    return "TextVectorization needs n-grams of at least 1 token, not \(lengths)"
  }
}

extension NGrams: ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  public init(integerLiteral value: Int) { self = .upTo(value) }
  public init(arrayLiteral values: Int...) { self = .lengths(values) }
}

/// In files a number or a list.
extension NGrams: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let length = try? container.decode(Int.self) {
      self = .upTo(length)
    } else {
      self = .lengths(try container.decode([Int].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .upTo(let length): try container.encode(length)
    case .lengths(let lengths): try container.encode(lengths)
    }
  }
}
