import FoundationEssentials
import NeuralNetworks

/// TensorFlow's files of records: the length of a record, a checksum of it, the record, a checksum.
package enum RecordFile {
  /// The bytes of a record that holds `data`.
  package static func record(_ data: Data) -> Data {
    let length = withUnsafeBytes(of: UInt64(data.count).littleEndian, Array.init)
    var record = Data(capacity: data.count + 16)
    record += length
    record += bytes(of: CRC32C.masked(length))
    record += data
    record += data.withUnsafeBytes { bytes(of: CRC32C.masked($0)) }
    return record
  }

  /// Calls `body` with every record in `data`, and with the place where it begins.
  ///
  /// - Parameters:
  ///   - data: What a file holds.
  ///   - allowingPartialEnd: Whether a last record that is not complete is passed over: whoever
  ///     writes the file may not be done with it.
  ///   - body: Takes a record and its place.
  /// - Throws: when a checksum does not fit, or the last record is not complete.
  package static func forEachRecord(
    in data: Data, allowingPartialEnd: Bool,
    _ body: (Data, _ offset: Int) throws(FormatError) -> Void
  ) throws(FormatError) {
    var rest = data[...]
    while !rest.isEmpty {
      let offset = rest.startIndex - data.startIndex
      guard let length = rest.prefix(8).integer(UInt64.self),
        let lengthChecksum = rest.dropFirst(8).prefix(4).integer(UInt32.self)
      else {
        if allowingPartialEnd { return }
        throw partial(offset, rest.count)
      }
      guard CRC32C.masked(rest.prefix(8)) == lengthChecksum else {
        throw FormatError(
          "this is not a file of records, or its length is damaged here", at: .byte(offset),
          hint: "event files of TensorBoard have names like events.out.tfevents.…")
      }
      rest = rest.dropFirst(12)
      guard let count = Int(exactly: length), count <= rest.count - 4,
        let checksum = rest.dropFirst(count).prefix(4).integer(UInt32.self)
      else {
        if allowingPartialEnd { return }
        throw partial(offset, rest.count + 12)
      }
      let record = rest.prefix(count)
      guard record.withUnsafeBytes({ CRC32C.masked($0) }) == checksum else {
        throw FormatError(
          "the checksum of a record does not fit", got: "\(count) bytes", at: .byte(offset),
          hint: "the file is damaged: copy it again")
      }
      try body(record, offset)
      rest = rest.dropFirst(count + 4)
    }
  }

  private static func partial(_ offset: Int, _ count: Int) -> FormatError {
    FormatError(
      "the last record is not complete", got: "\(count) bytes of it", at: .byte(offset),
      hint: "the file is still being written, or was not copied as a whole")
  }

  private static func bytes(of checksum: UInt32) -> [UInt8] {
    withUnsafeBytes(of: checksum.littleEndian, Array.init)
  }
}

extension Data {
  /// The little-endian integer that the bytes are, if they are as many as `type` has.
  func integer<T: FixedWidthInteger>(_ type: T.Type) -> T? {
    guard count == MemoryLayout<T>.size else { return nil }
    return withUnsafeBytes { T(littleEndian: $0.loadUnaligned(as: T.self)) }
  }
}
