import TensorGraph

/// What is done to text before it is split.
public enum Standardization: Sendable, Hashable {
  /// `lower`, then `stripPunctuation`.
  case lowerAndStripPunctuation
  /// ASCII letters become small; all others stay as they are, as in Keras.
  case lower
  /// ASCII punctuation is left out.
  case stripPunctuation
  /// A function of yours, which files cannot hold.
  case custom(TextFunction<String>)

  /// A function of yours, which files cannot hold.
  public static func custom(_ body: @escaping @Sendable (String) -> String) -> Standardization {
    .custom(TextFunction(body))
  }

  private static let names: [(Standardization, String)] = [
    (.lowerAndStripPunctuation, "lower_and_strip_punctuation"), (.lower, "lower"),
    (.stripPunctuation, "strip_punctuation"),
  ]
}

/// Where text is split into tokens.
public enum TextSplit: Sendable, Hashable {
  /// At ASCII whitespace, however much.
  case whitespace
  /// Between code points.
  case character
  /// A function of yours, which files cannot hold.
  case custom(TextFunction<[String]>)

  /// A function of yours, which files cannot hold.
  public static func custom(_ body: @escaping @Sendable (String) -> [String]) -> TextSplit {
    .custom(TextFunction(body))
  }

  private static let names: [(TextSplit, String)] = [
    (.whitespace, "whitespace"), (.character, "character"),
  ]
}

/// A function of text; two are equal when they are one.
public final class TextFunction<Result: Sendable>: Sendable, Hashable {
  let body: @Sendable (String) -> Result

  /// Makes a value of `body`.
  public init(_ body: @escaping @Sendable (String) -> Result) { self.body = body }

  public static func == (a: TextFunction, b: TextFunction) -> Bool { a === b }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension Standardization: Codable {
  public init(from decoder: any Decoder) throws {
    self = try named(decoder, Self.names, "standardize")
  }
  public func encode(to encoder: any Encoder) throws {
    try name(self, Self.names, "standardize").encode(to: encoder)
  }
}

extension TextSplit: Codable {
  public init(from decoder: any Decoder) throws {
    self = try named(decoder, Self.names, "split")
  }
  public func encode(to encoder: any Encoder) throws {
    try name(self, Self.names, "split").encode(to: encoder)
  }
}

private func named<T>(
  _ decoder: any Decoder, _ names: [(T, String)], _ key: String
) throws -> T {
  let value = try JSONValue(from: decoder)
  guard let name = value.string, let found = names.first(where: { $0.1 == name }) else {
    let hint =
      value.string.map { spellingHint($0, in: names.map(\.1)) }
      ?? "a function cannot be read from a file"
    throw DecodingError.dataCorrupted(
      .init(
        codingPath: decoder.codingPath,
        debugDescription: "\(key) \(value.short) is not supported: \(hint)"))
  }
  return found.0
}

private func name<T: Equatable>(
  _ value: T, _ names: [(T, String)], _ key: String
) throws -> String {
  guard let found = names.first(where: { $0.0 == value }) else {
    throw ConfigurationError(
      "\(key) is a function, which files cannot hold",
      hint: "use one of " + names.map(\.1).joined(separator: ", "))
  }
  return found.1
}
