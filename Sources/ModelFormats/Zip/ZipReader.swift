import CZip
import FoundationEssentials
import Glibc
import NeuralNetworks

/// The entries of a ZIP archive in memory, stored or deflated.
public final class ZipReader {
  /// The names of the entries, in the order of the archive; no folders.
  public let names: [String]

  private let archive: OpaquePointer
  /// Keeps the memory that the archive reads from.
  private let data: Data
  private let file: String?
  private let entries: [String: Entry]
  private let stored: StoredEntries?

  private struct Entry {
    let index: UInt64
    let size: Int
    let compressedSize: Int
  }

  /// Reads the list of entries of the archive in `data`; `file` is its name for messages.
  ///
  /// Throws when `data` is not a ZIP archive, an entry is encrypted or of an unknown compression,
  /// or entries declare more bytes than the archive can hold.
  public init(_ data: Data, file: String? = nil) throws(FormatError) {
    // Shorter data could not be an archive, and might not have an address of its own.
    guard data.count >= 22 else {
      throw FormatError("this is not a ZIP archive", got: "\(data.count) bytes", file: file)
    }
    self.data = data
    self.file = file
    // `data` is never written to and lives as long as this object, so its bytes stay in place.
    let base = self.data.withUnsafeBytes { $0.baseAddress }
    archive = try openArchive(base, count: data.count, flags: ZIP_RDONLY, file: file)
    var entries: [String: Entry] = [:]
    var names: [String] = []
    var total = (stored: 0, expanded: 0)
    do throws(FormatError) {
      for index in 0..<UInt64(max(zip_get_num_entries(archive, 0), 0)) {
        let (name, entry) = try Self.entry(index, of: archive)
        if name.hasSuffix("/") { continue }
        guard entries.updateValue(entry, forKey: name) == nil else {
          throw FormatError("two entries of the archive have the same name", at: .part(name))
        }
        names.append(name)
        // Entries that share bytes are how small archives pretend to be huge.
        guard entry.compressedSize <= data.count - total.stored else {
          throw FormatError(
            "the entries of the archive are larger than the archive",
            got: "\(data.count) bytes", at: .part(name))
        }
        total.stored += entry.compressedSize
        total.expanded += entry.size  // at most 1032 times that
        guard Expansion.isBelievable(total.expanded, of: data.count) else {
          throw FormatError(
            "the entries of the archive declare more bytes than it can hold",
            got: "\(total.expanded) bytes from \(data.count)", at: .part(name))
        }
      }
    } catch {
      zip_discard(archive)
      throw error.naming(file)
    }
    self.names = names
    self.entries = entries
    stored = StoredEntries(data)
  }

  deinit { zip_discard(archive) }

  /// The bytes of the entry `name`, a text, of which compression makes less than of numbers: what
  /// is read of it takes many times its size.
  func text(of name: String) throws(FormatError) -> Data {
    if let entry = entries[name], entry.size > 1 << 24, entry.size / 32 > entry.compressedSize {
      throw FormatError(
        "the text is larger than one can be", got: "\(entry.size) bytes", file: file,
        at: .part(name))
    }
    return try bytes(of: name)
  }

  /// The bytes of the entry `name`, checked against their checksum: in place, if they are stored as
  /// they are, so that their indices may begin anywhere.
  func slice(of name: String) throws(FormatError) -> Data {
    if let entry = entries[name], entry.size == entry.compressedSize, entry.size >= 1 << 16,
      let bytes = stored?.bytes(at: Int(entry.index), size: entry.size, in: data)
    {
      return bytes
    }
    return try bytes(of: name)
  }

  /// The bytes of the entry `name`, checked against their checksum.
  public func bytes(of name: String) throws(FormatError) -> Data {
    guard let entry = entries[name] else {
      throw FormatError(
        "the archive has no entry \(name)", got: names.prefix(8).joined(separator: ", "),
        file: file)
    }
    guard let stream = zip_fopen_index(archive, entry.index, 0) else {
      throw failure(zip_get_error(archive), name)
    }
    defer { zip_fclose(stream) }
    guard entry.size > 0 else { return try checkEnd(stream, name) ?? Data() }
    guard let memory = malloc(entry.size) else {
      throw FormatError(
        "an entry of the archive does not fit into memory", got: "\(entry.size) bytes", file: file,
        at: .part(name))
    }
    var count = 0
    while count < entry.size {
      let read = zip_fread(stream, memory + count, UInt64(entry.size - count))
      guard read > 0 else {
        free(memory)
        throw failure(zip_file_get_error(stream), name)
      }
      count += Int(read)
    }
    let bytes = Data(bytesNoCopy: memory, count: count, deallocator: .free)
    return try checkEnd(stream, name) ?? bytes
  }

  /// Reads on where nothing should be left, which makes the library compare checksums.
  private func checkEnd(_ stream: OpaquePointer, _ name: String) throws(FormatError) -> Data? {
    var byte: UInt8 = 0
    switch zip_fread(stream, &byte, 1) {
    case 0: return nil
    case 1:
      throw FormatError(
        "an entry of the archive is longer than declared", file: file, at: .part(name))
    default: throw failure(zip_file_get_error(stream), name)
    }
  }

  private func failure(_ error: UnsafeMutablePointer<zip_error_t>?, _ name: String) -> FormatError {
    FormatError(
      "an entry of the archive cannot be read",
      got: error.map { String(cString: zip_error_strerror($0)) },
      file: file, at: .part(name), hint: "the file may be damaged: copy or save it again")
  }

  /// The name and the sizes of an entry, after a check that they are believable.
  private static func entry(
    _ index: UInt64, of archive: OpaquePointer
  ) throws(FormatError) -> (String, Entry) {
    var status = zip_stat_t()
    guard zip_stat_index(archive, index, 0, &status) == 0, let name = status.name,
      let size = Int(exactly: status.size), let compressed = Int(exactly: status.comp_size)
    else { throw FormatError("the list of entries of the archive is damaged") }
    let path = String(cString: name)
    guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
      throw FormatError("an entry of the archive leads out of it", at: .part(path))
    }
    guard status.encryption_method == ZIP_EM_NONE else {
      throw FormatError("an entry of the archive is encrypted", at: .part(path))
    }
    switch Int32(status.comp_method) {
    case ZIP_CM_STORE where size == compressed: break
    case ZIP_CM_DEFLATE where Expansion.isBelievable(size, of: compressed): break
    case ZIP_CM_STORE, ZIP_CM_DEFLATE:
      throw FormatError(
        "an entry of the archive declares more bytes than it can hold",
        got: "\(size) bytes from \(compressed)", at: .part(path))
    default:
      throw FormatError(
        "an entry of the archive is compressed by an unknown method",
        got: "method \(status.comp_method)", at: .part(path), hint: "use stored or deflated entries"
      )
    }
    return (path, Entry(index: index, size: size, compressedSize: compressed))
  }
}

/// Opens an archive over `count` bytes at `base`, which are not copied.
func openArchive(
  _ base: UnsafeRawPointer?, count: Int, flags: Int32, file: String? = nil
) throws(FormatError) -> OpaquePointer {
  var error = zip_error_t()
  zip_error_init(&error)
  defer { zip_error_fini(&error) }
  if let source = zip_source_buffer_create(base, UInt64(count), 0, &error) {
    if let archive = zip_open_from_source(source, flags, &error) { return archive }
    zip_source_free(source)
  }
  throw FormatError(
    "this is not a ZIP archive", got: String(cString: zip_error_strerror(&error)), file: file)
}
