/// A hyperparameter that is one value or several: `-1`, or `[1, 2]`.
public struct OneOrMany<Element: Sendable & Hashable & Codable>: Sendable, Hashable {
  /// The values.
  public let values: [Element]

  /// Creates several values.
  public init(_ values: [Element]) { self.values = values }
  /// Creates one value.
  public init(_ value: Element) { values = [value] }
}

extension OneOrMany: ExpressibleByArrayLiteral {
  public init(arrayLiteral values: Element...) { self.init(values) }
}

extension OneOrMany: ExpressibleByIntegerLiteral where Element: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Element.IntegerLiteralType) {
    self.init(Element(integerLiteral: value))
  }
}

extension OneOrMany: ExpressibleByFloatLiteral where Element: ExpressibleByFloatLiteral {
  public init(floatLiteral value: Element.FloatLiteralType) {
    self.init(Element(floatLiteral: value))
  }
}

/// One value is written alone, several as an array; both are read.
extension OneOrMany: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Element.self) {
      self.init(value)
    } else {
      self.init(try container.decode([Element].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if values.count == 1 {
      try container.encode(values[0])
    } else {
      try container.encode(values)
    }
  }
}
