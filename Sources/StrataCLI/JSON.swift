/// Values of a JSON text whose members keep their order.
enum JSON: CustomStringConvertible, ExpressibleByStringLiteral {
  case null
  case int(Int)
  /// A number; JSON has none for NaN and infinity, which become null.
  case number(Double)
  case string(String)
  case array([JSON])
  case object([(name: String, value: JSON)])

  init(stringLiteral value: String) { self = .string(value) }

  /// The text on one line.
  var description: String {
    switch self {
    case .null: "null"
    case .int(let value): "\(value)"
    case .number(let value): value.isFinite ? "\(value)" : "null"
    case .string(let text): Self.quoted(text)
    case .array(let elements): "[" + elements.map(\.description).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { "\(Self.quoted($0.name)): \($0.value)" }.joined(separator: ", ") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
