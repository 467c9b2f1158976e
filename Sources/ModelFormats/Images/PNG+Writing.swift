import CDeflate
import FoundationEssentials
import NeuralNetworks
import TensorGraph

extension PNG {
  /// The bytes of a PNG file with the picture `image`: `uint8[height, width, channels]`.
  ///
  /// One channel is gray, two are gray and alpha, three red, green and blue, four these and alpha;
  /// a gray picture may do without the last axis.
  ///
  /// - Throws: when the tensor is none of these.
  public static func data(_ image: Tensor) throws(FormatError) -> Data {
    let shape = image.shape.rank == 2 ? Shape(image.shape.dims + [1]) : image.shape
    guard image.dtype == .uint8, shape.rank == 3, (1...4).contains(shape[2]),
      (1..<1 << 31).contains(shape[0]), (1..<1 << 31).contains(shape[1])
    else {
      throw FormatError(
        "a picture needs the type uint8[height, width, 1 to 4 channels]", got: "\(image.type)")
    }
    var data = Data([0x89] + Array("PNG\r\n".utf8) + [0x1a, 0x0a])
    let colorTypes: [UInt8] = [0, 4, 2, 6]
    append(
      "IHDR",
      Data(bigEndian(shape[1]) + bigEndian(shape[0]) + [8, colorTypes[shape[2] - 1], 0, 0, 0]),
      to: &data)
    append("IDAT", try compressed(filtered(image, shape)), to: &data)
    append("IEND", Data(), to: &data)
    return data
  }

  /// The rows, each after the number of its filter: the difference from the pixel before.
  private static func filtered(_ image: Tensor, _ shape: Shape) -> [UInt8] {
    let channels = shape[2], rowBytes = shape[1] * channels
    return image.withUnsafeBytes { bytes in
      [UInt8](unsafeUninitializedCapacity: shape[0] * (rowBytes + 1)) { out, count in
        for row in 0..<shape[0] {
          let source = row * rowBytes, target = row * (rowBytes + 1)
          out[target] = 1
          for index in 0..<rowBytes {
            let before = index < channels ? 0 : bytes[source + index - channels]
            out[target + 1 + index] = bytes[source + index] &- before
          }
        }
        count = shape[0] * (rowBytes + 1)
      }
    }
  }

  private static func compressed(_ bytes: [UInt8]) throws(FormatError) -> Data {
    guard let compressor = libdeflate_alloc_compressor(6) else {
      throw FormatError("there is no memory to compress with")
    }
    defer { libdeflate_free_compressor(compressor) }
    var data = Data(count: libdeflate_zlib_compress_bound(compressor, bytes.count))
    let count = data.withUnsafeMutableBytes {
      libdeflate_zlib_compress(compressor, bytes, bytes.count, $0.baseAddress, $0.count)
    }
    return data.prefix(count)
  }

  private static func append(_ name: String, _ content: Data, to data: inout Data) {
    let body = Data(name.utf8) + content
    let checksum = body.withUnsafeBytes { libdeflate_crc32(0, $0.baseAddress, $0.count) }
    data += bigEndian(content.count) + body + bigEndian(Int(checksum))
  }

  private static func bigEndian(_ number: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: number).bigEndian, Array.init)
  }
}
