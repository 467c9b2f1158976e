import Glibc
import NeuralNetworks

/// The parts of HDF5 files, named by the HDF5 File Format Specification, whose sections the
/// documentation of each part gives.
enum HDF5 {
  /// The error of a file whose bytes contradict each other.
  static func damaged(_ what: String) -> FormatError {
    FormatError(
      "the HDF5 file is damaged", got: what,
      hint: "the file may be incomplete: copy or save it again")
  }

  /// The error of a file in a form of the format that newer libraries write when asked to.
  static func unsupported(_ what: String) -> FormatError {
    FormatError(
      "the HDF5 file is of a form that is not supported", got: what,
      hint: "save it with libver=\"earliest\", as h5py does by default")
  }
}

extension HDF5 {
  /// The bytes of a file, and how much of its structure may still be read.
  ///
  /// A sound file holds each part of its structure once, so that what one call reads of it is at
  /// most a few times the size of the file. Parts that lead in circles or overlap go beyond that:
  /// the limit ends every loop, and keeps the time of a call proportional to the file's size.
  struct Source {
    let bytes: UnsafeRawBufferPointer
    private var budget: Int

    init(_ bytes: UnsafeRawBufferPointer) {
      self.bytes = bytes
      budget = 1 << 16 + 16 * bytes.count
    }

    /// `count` bytes of structure from `address` on.
    mutating func block(
      at address: Int, _ count: Int, of what: String
    ) throws(FormatError) -> Cursor {
      try spend(count)
      return Cursor(try data(at: address, count, of: what))
    }

    /// Counts `count` bytes as read.
    mutating func spend(_ count: Int) throws(FormatError) {
      budget -= min(max(count, 0), budget + 1)
      guard budget >= 0 else { throw HDF5.damaged("parts that lead in circles") }
    }

    /// `count` bytes of arrays from `address` on, which the caller bounds in number.
    func data(
      at address: Int, _ count: Int, of what: String
    ) throws(FormatError) -> UnsafeRawBufferPointer {
      guard 0...bytes.count ~= address, 0...bytes.count - address ~= count else {
        throw HDF5.damaged("\(what) beyond its end")
      }
      return UnsafeRawBufferPointer(rebasing: bytes[address..<address + count])
    }
  }

  /// Bytes that are read one field after the other; all numbers are little-endian.
  struct Cursor {
    /// What is left to read.
    private(set) var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    /// The next `count` bytes.
    mutating func take(_ count: Int) throws(FormatError) -> UnsafeRawBufferPointer {
      guard 0...rest.count ~= count else { throw HDF5.damaged("a part that ends early") }
      defer { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }
      return UnsafeRawBufferPointer(rebasing: rest[..<count])
    }

    /// The next `count` bytes, and those that fill them up to a multiple of 8.
    mutating func takePadded(_ count: Int) throws(FormatError) -> UnsafeRawBufferPointer {
      let taken = try take(count)
      try skip(min((8 - count % 8) % 8, rest.count))
      return taken
    }

    mutating func skip(_ count: Int) throws(FormatError) { _ = try take(count) }

    mutating func integer<T: FixedWidthInteger>(_: T.Type) throws(FormatError) -> T {
      T(littleEndian: try take(MemoryLayout<T>.size).loadUnaligned(as: T.self))
    }

    /// A number of one byte.
    mutating func byte() throws(FormatError) -> Int { Int(try integer(UInt8.self)) }
    /// A number of two bytes.
    mutating func short() throws(FormatError) -> Int { Int(try integer(UInt16.self)) }
    /// A number of four bytes.
    mutating func word() throws(FormatError) -> Int { Int(try integer(UInt32.self)) }

    /// A size or an offset of eight bytes.
    mutating func length() throws(FormatError) -> Int {
      guard let length = Int(exactly: try integer(UInt64.self)) else {
        throw HDF5.damaged("a size of more than 63 bits")
      }
      return length
    }

    /// A number of `size` bytes: 1, 2, 4 or 8.
    mutating func length(ofSize size: Int) throws(FormatError) -> Int {
      switch size {
      case 1: try byte()
      case 2: try short()
      case 4: try word()
      default: try length()
      }
    }

    /// A place in the file; nothing for the "undefined address", all bits of which are set.
    mutating func address() throws(FormatError) -> Int? {
      let address = try integer(UInt64.self)
      if address == .max { return nil }
      guard let address = Int(exactly: address) else {
        throw HDF5.damaged("an address of more than 63 bits")
      }
      return address
    }

    /// A place in the file that must be there.
    mutating func definedAddress(of what: String) throws(FormatError) -> Int {
      guard let address = try address() else { throw HDF5.damaged("\(what) without an address") }
      return address
    }

    /// Skips the four letters that a part begins with.
    mutating func expect(_ signature: StaticString) throws(FormatError) {
      let letters = try take(signature.utf8CodeUnitCount)
      guard let start = letters.baseAddress,
        memcmp(start, signature.utf8Start, letters.count) == 0
      else { throw HDF5.damaged("no \(signature) where one should be") }
    }
  }
}
