import NeuralNetworks
import TensorGraph

/// What the header of a `.npy` file says: a Python dictionary of three entries.
struct NumPyHeader {
  var type: StoredType
  var isBigEndian = false
  var isFortranOrder = false
  var dims: [Int] = []
  /// Where the elements begin.
  var dataOffset = 0

  /// Reads the header at the beginning of `bytes`.
  init(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
    guard bytes.count >= 10,
      bytes.prefix(6).elementsEqual(Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) }))
    else {
      throw FormatError(
        "this is not a .npy file", got: "\(bytes.count) bytes that begin otherwise", at: .byte(0),
        hint: "write one with numpy.save")
    }
    let version = bytes[6]
    guard (1...3).contains(version) else {
      throw FormatError(
        "versions 1 to 3 of .npy can be read", got: "version \(version)", at: .byte(6))
    }
    let lengthSize = version == 1 ? 2 : 4
    guard bytes.count >= 8 + lengthSize else { throw Self.truncated(bytes.count) }
    let length = (0..<lengthSize).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    dataOffset = 8 + lengthSize + length
    guard length <= 1 << 16 else {
      throw FormatError("the header of the array is too long", got: "\(length) bytes", at: .byte(8))
    }
    guard bytes.count >= dataOffset else { throw Self.truncated(bytes.count) }
    var parser = PythonLiteral(Array(bytes[(8 + lengthSize)..<dataOffset]))
    guard case .dictionary(let entries)? = parser.value(),
      case .string(let descr)? = entries["descr"],
      case .bool(let isFortran)? = entries["fortran_order"],
      case .tuple(let sizes)? = entries["shape"]
    else {
      throw FormatError(
        "the header of the array is not what NumPy writes, or its elements have fields",
        got: String(decoding: bytes[(8 + lengthSize)..<dataOffset].prefix(80), as: UTF8.self),
        at: .byte(8 + lengthSize))
    }
    isFortranOrder = isFortran
    dims = sizes
    isBigEndian = descr.hasPrefix(">")
    guard let type = Self.types[descr.drop { "<>|=".contains($0) }.description] else {
      throw FormatError(
        "elements of this type cannot be read", got: descr, at: .byte(8 + lengthSize),
        hint: "convert with array.astype(\"float32\") first")
    }
    self.type = type
  }

  static func truncated(_ count: Int) -> FormatError {
    FormatError("the file ends inside of the header", got: "\(count) bytes", at: .byte(count))
  }

  /// The types by the names that NumPy writes, without the mark of the byte order.
  private static let types: [String: StoredType] = [
    "f2": .same(.float16), "f4": .same(.float32), "f8": .same(.float64), "i1": .same(.int8),
    "u1": .same(.uint8), "i4": .same(.int32), "i8": .same(.int64), "b1": .same(.bool),
    "i2": .int16, "u2": .uint16, "u4": .uint32, "u8": .uint64,
  ]
}

/// The few Python literals of which headers consist.
private struct PythonLiteral {
  enum Value {
    case string(String), bool(Bool), tuple([Int]), number(Int)
    case dictionary([String: Value])
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The dictionary, string, truth value, number or tuple of numbers that comes next.
  mutating func value(isNested: Bool = false) -> Value? {
    skipBlanks()
    guard position < bytes.count else { return nil }
    switch bytes[position] {
    case UInt8(ascii: "{"): return isNested ? nil : dictionary()
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return string().map(Value.string)
    case UInt8(ascii: "("): return tuple().map(Value.tuple)
    case UInt8(ascii: "T"): return take("True") ? .bool(true) : nil
    case UInt8(ascii: "F"): return take("False") ? .bool(false) : nil
    default: return number().map(Value.number)
    }
  }

  private mutating func dictionary() -> Value? {
    var entries: [String: Value] = [:]
    position += 1
    while !take("}") {
      guard let key = string(), take(":"), let entry = value(isNested: true) else { return nil }
      entries[key] = entry
      if !take(",") { return take("}") ? .dictionary(entries) : nil }
    }
    return .dictionary(entries)
  }

  private mutating func tuple() -> [Int]? {
    var sizes: [Int] = []
    position += 1
    while !take(")") {
      guard let size = number(), sizes.count < 64 else { return nil }
      sizes.append(size)
      if !take(",") { return take(")") ? sizes : nil }
    }
    return sizes
  }

  private mutating func string() -> String? {
    skipBlanks()
    guard position < bytes.count, "'\"".utf8.contains(bytes[position]),
      let end = bytes[(position + 1)...].firstIndex(of: bytes[position])
    else { return nil }
    defer { position = end + 1 }
    return String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
  }

  private mutating func number() -> Int? {
    skipBlanks()
    let digits = bytes[position...].prefix { $0 &- UInt8(ascii: "0") < 10 }
    position = digits.endIndex
    _ = take("L")  // Python 2 wrote its long integers so
    return Int(String(decoding: digits, as: UTF8.self))
  }

  private mutating func take(_ text: String) -> Bool {
    skipBlanks()
    guard bytes[position...].starts(with: text.utf8) else { return false }
    position += text.utf8.count
    return true
  }

  private mutating func skipBlanks() {
    while position < bytes.count, " \n\t\r".utf8.contains(bytes[position]) { position += 1 }
  }
}
