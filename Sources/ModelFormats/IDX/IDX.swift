import FoundationEssentials
import Glibc
import NeuralNetworks
import TensorGraph

/// Arrays in the format of MNIST's files, plain or compressed by gzip.
///
/// Four bytes name the type of the elements and the number of axes, then the size of every axis
/// follows in four bytes, then the elements in row-major order, all big-endian.
public enum IDX {
  /// The array in the file at `path`.
  public static func array(path: String) throws(FormatError) -> Tensor {
    try array(Files.contents(of: path), file: path)
  }

  /// The array in `data`; 16-bit integers become `int32`.
  ///
  /// Throws when `data` is not of that format, or has more or fewer bytes than its header says.
  public static func array(_ data: Data, file: String? = nil) throws(FormatError) -> Tensor {
    do throws(FormatError) {
      guard Gzip.isGzip(data) else {
        return try data.withBytes(array)
      }
      return try decompressed(data)
    } catch {
      throw error.naming(file)
    }
  }

  /// The array in compressed `data`. Its memory holds the file first and then, moved to the front,
  /// the elements alone: large sets of images are never there twice.
  private static func decompressed(_ data: Data) throws(FormatError) -> Tensor {
    let size = try Gzip.size(of: data)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(size, 64), alignment: 64)
    do throws(FormatError) {
      let bytes = UnsafeMutableRawBufferPointer(start: memory, count: size)
      try Gzip.decompress(data, into: bytes)
      let (stored, shape, start) = try header(UnsafeRawBufferPointer(bytes))
      guard case .same(let dtype) = stored else {
        defer { memory.deallocate() }
        return try array(UnsafeRawBufferPointer(bytes))
      }
      let type = TensorType(dtype, shape)
      memory.copyMemory(from: memory + start, byteCount: type.byteCount)
      swapByteOrder(
        UnsafeMutableRawBufferPointer(start: memory, count: type.byteCount),
        itemSize: stored.byteCount)
      return Tensor(type, adopting: memory)
    } catch {
      memory.deallocate()
      throw error
    }
  }

  private static func array(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> Tensor {
    let (type, shape, start) = try header(bytes)
    return try type.tensor(shape) { out throws(FormatError) in
      out.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start...]))
      swapByteOrder(out, itemSize: type.byteCount)
    }
  }

  /// The element type, the shape and where the elements begin, if `bytes` hold just them.
  private static func header(
    _ bytes: UnsafeRawBufferPointer
  ) throws(FormatError) -> (type: StoredType, shape: Shape, start: Int) {
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0, let type = types[bytes[2]] else {
      throw FormatError(
        "this is not an IDX file",
        got: bytes.prefix(4).map { String($0, radix: 16) }.joined(separator: " "), at: .byte(0))
    }
    let start = 4 + 4 * Int(bytes[3])
    guard bytes.count >= start else {
      throw FormatError("the file ends inside of the header", at: .byte(bytes.count))
    }
    let dims = (0..<Int(bytes[3])).map { axis in
      Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4 + 4 * axis, as: UInt32.self)))
    }
    let size = type.byteCount
    guard let count = elementCount(dims, itemSize: size), count * size == bytes.count - start else {
      throw FormatError(
        "the file does not hold as many elements as its header says",
        got: "\(bytes.count - start) bytes for \(Shape(dims)) elements of \(size) bytes",
        at: .byte(start), hint: "the file may be incomplete: copy it again")
    }
    return (type, Shape(dims), start)
  }

  /// The types by the third byte of the file.
  private static let types: [UInt8: StoredType] = [
    0x08: .same(.uint8), 0x09: .same(.int8), 0x0b: .int16, 0x0c: .same(.int32),
    0x0d: .same(.float32), 0x0e: .same(.float64),
  ]
}
