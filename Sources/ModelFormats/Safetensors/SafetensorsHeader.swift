import FoundationEssentials
import NeuralNetworks
import TensorGraph

/// The header of a safetensors file: what its tensors are and where, in JSON.
struct SafetensorsHeader {
  /// One tensor.
  struct Entry {
    let name: String
    let type: StoredType
    let shape: Shape
    /// Where its bytes are, after the header.
    let range: Range<Int>
  }

  var metadata: [String: String] = [:]
  /// The tensors in the order of their bytes.
  var entries: [Entry] = []

  /// The largest header that readers take, in bytes.
  static let sizeLimit = 100_000_000
  private static let metadataKey = "__metadata__"

  /// Reads the header in `text`; the tensors must fill `byteCount` bytes, without holes.
  init(_ text: Data, byteCount: Int) throws(FormatError) {
    guard text.first == UInt8(ascii: "{") else {
      throw FormatError(
        "this is not a safetensors file", got: "a header that does not begin with {",
        at: .byte(8))
    }
    let members: [String: Member]
    do {
      members = try JSONDecoder().decode([String: Member].self, from: text)
    } catch {
      throw FormatError(
        "the header of a safetensors file is no JSON of the form it has to have", at: .byte(8))
    }
    // A decoder keeps one of two members with the same name.
    guard Self.memberCount(text) == members.values.reduce(members.count, { $0 + $1.count }) else {
      throw FormatError("a name is there twice in the header", at: .byte(8))
    }
    for (name, member) in members {
      switch member {
      case .metadata(let texts):
        guard name == Self.metadataKey else {
          throw FormatError("a tensor has no type", at: .part(name))
        }
        metadata = texts
      case .tensor(let dtype, let dims, let offsets):
        entries.append(try Self.entry(name, dtype, dims, offsets))
      }
    }
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var end = 0
    for entry in entries {
      guard entry.range.lowerBound == end else {
        throw FormatError(
          "tensors have to lie one after another",
          got: "\(entry.name) begins at \(entry.range.lowerBound), not at \(end)",
          at: .part(entry.name))
      }
      end = entry.range.upperBound
    }
    guard end == byteCount else {
      throw FormatError(
        end > byteCount ? "the file is cut off" : "there are bytes that belong to no tensor",
        got: "\(byteCount) bytes instead of \(end)", hint: "get the file again")
    }
  }

  private static func entry(
    _ name: String, _ dtype: String, _ dims: [Int], _ offsets: [Int]
  ) throws(FormatError) -> Entry {
    guard name != metadataKey else {
      throw FormatError("metadata are texts", at: .part(metadataKey))
    }
    guard let type = StoredType(safetensors: dtype) else {
      throw FormatError(
        "tensors of this type cannot be read", got: dtype, at: .part(name),
        hint: "F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8 and BOOL can")
    }
    guard let count = elementCount(dims, itemSize: type.byteCount), dims.count <= 64 else {
      throw FormatError("a tensor is larger than memory can hold", got: "\(dims)", at: .part(name))
    }
    guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1],
      offsets[1] - offsets[0] == count * type.byteCount
    else {
      throw FormatError(
        "\(dtype) \(dims) takes \(count * type.byteCount) bytes", got: "offsets \(offsets)",
        at: .part(name))
    }
    return Entry(name: name, type: type, shape: Shape(dims), range: offsets[0]..<offsets[1])
  }

  /// The number of members of all objects in `text`, which is JSON: that of colons outside texts.
  private static func memberCount(_ text: Data) -> Int {
    var count = 0, isText = false, isEscaped = false
    for byte in text {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isText.toggle()
      } else if byte == UInt8(ascii: ":"), !isText {
        count += 1
      }
    }
    return count
  }
}

/// A member of the header: a tensor, or the metadata.
private enum Member: Decodable {
  case metadata([String: String])
  case tensor(dtype: String, shape: [Int], offsets: [Int])

  enum CodingKeys: String, CodingKey, CaseIterable {
    case dtype, shape
    case offsets = "data_offsets"
  }

  /// The number of members of this one.
  var count: Int {
    switch self {
    case .metadata(let texts): texts.count
    case .tensor: CodingKeys.allCases.count
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let shape = try? container.decode([Int].self, forKey: .shape) else {
      self = .metadata(try decoder.singleValueContainer().decode([String: String].self))
      return
    }
    self = .tensor(
      dtype: try container.decode(String.self, forKey: .dtype), shape: shape,
      offsets: try container.decode([Int].self, forKey: .offsets))
  }
}

extension StoredType {
  /// The type that safetensors files call `name`.
  init?(safetensors name: String) {
    switch name {
    case "I16": self = .int16
    case "U16": self = .uint16
    case "U32": self = .uint32
    case "U64": self = .uint64
    default:
      guard let dtype = DType.allCases.first(where: { $0.safetensorsName == name }) else {
        return nil
      }
      self = .same(dtype)
    }
  }
}

extension DType {
  /// What safetensors files call the type; they have no texts.
  var safetensorsName: String? {
    switch self {
    case .float64: "F64"
    case .float32: "F32"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .int64: "I64"
    case .int32: "I32"
    case .int8: "I8"
    case .uint8: "U8"
    case .bool: "BOOL"
    case .string: nil
    }
  }
}
