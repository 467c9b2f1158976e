import NeuralNetworks
import TensorGraph

/// A type of elements as files hold them: those of tensors, and integers that are widened.
enum StoredType {
  case same(DType)
  case int16, uint16, uint32, uint64

  /// The size of an element in the file, in bytes.
  var byteCount: Int {
    switch self {
    case .same(let dtype): dtype.byteCount
    case .int16, .uint16: 2
    case .uint32: 4
    case .uint64: 8
    }
  }

  /// The type of the tensor that elements are read into.
  var dtype: DType {
    switch self {
    case .same(let dtype): dtype
    case .int16, .uint16: .int32
    case .uint32, .uint64: .int64
    }
  }

  /// A tensor of `shape` from as many little-endian elements, which `fill` writes.
  ///
  /// Throws when an element is beyond what `int64` can hold.
  func tensor(
    _ shape: Shape, _ fill: (UnsafeMutableRawBufferPointer) throws(FormatError) -> Void
  ) throws(FormatError) -> Tensor {
    func widened<Stored: FixedWidthInteger, Wide: FixedWidthInteger>(
      _: Stored.Type, _: Wide.Type
    ) throws(FormatError) -> Tensor {
      let count = shape.count
      let stored = UnsafeMutableBufferPointer<Stored>.allocate(capacity: count)
      defer { stored.deallocate() }
      try fill(UnsafeMutableRawBufferPointer(stored))
      return try Tensor(TensorType(dtype, shape)) { bytes throws(FormatError) in
        let out = bytes.bindMemory(to: Wide.self)
        for index in 0..<count {
          guard let wide = Wide(exactly: Stored(littleEndian: stored[index])) else {
            throw FormatError("a number is too large for int64", got: "\(stored[index])")
          }
          out[index] = wide
        }
      }
    }
    switch self {
    case .int16: return try widened(Int16.self, Int32.self)
    case .uint16: return try widened(UInt16.self, Int32.self)
    case .uint32: return try widened(UInt32.self, Int64.self)
    case .uint64: return try widened(UInt64.self, Int64.self)
    case .same(let dtype):
      return try Tensor(TensorType(dtype, shape)) { bytes throws(FormatError) in
        try fill(bytes)
        // A Bool of any other byte than 0 and 1 would not be a Swift value.
        guard dtype == .bool else { return }
        for index in bytes.indices where bytes[index] > 1 { bytes[index] = 1 }
      }
    }
  }
}
