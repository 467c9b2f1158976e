/// Reads JSON (RFC 8259) in one pass, in time and memory proportional to the text.
///
/// A name may be there once in an object: readers would disagree on which of two counts.
struct JSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  /// How many arrays and objects may be in each other.
  static let depthLimit = 512

  /// The value that `bytes` are, all of them.
  static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(ConfigurationError) -> JSONValue {
    var parser = JSONParser(bytes: bytes)
    let value = try parser.value(depth: 0)
    parser.skipBlanks()
    guard parser.position == bytes.count else { throw parser.mistake("there is more after it") }
    return value
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private func mistake(_ what: String) -> ConfigurationError {
    ConfigurationError("the configuration is not JSON: \(what), at byte \(position)")
  }

  private mutating func value(depth: Int) throws(ConfigurationError) -> JSONValue {
    skipBlanks()
    guard position < bytes.count else { throw mistake("it ends early") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return .object(try object(depth: try inner(depth)))
    case UInt8(ascii: "["): return .array(try array(depth: try inner(depth)))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t") where take("true"): return .bool(true)
    case UInt8(ascii: "f") where take("false"): return .bool(false)
    case UInt8(ascii: "n") where take("null"): return .null
    default: return try number()
    }
  }

  private func inner(_ depth: Int) throws(ConfigurationError) -> Int {
    guard depth < Self.depthLimit else {
      throw mistake("more than \(Self.depthLimit) values are in each other")
    }
    return depth + 1
  }

  private mutating func array(depth: Int) throws(ConfigurationError) -> [JSONValue] {
    var elements: [JSONValue] = []
    position += 1
    skipBlanks()
    if take("]") { return elements }
    repeat {
      elements.append(try value(depth: depth))
      skipBlanks()
    } while take(",")
    guard take("]") else { throw mistake("an array has no end") }
    return elements
  }

  private mutating func object(depth: Int) throws(ConfigurationError) -> [String: JSONValue] {
    var members: [String: JSONValue] = [:]
    position += 1
    skipBlanks()
    if take("}") { return members }
    repeat {
      skipBlanks()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw mistake("a member has no name")
      }
      let name = try string()
      skipBlanks()
      guard take(":") else { throw mistake("a member has no value") }
      guard members.updateValue(try value(depth: depth), forKey: name) == nil else {
        throw mistake("a name is there twice")
      }
      skipBlanks()
    } while take(",")
    guard take("}") else { throw mistake("an object has no end") }
    return members
  }

  // MARK: Numbers

  private mutating func number() throws(ConfigurationError) -> JSONValue {
    let start = position
    _ = take("-")
    let whole = digits()
    guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else {
      position = start
      throw mistake("no value where one should be")
    }
    var isWhole = true
    if take(".") {
      isWhole = false
      guard !digits().isEmpty else { throw mistake("a number ends early") }
    }
    if take("e") || take("E") {
      isWhole = false
      if !take("+") { _ = take("-") }
      guard !digits().isEmpty else { throw mistake("a number ends early") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let integer = Int(text) { return .int(integer) }
    guard let number = Double(text), number.isFinite else {
      throw mistake("a number is too large")
    }
    // A whole number is one however it is written.
    return Int(exactly: number).map { .int($0) } ?? .number(number)
  }

  private mutating func digits() -> Slice<UnsafeBufferPointer<UInt8>> {
    let digits = bytes[position...].prefix { $0 &- UInt8(ascii: "0") < 10 }
    position = digits.endIndex
    return digits
  }

  // MARK: Texts

  private mutating func string() throws(ConfigurationError) -> String {
    position += 1
    var text: [UInt8] = []
    var start = position
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let rest = bytes[start..<position]
        defer { position += 1 }
        let valid =
          text.isEmpty
          ? String(validating: rest, as: UTF8.self) : String(validating: text + rest, as: UTF8.self)
        guard let valid else { throw mistake("a text is not UTF-8") }
        return valid
      case UInt8(ascii: "\\"):
        text += bytes[start..<position]
        text += try String(escaped()).utf8
        start = position
      case 0..<0x20: throw mistake("a text has a character that has to be escaped")
      default: position += 1
      }
    }
    throw mistake("a text has no end")
  }

  /// The character that an escape stands for.
  private mutating func escaped() throws(ConfigurationError) -> Character {
    position += 2
    guard position <= bytes.count else { throw mistake("a text has no end") }
    switch bytes[position - 1] {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if 0xd800..<0xdc00 ~= code, take("\\u") {
        let low = try hexadecimal()
        guard 0xdc00..<0xe000 ~= low else { throw mistake("a text is not UTF-16") }
        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw mistake("a text is not UTF-16") }
      return Character(scalar)
    default: throw mistake("there is no such escape")
    }
  }

  private mutating func hexadecimal() throws(ConfigurationError) -> UInt32 {
    let letters = bytes[position...].prefix(4)
    guard letters.count == 4, letters.allSatisfy({ $0 != UInt8(ascii: "+") }),
      let code = UInt32(String(decoding: letters, as: UTF8.self), radix: 16)
    else { throw mistake("there is no such escape") }
    position += 4
    return code
  }

  // MARK: Bytes

  private mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for index in 0..<count where bytes[position + index] != text.utf8Start[index] { return false }
    position += count
    return true
  }

  private mutating func skipBlanks() {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
      position += 1
    }
  }
}
