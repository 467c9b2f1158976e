import FoundationEssentials

/// What an ONNX file says about itself, without a look at its graph.
///
/// Such files begin with no mark: they are told by the fields of the message that they are,
/// `ModelProto` of `onnx.proto`, whose numbers and types are these.
enum ONNXSignature {
  private enum Field: UInt64 {
    case irVersion = 1
    case producerName, producerVersion, domain, modelVersion, docString, graph, opsetImport
    case metadataProps = 14
    case trainingInfo = 20
    case functions = 25
    case configuration = 26

    var isNumber: Bool { self == .irVersion || self == .modelVersion }
  }

  /// Whether `data` is a list of fields as a model has them, up to its end or up to a graph that is
  /// cut off.
  static func fits(_ data: Data) -> Bool {
    var cursor = Cursor(rest: data[...])
    var seen: Set<Field> = []
    while !cursor.rest.isEmpty {
      guard let tag = cursor.number(), let field = Field(rawValue: tag >> 3),
        tag & 7 == (field.isNumber ? 0 : 2), let value = cursor.number()
      else { return false }
      // The version counts up by one every year or two.
      if field == .irVersion, !(1...100).contains(value) { return false }
      seen.insert(field)
      if !field.isNumber, cursor.take(value) == nil {
        return field == .graph && seen.contains(.irVersion)
      }
    }
    return seen.isSuperset(of: [.irVersion, .graph])
  }

  /// The texts by name that belong to the whole file.
  static func properties(of data: Data) -> [String: String] {
    var cursor = Cursor(rest: data[...])
    var properties: [String: String] = [:]
    while let (field, bytes) = cursor.field() {
      guard field == Field.metadataProps.rawValue, let bytes else { continue }
      var entry = Cursor(rest: bytes), texts: [UInt64: String] = [:]
      while let (field, bytes) = entry.field() {
        if let bytes { texts[field] = String(decoding: bytes, as: UTF8.self) }
      }
      if let key = texts[1], let value = texts[2] { properties[key] = value }
    }
    return properties
  }

  /// The field of a text that belongs to the whole file.
  static func property(_ key: String, _ value: String) -> Data {
    let entry = field(1, Data(key.utf8)) + field(2, Data(value.utf8))
    return field(Field.metadataProps.rawValue, entry)
  }

  private static func field(_ number: UInt64, _ bytes: Data) -> Data {
    var result = Data()
    for var value in [number << 3 | 2, UInt64(bytes.count)] {
      while value >= 0x80 {
        result.append(UInt8(value & 0x7f) | 0x80)
        value >>= 7
      }
      result.append(UInt8(value))
    }
    return result + bytes
  }

  /// Protocol buffers, field by field.
  private struct Cursor {
    var rest: Data.SubSequence

    /// The next number, 7 bits a byte from the lowest on.
    mutating func number() -> UInt64? {
      var result: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 64, by: 7) {
        guard let byte = rest.popFirst() else { return nil }
        result |= UInt64(byte & 0x7f) << shift
        if byte < 0x80 { return result }
      }
      return nil
    }

    /// The next `count` bytes, if there are as many.
    mutating func take(_ count: UInt64) -> Data? {
      guard count <= UInt64(rest.count) else { return nil }
      defer { rest = rest.dropFirst(Int(count)) }
      return rest.prefix(Int(count))
    }

    /// The next field with its bytes, or without if it is a number.
    mutating func field() -> (number: UInt64, bytes: Data?)? {
      guard let tag = number() else { return nil }
      switch tag & 7 {
      case 0: return number().map { _ in (tag >> 3, nil) }
      case 1: return take(8).map { _ in (tag >> 3, nil) }
      case 2: return number().flatMap { take($0) }.map { (tag >> 3, $0) }
      case 5: return take(4).map { _ in (tag >> 3, nil) }
      default: return nil
      }
    }
  }
}
