import FoundationEssentials
import Glibc

/// What is checked of a file's bytes before the library sees them, for the library trusts them.
enum HDF5Image {
  /// Whether addresses and sizes are of 8 bytes, as in every file that h5py and Keras write.
  static func hasUsualSizes(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 16 else { return false }
    return switch bytes[8] {
    case 0, 1: bytes[13] == 8 && bytes[14] == 8
    case 2, 3: bytes[9] == 8 && bytes[10] == 8
    default: false
    }
  }

  /// Whether the objects of every global heap, which holds strings of variable length, follow one
  /// another to its end. The library goes round in circles where one has no size.
  static func hasSoundHeaps(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress else { return true }
    var offset = 0
    while let found = memchr(base + offset, Int32(UInt8(ascii: "G")), bytes.count - offset) {
      let start = UnsafeRawPointer(found) - base
      let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
      // The mark of a heap, and the only version there is.
      if rest.starts(with: "GCOL\u{1}".utf8), !isSoundHeap(rest) { return false }
      offset = start + 1
    }
    return true
  }

  private static func isSoundHeap(_ bytes: UnsafeRawBufferPointer) -> Bool {
    func word(_ offset: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    guard bytes.count >= 16, word(8) <= bytes.count else { return false }
    let end = Int(word(8))
    var position = 16
    // What is left at the end may be too short for an object.
    while end - position >= 16 {
      let isFree = bytes[position] == 0 && bytes[position + 1] == 0
      let size = word(position + 8)
      guard size <= end - position else { return false }
      // The size of free space counts its header, that of an object does not.
      let length = isFree ? Int(size) : 16 + (Int(size) + 7) / 8 * 8
      guard length >= 16, length <= end - position else { return false }
      position += length
    }
    return true
  }
}
