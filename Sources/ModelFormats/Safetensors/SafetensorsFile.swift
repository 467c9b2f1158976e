import FoundationEssentials
import NeuralNetworks
import OrderedCollections
import TensorGraph

/// Tensors by name in a safetensors file: the size of a header, the header in JSON, and the bytes.
///
///     let file = try SafetensorsFile(path: "model.safetensors")
///     let kernel = try file.tensor("dense.kernel")
///
/// A large file is mapped: its tensors view it and are read from the disk where they are looked at;
/// who writes to one gets a copy. So the file must not be written to as long as they are in use;
/// replacing it by another is safe. Reference:
/// [the format](https://huggingface.co/docs/safetensors/index).
public struct SafetensorsFile: Sendable {
  /// Texts by name that belong to the whole file.
  public let metadata: [String: String]
  /// The names of the tensors, in the order of their bytes.
  public var names: [String] { entries.keys.elements }

  private let entries: OrderedDictionary<String, SafetensorsHeader.Entry>
  private let bytes: Bytes
  private let file: String?

  /// The bytes after the header, which tensors may be views of.
  private final class Bytes: Sendable {
    let data: Data
    init(_ data: Data) { self.data = data }
  }

  /// Whether `data` begins as safetensors files do: the size of a header, and a brace.
  public static func isSafetensors(_ data: Data) -> Bool {
    guard data.count > 8, data[data.startIndex + 8] == UInt8(ascii: "{") else { return false }
    return headerSize(data) <= SafetensorsHeader.sizeLimit
  }

  private static func headerSize(_ data: Data) -> UInt64 {
    data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
  }

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
      let size = Self.headerSize(data)
      guard size <= SafetensorsHeader.sizeLimit, Int(size) <= data.count - 8 else {
        throw FormatError(
          "this is not a safetensors file, or it is cut off",
          got: "a header of \(size) bytes in a file of \(data.count)")
      }
      let rest = data.dropFirst(8 + Int(size))
      bytes = Bytes(rest)
      let header = try SafetensorsHeader(
        Data(data.dropFirst(8).prefix(Int(size))), byteCount: rest.count)
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
    if let view = view(of: entry) { return view }
    do throws(FormatError) {
      return try entry.type.tensor(entry.shape) { target in
        bytes.data.withUnsafeBytes {
          target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[entry.range]))
        }
      }
    } catch {
      var error = error.naming(file)
      error.position = error.position ?? .part(name)
      throw error
    }
  }

  /// The tensor in place, where its elements are as they are in memory, and enough to be worth it.
  private func view(of entry: SafetensorsHeader.Entry) -> Tensor? {
    // A Bool has to be looked at: any other byte than 0 and 1 would not be a Swift value.
    guard case .same(let dtype) = entry.type, dtype != .bool, entry.range.count >= 1 << 16 else {
      return nil
    }
    return bytes.data.withUnsafeBytes { all in
      guard let start = all.baseAddress.map({ $0 + entry.range.lowerBound }),
        Int(bitPattern: start) % dtype.byteCount == 0
      else { return nil }
      // The bytes are never written to, so they stay where they are as long as they live.
      return Tensor(TensorType(dtype, entry.shape), viewing: start, of: bytes)
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
