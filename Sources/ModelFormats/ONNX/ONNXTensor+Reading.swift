import FoundationEssentials
import NeuralNetworks
import TensorGraph

extension ONNXTensor {
  /// The tensor that `proto` describes, `name` in messages.
  ///
  /// Throws when its numbers are in another file, or are not as many as its shape says.
  package init(_ proto: ONNXTensorProto) throws(FormatError) {
    func failure(_ message: String, got: String? = nil, hint: String? = nil) -> FormatError {
      FormatError(message, got: got, at: proto.name.isEmpty ? nil : .part(proto.name), hint: hint)
    }
    guard let type = ONNXType(rawValue: proto.dataType), let dtype = type.dtype else {
      throw failure(
        "the element type of a tensor is none that Strata has",
        got: ONNXType(rawValue: proto.dataType).map { "\($0)" } ?? "number \(proto.dataType)")
    }
    guard proto.dataLocation == 0, proto.externalData.isEmpty else {
      throw failure(
        "the numbers of a tensor are in another file, which is not followed",
        got: proto.externalData.first { $0.key == "location" }?.value,
        hint: "save the model as one file: onnx.save(onnx.load(path), one_path)")
    }
    let dims = proto.dims.map { Int($0) }
    guard let count = elementCount(dims, itemSize: max(dtype.byteCount, 1)) else {
      throw failure("a tensor has an impossible shape", got: "\(dims)")
    }
    func check(_ have: Int, _ need: Int, _ unit: String) throws(FormatError) {
      guard have == need else {
        throw failure(
          "a tensor has other data than its shape \(dims) of \(type) needs",
          got: "\(have) \(unit) instead of \(need)")
      }
    }
    let shape = Shape(dims)
    if type == .string {
      try check(proto.stringData.count, count, "strings")
      self.init(Tensor(shape, proto.stringData.map { String(decoding: $0, as: UTF8.self) }))
      return
    }
    let bits = type.bitCount ?? 8
    var bytes = proto.rawData
    if bytes.isEmpty {
      bytes = try Self.rawData(proto, type, count, failure)
    } else {
      try check(bytes.count, (count * bits + 7) / 8, "bytes")
    }
    self.init(try Self.tensor(type, shape, bytes), type: type)
  }

  /// The bytes of the elements of `proto`, which has them in a list of numbers.
  private static func rawData(
    _ proto: ONNXTensorProto, _ type: ONNXType, _ count: Int,
    _ failure: (String, String?, String?) -> FormatError
  ) throws(FormatError) -> Data {
    func packed<T, Stored>(
      _ list: [T], _ perItem: Int = 1, _ convert: (T) -> Stored
    )
      throws(FormatError) -> Data
    {
      guard list.count == (count + perItem - 1) / perItem else {
        throw failure(
          "a tensor has other data than its shape needs", "\(list.count) numbers", nil)
      }
      var data = Data(capacity: list.count * MemoryLayout<Stored>.size)
      for item in list { withUnsafeBytes(of: convert(item)) { data.append(contentsOf: $0) } }
      return data
    }
    switch type {
    case .float32: return try packed(proto.floatData) { $0 }
    case .float64: return try packed(proto.doubleData) { $0 }
    case .int64: return try packed(proto.int64Data) { $0 }
    case .uint64: return try packed(proto.uint64Data) { $0 }
    case .uint32: return try packed(proto.uint64Data) { UInt32(truncatingIfNeeded: $0) }
    case .int32: return try packed(proto.int32Data) { $0 }
    case .int16, .uint16, .float16, .bfloat16:
      return try packed(proto.int32Data) { UInt16(truncatingIfNeeded: $0) }
    default:
      let perItem = 8 / max(type.bitCount ?? 8, 1)
      return try packed(proto.int32Data, max(perItem, 1)) { UInt8(truncatingIfNeeded: $0) }
    }
  }

  /// A tensor of `shape` from the little-endian bytes of its elements.
  static func tensor(
    _ type: ONNXType, _ shape: Shape, _ bytes: Data
  ) throws(FormatError) -> Tensor {
    func stored(_ type: StoredType) throws(FormatError) -> Tensor {
      try type.tensor(shape) { target in bytes.withUnsafeBytes { target.copyMemory(from: $0) } }
    }
    switch type {
    case .int16: return try stored(.int16)
    case .uint16: return try stored(.uint16)
    case .uint32: return try stored(.uint32)
    case .uint64:  // numbers beyond those of int64 keep their bits
      return Tensor(TensorType(.int64, shape)) { target in
        bytes.withUnsafeBytes { target.copyMemory(from: $0) }
      }
    case .uint4, .int4, .uint2, .int2, .float4e2m1:
      return unpacked(type, shape, bytes)
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0:
      let numbers = bytes.map { NarrowFloat(type).number(of: Int($0)) }
      return Tensor(shape, numbers)
    default: return try stored(.same(type.dtype ?? .float32))
    }
  }

  /// A tensor of elements of less than a byte, the first of a byte in its low bits.
  private static func unpacked(_ type: ONNXType, _ shape: Shape, _ bytes: Data) -> Tensor {
    let bits = type.bitCount ?? 4, perByte = 8 / bits
    let codes = (0..<shape.count).map { index in
      let byte = Int(bytes[bytes.startIndex + index / perByte])
      return byte >> (index % perByte * bits) & (1 << bits - 1)
    }
    switch type {
    case .float4e2m1: return Tensor(shape, codes.map { NarrowFloat(type).number(of: $0) })
    case .uint4, .uint2: return Tensor(shape, codes.map { UInt8($0) })
    default:
      return Tensor(shape, codes.map { Int8($0 >= 1 << (bits - 1) ? $0 - 1 << bits : $0) })
    }
  }
}
