import CZip
import FoundationEssentials
import Glibc
import NeuralNetworks

/// Makes a ZIP archive of stored entries: the same bytes for the same entries at any time.
public final class ZipWriter {
  private var archive: OpaquePointer?
  /// Where the finished archive is; ours as long as this object lives.
  private let source: OpaquePointer

  /// Creates an archive without entries.
  public init() throws(FormatError) {
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let source = zip_source_buffer_create(nil, 0, 0, &error) else {
      throw FormatError("a ZIP archive cannot be made", got: Self.text(&error))
    }
    zip_source_keep(source)
    self.source = source
    archive = zip_open_from_source(source, ZIP_TRUNCATE, &error)
    guard archive != nil else {
      zip_source_free(source)
      throw FormatError("a ZIP archive cannot be made", got: Self.text(&error))
    }
  }

  deinit {
    if let archive { zip_discard(archive) }
    zip_source_free(source)
  }

  /// Adds the entry `name` with a copy of `bytes`.
  ///
  /// Throws when there is an entry of that name already, or the archive is finished.
  public func add(_ name: String, _ bytes: Data) throws(FormatError) {
    guard let archive else { throw FormatError("the archive is finished", at: .part(name)) }
    guard let memory = malloc(max(bytes.count, 1)) else {
      throw FormatError("an entry of the archive does not fit into memory", at: .part(name))
    }
    bytes.copyBytes(to: UnsafeMutableRawBufferPointer(start: memory, count: bytes.count))
    guard let entry = zip_source_buffer(archive, memory, UInt64(bytes.count), 1) else {
      free(memory)
      throw failure(archive, name)
    }
    let index = zip_file_add(archive, name, entry, UInt32(ZIP_FL_ENC_UTF_8))
    guard index >= 0 else {
      zip_source_free(entry)
      throw failure(archive, name)
    }
    // The earliest date of the format, so that the bytes do not depend on the time.
    guard zip_set_file_compression(archive, UInt64(index), ZIP_CM_STORE, 0) == 0,
      zip_file_set_dostime(archive, UInt64(index), 0, 0x21, 0) == 0
    else { throw failure(archive, name) }
  }

  /// The bytes of the archive. Nothing can be added after that.
  public func finish() throws(FormatError) -> Data {
    if let archive {
      guard zip_close(archive) == 0 else { throw failure(archive, nil) }
      self.archive = nil
    }
    var status = zip_stat_t()
    guard zip_source_open(source) == 0 else { throw failure(source) }
    defer { zip_source_close(source) }
    guard zip_source_stat(source, &status) == 0, let memory = malloc(max(Int(status.size), 1))
    else {
      throw failure(source)
    }
    guard zip_source_read(source, memory, status.size) == Int64(status.size) else {
      free(memory)
      throw failure(source)
    }
    return Data(bytesNoCopy: memory, count: Int(status.size), deallocator: .free)
  }

  private func failure(_ archive: OpaquePointer, _ name: String?) -> FormatError {
    FormatError(
      "the ZIP archive cannot be written", got: String(cString: zip_strerror(archive)),
      at: name.map { .part($0) })
  }

  private func failure(_ source: OpaquePointer) -> FormatError {
    FormatError("the ZIP archive cannot be written", got: Self.text(zip_source_error(source)))
  }

  private static func text(_ error: UnsafeMutablePointer<zip_error_t>?) -> String? {
    error.map { String(cString: zip_error_strerror($0)) }
  }
}
