import Foundation

extension JSONValue {
  /// The value as a JSON file on one line, with members in alphabetical order.
  ///
  /// A number keeps its point: `1.0` is not `1`, which a reader may insist on.
  ///
  /// - Returns: UTF-8.
  /// - Throws: when a number is NaN or infinite, which JSON does not have.
  public func serialized() throws -> Data {
    var text: [UInt8] = []
    try write(to: &text)
    return Data(text)
  }

  private func write(to text: inout [UInt8]) throws {
    switch self {
    case .null: text += "null".utf8
    case .bool(let value): text += (value ? "true" : "false").utf8
    case .int(let value): text += "\(value)".utf8
    case .number(let value):
      guard value.isFinite else {
        throw ConfigurationError("JSON has no number \(value)")
      }
      text += "\(value)".utf8
    case .string(let value): Self.write(value, to: &text)
    case .array(let elements):
      text.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        try element.write(to: &text)
      }
      text.append(UInt8(ascii: "]"))
    case .object(let members):
      text.append(UInt8(ascii: "{"))
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        Self.write(member.key, to: &text)
        text.append(UInt8(ascii: ":"))
        try member.value.write(to: &text)
      }
      text.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ string: String, to text: inout [UInt8]) {
    text.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""): text += #"\""#.utf8
      case UInt8(ascii: "\\"): text += #"\\"#.utf8
      case UInt8(ascii: "\n"): text += #"\n"#.utf8
      case UInt8(ascii: "\r"): text += #"\r"#.utf8
      case UInt8(ascii: "\t"): text += #"\t"#.utf8
      case 0..<0x20:
        text += (byte < 0x10 ? #"\u000"# : #"\u00"#).utf8
        text += String(byte, radix: 16).utf8
      default: text.append(byte)
      }
    }
    text.append(UInt8(ascii: "\""))
  }
}
