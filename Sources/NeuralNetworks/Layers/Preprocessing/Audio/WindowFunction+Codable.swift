import TensorGraph

/// Files hold the name of the window, or its values.
extension WindowFunction: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let values = try? container.decode([Double].self) {
      self = .values(values)
      return
    }
    let name = try container.decode(String.self)
    guard let known = WindowFunction(named: name) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "there is no window \(name); "
          + spellingHint(name, in: WindowFunction.named.map { "\($0)" }))
    }
    self = known
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if case .values(let values) = self {
      try container.encode(values)
    } else {
      try container.encode("\(self)")
    }
  }
}

extension WindowFunction {
  /// Why this cannot be the window of a frame of `count` steps, or nothing.
  func mistake(for count: Int) -> String? {
    guard case .values(let values) = self, values.count != count else { return nil }
    return "the window has \(values.count) values, and a frame \(count) steps"
  }
}
