import FoundationEssentials
import NeuralNetworks
import TensorGraph

/// Arrays as NumPy saves them: `.npy` for one, `.npz` for several with names.
///
/// Elements may be float16, float32, float64, bool, or integers of any size in any byte order;
/// 16-bit integers become `int32`, unsigned ones of 32 and 64 bits `int64`.
public enum NumPy {
  /// The array in the `.npy` file at `path`.
  public static func array(path: String) throws(FormatError) -> Tensor {
    let data = try Files.contents(of: path)
    do throws(FormatError) {
      return try data.withBytes { bytes throws(FormatError) in try array(bytes, path: path) }
    } catch {
      throw error.naming(path)
    }
  }

  /// The array in the bytes of a `.npy` file.
  ///
  /// Throws when the bytes are not such a file, or more or fewer than the header says.
  public static func array(_ data: Data, file: String? = nil) throws(FormatError) -> Tensor {
    do throws(FormatError) {
      return try data.withBytes { bytes throws(FormatError) in try array(bytes) }
    } catch {
      throw error.naming(file)
    }
  }

  /// The bytes of a `.npy` file with `tensor`.
  ///
  /// Throws for `bfloat16`, which NumPy does not know.
  public static func data(_ tensor: Tensor) throws(FormatError) -> Data {
    guard let descr = descr(tensor.dtype) else {
      throw FormatError(
        "NumPy has no type for the elements", got: "\(tensor.type)",
        hint: tensor.dtype == .string ? nil : "cast to float32 first")
    }
    let sizes = tensor.shape.dims.map(String.init).joined(separator: ", ")
    let tuple = tensor.shape.rank == 1 ? "(\(sizes),)" : "(\(sizes))"
    var header = "{'descr': '\(descr)', 'fortran_order': False, 'shape': \(tuple), }"
    // The elements begin at a multiple of 64, so that they can be mapped.
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    guard let length = UInt16(exactly: header.utf8.count) else {
      throw FormatError("the array has too many axes", got: "\(tensor.shape.rank) axes")
    }
    var data = Data(capacity: 10 + header.utf8.count + tensor.type.byteCount)
    data += [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)]
    data += header.utf8
    tensor.withUnsafeBytes { bytes in
      guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
      data.append(base, count: bytes.count)
    }
    return data
  }

  /// The array in the bytes of a file, whose elements are read from `path` if they are there.
  private static func array(
    _ bytes: UnsafeRawBufferPointer, path: String? = nil
  ) throws(FormatError) -> Tensor {
    let header = try NumPyHeader(bytes)
    let size = header.type.byteCount
    let available = bytes.count - header.dataOffset
    guard let count = elementCount(header.dims, itemSize: size), count * size == available else {
      throw FormatError(
        "the file does not hold as many elements as its header says",
        got: "\(available) bytes for \(Shape(header.dims)) elements of \(size) bytes",
        at: .byte(header.dataOffset), hint: "the file may be incomplete: copy or save it again")
    }
    let elements = UnsafeRawBufferPointer(rebasing: bytes[header.dataOffset...])
    let isReversed = header.isFortranOrder && header.dims.count > 1 && count > 0
    return try header.type.tensor(Shape(header.dims)) { out throws(FormatError) in
      if isReversed {
        copyColumnMajor(elements, to: out, dims: header.dims, itemSize: size)
      } else if path.map({ Files.read($0, at: header.dataOffset, into: out) }) != true {
        out.copyMemory(from: elements)
      }
      if header.isBigEndian { swapByteOrder(out, itemSize: size) }
    }
  }

  /// Copies elements whose first axis runs fastest to where the last axis runs fastest.
  private static func copyColumnMajor(
    _ source: UnsafeRawBufferPointer, to out: UnsafeMutableRawBufferPointer, dims: [Int],
    itemSize: Int
  ) {
    guard let source = source.baseAddress, let out = out.baseAddress else { return }
    var strides: [Int] = []  // in the source
    var stride = itemSize
    for dim in dims {
      strides.append(stride)
      stride *= dim
    }
    var index = [Int](repeating: 0, count: dims.count)
    var offset = 0
    for position in 0..<stride / itemSize {
      (out + position * itemSize).copyMemory(from: source + offset, byteCount: itemSize)
      for axis in dims.indices.reversed() {
        index[axis] += 1
        offset += strides[axis]
        if index[axis] < dims[axis] { break }
        offset -= strides[axis] * dims[axis]
        index[axis] = 0
      }
    }
  }

  private static func descr(_ dtype: DType) -> String? {
    switch dtype {
    case .float16: "<f2"
    case .float32: "<f4"
    case .float64: "<f8"
    case .int8: "|i1"
    case .uint8: "|u1"
    case .int32: "<i4"
    case .int64: "<i8"
    case .bool: "|b1"
    case .bfloat16, .string: nil
    }
  }
}
