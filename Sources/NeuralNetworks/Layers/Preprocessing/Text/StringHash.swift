import TensorGraph

/// Puts strings, and numbers as they are written, into a number of bins.
struct StringHash: Sendable, Hashable {
  /// The number of bins.
  let bins: Int
  /// The key of SipHash; without one, FarmHash is used.
  let salt: [UInt64]?

  /// The bin of `bytes`.
  func bin(of bytes: UnsafeRawBufferPointer) -> Int64 {
    let hash =
      salt.map { SipHash64.hash(bytes, key: ($0[0], $0[1])) } ?? FarmHash64.fingerprint(bytes)
    return Int64(truncatingIfNeeded: hash % UInt64(bins))
  }

  /// The bin of `number` in decimals.
  func bin(of number: Int64) -> Int64 {
    var text = String(number)
    return text.withUTF8 { bin(of: UnsafeRawBufferPointer($0)) }
  }

  /// The key that `salt` gives: its two numbers, or one for both; nothing for another number.
  static func key(_ salt: OneOrMany<Int>) -> [UInt64]? {
    guard let first = salt.values.first, let last = salt.values.last, salt.values.count <= 2 else {
      return nil
    }
    return [UInt64(bitPattern: Int64(first)), UInt64(bitPattern: Int64(last))]
  }
}

/// The value that stands for no data: a string or an integer, as the inputs are.
public enum MaskValue: Sendable, Hashable, Codable, ExpressibleByStringLiteral,
  ExpressibleByIntegerLiteral
{
  case string(String)
  case integer(Int)

  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else {
      self = .string(try container.decode(String.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .string(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    }
  }
}

/// The bin of each element; with a mask, bin 0 is kept for what equals it.
struct HashBins: HostOperation {
  let hash: StringHash
  let mask: MaskValue?

  var name: String { "hash" }

  func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    TensorType(.int64, x[0].shape)
  }

  func rowCount(_ type: TensorType) -> Int { type.shape.count }

  func run(rows: Range<Int>, of x: [HostOperand], into result: UnsafeMutableRawPointer) {
    let out = result.assumingMemoryBound(to: Int64.self)
    let first: Int64 = mask == nil ? 0 : 1
    guard x[0].type.dtype == .string else {
      let masked: Int? = if case .integer(let value) = mask { value } else { nil }
      for row in rows {
        let isMasked = masked.map { x[0].number(row) == Double($0) } ?? false
        out[row] = isMasked ? 0 : hash.bin(of: x[0].integer(row)) + first
      }
      return
    }
    let strings = x[0].strings
    let masked: [UInt8]? = if case .string(let value) = mask { Array(value.utf8) } else { nil }
    for row in rows {
      let bytes = strings[row]
      out[row] = masked.map(bytes.elementsEqual) == true ? 0 : hash.bin(of: bytes) + first
    }
  }
}

/// The bin of the elements of all operands together.
struct CrossedBins: HostOperation {
  let bins: Int

  var name: String { "hash crossing" }

  func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    TensorType(.int64, x[0].shape)
  }

  func rowCount(_ type: TensorType) -> Int { type.shape.count }

  func run(rows: Range<Int>, of x: [HostOperand], into result: UnsafeMutableRawPointer) {
    let out = result.assumingMemoryBound(to: Int64.self)
    for row in rows {
      var hash: UInt64 = 0xdeca_fcaf_fe  // where TensorFlow begins
      for operand in x {
        let own =
          operand.type.dtype == .string
          ? FarmHash64.fingerprint(operand.strings[row])
          : UInt64(bitPattern: operand.integer(row))
        hash = FarmHash64.joined(hash, own)
      }
      out[row] = Int64(truncatingIfNeeded: hash % UInt64(bins))
    }
  }
}
