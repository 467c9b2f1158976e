import Glibc

/// The lines of a file, one after another, without their ends.
final class LineReader {
  private let path: String
  private let file: UnsafeMutablePointer<FILE>
  /// The number of the line that was read last, from 1.
  private(set) var line = 0
  /// The most bytes of a line.
  private static let limit = 1 << 26

  init(_ path: String) throws(FormatError) {
    try RegularFile.check(path)
    guard let file = fopen(path, "r") else {
      throw FormatError("\(path) cannot be read", got: String(cString: strerror(errno)))
    }
    self.path = path
    self.file = file
  }

  deinit { fclose(file) }

  /// The bytes of the next line, or nothing behind the last.
  func next() throws(FormatError) -> [UInt8]? {
    var bytes: [UInt8] = []
    while true {
      let byte = getc_unlocked(file)
      if byte == EOF {
        guard ferror(file) == 0 else {
          throw FormatError("\(path) cannot be read", got: String(cString: strerror(errno)))
        }
        guard !bytes.isEmpty else { return nil }
        break
      }
      if byte == 10 { break }
      guard bytes.count < Self.limit else {
        throw FormatError(
          "a line is longer than \(Self.limit) bytes", file: path, at: .line(line + 1),
          hint: "the file may not be a text")
      }
      bytes.append(UInt8(truncatingIfNeeded: byte))
    }
    line += 1
    if bytes.last == 13 { bytes.removeLast() }
    return bytes
  }
}
