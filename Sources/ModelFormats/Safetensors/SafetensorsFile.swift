import FoundationEssentials
import NeuralNetworks
import OrderedCollections
import TensorGraph

/// Tensors by name in a safetensors file: the size of a header, the header in JSON, and the bytes.
///
///     let file = try SafetensorsFile(path: "model.safetensors")
///     let kernel = try file.tensor("dense.kernel")
///
/// The file is mapped: a tensor is read when it is asked for. Reference:
/// [the format](https://huggingface.co/docs/safetensors/index).
public struct SafetensorsFile: Sendable {
  /// Texts by name that belong to the whole file.
  public let metadata: [String: String]
  /// The names of the tensors, in the order of their bytes.
  public var names: [String] { entries.keys.elements }

  private let entries: OrderedDictionary<String, SafetensorsHeader.Entry>
  private let bytes: Data
  private let file: String?

  /// Reads the header of the file at `path`.
  ///
  /// Throws when there is no such file, or it is damaged.
  public init(path: String) throws(FormatError) {
    try self.init(Files.contents(of: path), file: path)
  }

  /// Reads the header of `data`, the bytes of a file, which messages call `file`.
  ///
  /// Throws when it is damaged: every byte of it must belong to the header or to one tensor.
  public init(_ data: Data, file: String? = nil) throws(FormatError) {
    do throws(FormatError) {
      guard data.count >= 8 else {
        throw FormatError("this is not a safetensors file", got: "\(data.count) bytes")
      }
      let size = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard size <= SafetensorsHeader.sizeLimit, Int(size) <= data.count - 8 else {
        throw FormatError(
          "this is not a safetensors file, or it is cut off",
          got: "a header of \(size) bytes in a file of \(data.count)")
      }
      bytes = data.dropFirst(8 + Int(size))
      let header = try SafetensorsHeader(
        Data(data.dropFirst(8).prefix(Int(size))), byteCount: bytes.count)
      metadata = header.metadata
      entries = OrderedDictionary(
        header.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      self.file = file
    } catch {
      throw error.naming(file)
    }
  }

  /// The type of the tensor called `name`, as it is read: `I16` and `U16` become `int32`, `U32` and
  /// `U64` become `int64`. Nothing when there is no such tensor.
  public func type(of name: String) -> TensorType? {
    entries[name].map { TensorType($0.type.dtype, $0.shape) }
  }

  /// The tensor called `name`.
  ///
  /// Throws when there is no such tensor, or a number in it is too large for `int64`.
  public func tensor(_ name: String) throws(FormatError) -> Tensor {
    guard let entry = entries[name] else {
      throw FormatError(
        "there is no tensor \(name)", file: file, hint: spellingHint(name, in: names))
    }
    do throws(FormatError) {
      return try entry.type.tensor(entry.shape) { target in
        let start = bytes.startIndex + entry.range.lowerBound
        bytes[start..<start + entry.range.count].withUnsafeBytes { target.copyMemory(from: $0) }
      }
    } catch {
      var error = error.naming(file)
      error.position = error.position ?? .part(name)
      throw error
    }
  }

  /// All tensors by name, in the order of their bytes.
  ///
  /// Throws when a number is too large for `int64`.
  public func tensors() throws(FormatError) -> OrderedDictionary<String, Tensor> {
    var tensors: OrderedDictionary<String, Tensor> = [:]
    for name in names { tensors[name] = try tensor(name) }
    return tensors
  }

  /// The bytes of a file of `tensors`, with texts that belong to the whole file.
  ///
  /// Tensors of wide elements come first, and the header ends at a multiple of 8: so every tensor
  /// is aligned where the file is mapped.
  ///
  /// Throws when a tensor has strings, or has the name `__metadata__`.
  public static func data(
    _ tensors: OrderedDictionary<String, Tensor>, metadata: [String: String] = [:]
  ) throws(FormatError) -> Data {
    var header: [String: JSONValue] = [:]
    if !metadata.isEmpty { header["__metadata__"] = .object(metadata.mapValues { .string($0) }) }
    var offset = 0
    let ordered = [8, 4, 2, 1].flatMap { size in
      tensors.filter { $0.value.dtype.byteCount == size }
    }
    for (name, tensor) in ordered {
      guard let dtype = tensor.dtype.safetensorsName, header[name] == nil, name != "__metadata__"
      else {
        throw FormatError(
          "safetensors files hold numbers under names of their own", got: "\(name) \(tensor.type)")
      }
      header[name] = [
        "dtype": .string(dtype), "shape": .array(tensor.shape.dims.map { .int($0) }),
        "data_offsets": [.int(offset), .int(offset + tensor.byteCount)],
      ]
      offset += tensor.byteCount
    }
    var text: Data
    do {
      text = try JSONValue.object(header).serialized()
    } catch {
      throw FormatError(error)
    }
    text.append(Data(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    guard text.count <= SafetensorsHeader.sizeLimit else {
      throw FormatError("there are too many tensors for a file", got: "\(tensors.count)")
    }
    var data = Data(capacity: 8 + text.count + offset)
    withUnsafeBytes(of: UInt64(text.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(text)
    for (_, tensor) in ordered { tensor.withUnsafeBytes { data.append(contentsOf: $0) } }
    return data
  }

  /// Writes `tensors` to the file at `path`, which is there as a whole or as it was before.
  ///
  /// Throws when a tensor has strings, or the file cannot be written.
  public static func write(
    _ tensors: OrderedDictionary<String, Tensor>, metadata: [String: String] = [:],
    to path: String
  ) throws(FormatError) {
    try Files.write(data(tensors, metadata: metadata), to: path)
  }
}
