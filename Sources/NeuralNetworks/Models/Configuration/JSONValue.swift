import Foundation

/// A value of a JSON file.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The value of `key`, of an object that has it.
  public subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }
  /// The text, of a string.
  public var string: String? { if case .string(let text) = self { text } else { nil } }
  /// The elements, of an array.
  public var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
  /// The members, of an object.
  public var object: [String: JSONValue]? {
    if case .object(let members) = self { members } else { nil }
  }
  /// The whole number, of a number that is one.
  public var int: Int? {
    switch self {
    case .int(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }
}

extension JSONValue: Codable {
  public init(from decoder: any Decoder) throws {
    // Trying out what a value is takes long where values are deep in each other.
    if let source = JSONSource.of(decoder), let value = source.value(at: decoder.codingPath) {
      self = value
      return
    }
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .int(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .int(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

extension JSONValue {
  /// Reads a JSON file.
  ///
  /// - Throws: when `text` is not one.
  public init(parsing text: Data) throws(ConfigurationError) {
    let result = text.withUnsafeBytes { bytes in
      Result { () throws(ConfigurationError) in
        try JSONParser.parse(bytes.bindMemory(to: UInt8.self))
      }
    }
    self = try result.get()
  }

  /// This value read as a `T`, whose layers are those of `registry`.
  package func decoded<T: Decodable>(as _: T.Type, registry: LayerRegistry? = nil) throws -> T {
    let decoder = JSONDecoder()
    registry?.use(in: decoder)
    JSONSource(root: self).use(in: decoder)
    return try decoder.decode(T.self, from: serialized())
  }

  /// Creates the JSON of `value`.
  package init(encoding value: some Encodable) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(nilLiteral: ()) { self = .null }
  public init(integerLiteral value: Int) { self = .int(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral members: (String, JSONValue)...) {
    self = .object(Dictionary(members, uniquingKeysWith: { $1 }))
  }
}

/// A mistake in a model's configuration, such as a layer that Strata does not have.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong.
  public var message: String
  /// The layer it is wrong in.
  public var layer: String?
  /// What to do about it.
  public var hint: String?
  /// The class that the file names and nobody knows, if that is the mistake.
  package var unknown: String?

  /// Creates the report of a mistake.
  public init(_ message: String, layer: String? = nil, hint: String? = nil) {
    self.message = message
    self.layer = layer
    self.hint = hint
  }

  public var description: String {
    var lines = ["error: \(message)"]
    if let layer { lines.append("  in    \(layer)") }
    if let hint { lines.append("  help  \(hint)") }
    return lines.joined(separator: "\n")
  }
}

/// What a decoder found wrong, in a few words.
func describe(_ error: any Error) -> String {
  func place(_ path: [any CodingKey]) -> String {
    path.isEmpty ? "" : path.map(\.stringValue).joined(separator: ".") + ": "
  }
  switch error {
  case DecodingError.dataCorrupted(let context):
    return place(context.codingPath) + context.debugDescription
  case DecodingError.typeMismatch(let type, let context):
    return place(context.codingPath) + "expected \(type)"
  case DecodingError.valueNotFound(let type, let context):
    return place(context.codingPath) + "expected \(type), not null"
  case DecodingError.keyNotFound(let key, let context):
    return place(context.codingPath) + "\(key.stringValue) is missing"
  default: return "\(error)"
  }
}
