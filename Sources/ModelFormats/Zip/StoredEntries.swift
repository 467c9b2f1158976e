import CDeflate
import CZip
import FoundationEssentials

/// Where the entries of an archive lie that are stored as they are: they can be used in place.
///
/// The list is that at the end of the archive (APPNOTE.TXT, 4.3.12 and 4.3.16). Nothing is taken
/// from it without a check, and what is unusual, such as an archive of more than 4 GB, is left to
/// the library.
struct StoredEntries {
  private struct Entry {
    let checksum: UInt32
    let size: Int
    let header: Int
  }

  /// The entries by their place in the list; nothing for those that are compressed.
  private let entries: [Entry?]

  init?(_ archive: Data) {
    let found = archive.withUnsafeBytes { bytes -> [Entry?]? in
      guard let end = Self.end(bytes) else { return nil }
      var entries: [Entry?] = []
      var position = Self.word(bytes, end + 16)
      for _ in 0..<Self.short(bytes, end + 10) {
        guard position + 46 <= end, Self.word(bytes, position) == 0x0201_4b50 else { return nil }
        let size = Self.word(bytes, position + 24)
        let isStored =
          Self.short(bytes, position + 10) == 0 && size == Self.word(bytes, position + 20)
          && Self.short(bytes, position + 8) & 1 == 0
        entries.append(
          isStored
            ? Entry(
              checksum: UInt32(Self.word(bytes, position + 16)), size: size,
              header: Self.word(bytes, position + 42)) : nil)
        position += 46 + [28, 30, 32].reduce(0) { $0 + Self.short(bytes, position + $1) }
      }
      return entries
    }
    guard let found else { return nil }
    entries = found
  }

  /// The bytes of the entry at `index` of the list, which is known to have `size` bytes, in the
  /// memory of `archive`; nothing unless they are where they should be and have their checksum.
  func bytes(at index: Int, size: Int, in archive: Data) -> Data? {
    guard entries.indices.contains(index), let entry = entries[index], entry.size == size else {
      return nil
    }
    return archive.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, entry.header + 30 <= bytes.count,
        Self.word(bytes, entry.header) == 0x0403_4b50
      else { return nil }
      let start =
        entry.header + 30 + Self.short(bytes, entry.header + 26)
        + Self.short(bytes, entry.header + 28)
      guard start + size <= bytes.count,
        Self.checksum(UnsafeRawBufferPointer(start: base + start, count: size)) == entry.checksum
      else { return nil }
      let first = archive.startIndex + start
      return archive[first..<first + size]
    }
  }

  /// The CRC-32 of `bytes`, of parts at a time on all cores.
  private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let size = 1 << 22, data = UnsafeBytes(bytes)
    @Sendable func part(_ index: Int) -> UnsafeRawBufferPointer {
      let start = index * size
      return UnsafeRawBufferPointer(
        rebasing: data.bytes[start..<min(start + size, data.bytes.count)])
    }
    let count = (bytes.count + size - 1) / size
    let parts = concurrentMap(count) { index in
      let part = part(index)
      return libdeflate_crc32(0, part.baseAddress, part.count)
    }
    return parts.enumerated().reduce(0) { checksum, next in
      UInt32(
        truncatingIfNeeded: crc32_combine(
          UInt(checksum), UInt(next.element), part(next.offset).count))
    }
  }

  /// Bytes that nobody writes to while threads read them.
  private struct UnsafeBytes: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }
  }

  /// Where the end record is: the last one whose comment reaches to the end of the archive.
  private static func end(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= 22 else { return nil }
    for position in stride(from: bytes.count - 22, through: max(0, bytes.count - 65_557), by: -1)
    where word(bytes, position) == 0x0605_4b50
      && position + 22 + short(bytes, position + 20) == bytes.count
    {
      return position
    }
    return nil
  }

  private static func short(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int {
    Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int {
    Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
  }
}
