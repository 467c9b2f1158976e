import CDeflate
import FoundationEssentials
import Glibc
import NeuralNetworks

/// Files that gzip compressed.
public enum Gzip {
  /// Whether `data` begins as gzip's files do.
  public static func isGzip(_ data: Data) -> Bool { data.starts(with: [0x1f, 0x8b]) }

  /// What was compressed to `data`, checked against its checksum.
  public static func decompress(_ data: Data) throws(FormatError) -> Data {
    let size = try size(of: data)
    guard let memory = malloc(max(size, 1)) else {
      throw FormatError("the file does not fit into memory", got: "\(size) bytes")
    }
    do throws(FormatError) {
      try decompress(data, into: UnsafeMutableRawBufferPointer(start: memory, count: size))
    } catch {
      free(memory)
      throw error
    }
    return Data(bytesNoCopy: memory, count: size, deallocator: .free)
  }

  /// The size that the end of `data` declares, if `data` could hold as much.
  static func size(of data: Data) throws(FormatError) -> Int {
    guard data.count >= 18 else {
      throw FormatError("the gzip file is not complete", got: "\(data.count) bytes")
    }
    let size = data.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard Expansion.isBelievable(size, of: data.count) else {
      throw FormatError(
        "the gzip file declares more bytes than it can hold", got: "\(size) from \(data.count)",
        hint: "the file may be incomplete: copy it again")
    }
    return size
  }

  /// Decompresses `data` to `out`, which it must fill.
  static func decompress(
    _ data: Data, into out: UnsafeMutableRawBufferPointer
  ) throws(FormatError) {
    guard let decompressor = libdeflate_alloc_decompressor() else {
      throw FormatError("there is no memory to decompress with")
    }
    defer { libdeflate_free_decompressor(decompressor) }
    let result = data.withUnsafeBytes {
      libdeflate_gzip_decompress(
        decompressor, $0.baseAddress, $0.count, out.baseAddress, out.count, nil)
    }
    // Without a place for the actual size, the size must be exactly that of `out`.
    guard result == LIBDEFLATE_SUCCESS else {
      throw FormatError(
        "the gzip file is damaged", got: "\(data.count) bytes",
        hint: "copy it again; files of several members are not read")
    }
  }
}
