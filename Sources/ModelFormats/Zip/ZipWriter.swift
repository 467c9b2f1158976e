import CDeflate
import FoundationEssentials
import NeuralNetworks

/// Makes a ZIP archive of stored entries: the same bytes for the same entries at any time.
///
/// Each entry is copied once, to its place in the archive. Sizes and offsets of more than 32 bits
/// are in the records of ZIP64. Reference: APPNOTE.TXT, 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3.
public final class ZipWriter {
  private struct Entry {
    let name: String
    let checksum: UInt32
    let size: Int
    let offset: Int
  }

  private var archive = Data()
  private var entries: [Entry] = []
  private var names: Set<String> = []
  private var isFinished = false
  /// The least number that has no place in 32 bits.
  private let limit: Int

  /// Creates an archive without entries.
  public convenience init() throws(FormatError) { self.init(zip64From: 0xffff_ffff) }

  /// Creates an archive without entries that has sizes and offsets from `limit` on in 64 bits.
  package init(zip64From limit: Int) { self.limit = limit }

  /// Adds the entry `name` with a copy of `bytes`.
  ///
  /// Throws when there is an entry of that name already, or the archive is finished.
  public func add(_ name: String, _ bytes: Data) throws(FormatError) {
    guard !isFinished else { throw FormatError("the archive is finished", at: .part(name)) }
    guard !name.isEmpty, name.utf8.count <= 0xffff else {
      throw FormatError(
        "an entry of an archive has a name of 1 to 65535 bytes", got: "\(name.utf8.count) bytes")
    }
    guard names.insert(name).inserted else {
      throw FormatError(
        "the ZIP archive cannot be written", got: "two entries of the same name", at: .part(name))
    }
    let checksum = bytes.withUnsafeBytes { libdeflate_crc32(0, $0.baseAddress, $0.count) }
    let entry = Entry(
      name: name, checksum: checksum, size: bytes.count, offset: archive.count)
    archive.append(0x0403_4b50, 4)
    let wide = entry.size >= limit ? [entry.size, entry.size] : []
    appendCommon(entry, extraCount: extraCount(wide))
    archive.append(contentsOf: name.utf8)
    appendExtra(wide)
    archive.append(bytes)
    entries.append(entry)
  }

  /// The bytes of the archive. Nothing can be added after that.
  public func finish() throws(FormatError) -> Data {
    guard !isFinished else { return archive }
    isFinished = true
    let start = archive.count
    for entry in entries {
      var wide = entry.size >= limit ? [entry.size, entry.size] : []
      if entry.offset >= limit { wide.append(entry.offset) }
      archive.append(0x0201_4b50, 4)
      archive.append(version(entry) | 3 << 8, 2)  // attributes as on Unix
      appendCommon(entry, extraCount: extraCount(wide))
      archive.append(0, 2)  // no comment
      archive.append(0, 2)  // the first disk
      archive.append(0, 2)
      archive.append(0o100644 << 16, 4)
      archive.append(entry.offset >= limit ? 0xffff_ffff : entry.offset, 4)
      archive.append(contentsOf: entry.name.utf8)
      appendExtra(wide)
    }
    appendEnd(listAt: start)
    return archive
  }

  private func version(_ entry: Entry) -> Int {
    entry.size >= limit || entry.offset >= limit ? 45 : 20
  }

  /// What the header of an entry and its line in the list have in common.
  private func appendCommon(_ entry: Entry, extraCount: Int) {
    let size = entry.size >= limit ? 0xffff_ffff : entry.size
    archive.append(version(entry), 2)
    archive.append(entry.name.utf8.allSatisfy { $0 < 0x80 } ? 0 : 0x800, 2)  // UTF-8
    archive.append(0, 2)  // stored
    // The earliest date of the format, so that the bytes do not depend on the time.
    archive.append(0x21 << 16, 4)
    archive.append(Int(entry.checksum), 4)
    archive.append(size, 4)
    archive.append(size, 4)
    archive.append(entry.name.utf8.count, 2)
    archive.append(extraCount, 2)
  }

  private func extraCount(_ wide: [Int]) -> Int { wide.isEmpty ? 0 : 4 + 8 * wide.count }

  private func appendExtra(_ wide: [Int]) {
    guard !wide.isEmpty else { return }
    archive.append(1, 2)
    archive.append(8 * wide.count, 2)
    for number in wide { archive.append(number, 8) }
  }

  private func appendEnd(listAt start: Int) {
    let end = archive.count, size = end - start
    let isWide = entries.count >= min(limit, 0xffff) || start >= limit || size >= limit
    if isWide {
      archive.append(0x0606_4b50, 4)
      archive.append(44, 8)
      archive.append(45, 2)
      archive.append(45, 2)
      for _ in 0..<2 { archive.append(0, 4) }  // the first disk
      for number in [entries.count, entries.count, size, start] { archive.append(number, 8) }
      archive.append(0x0706_4b50, 4)
      archive.append(0, 4)
      archive.append(end, 8)
      archive.append(1, 4)
    }
    archive.append(0x0605_4b50, 4)
    archive.append(0, 4)  // the first disk
    for _ in 0..<2 { archive.append(isWide ? 0xffff : entries.count, 2) }
    for number in [size, start] { archive.append(isWide ? 0xffff_ffff : number, 4) }
    archive.append(0, 2)  // no comment
  }
}

extension Data {
  /// Appends the lowest `byteCount` bytes of `number`, the lowest first.
  fileprivate mutating func append(_ number: Int, _ byteCount: Int) {
    for byte in 0..<byteCount { append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
  }
}
