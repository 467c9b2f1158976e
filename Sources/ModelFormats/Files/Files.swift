import FoundationEssentials
import Glibc
import NeuralNetworks

/// Whole files, in and out.
public enum Files {
  /// The bytes of the file at `path`; mapped rather than read where there are many.
  ///
  /// A mapped file must not be written to as long as its bytes are in use: what is cut off ends the
  /// process that looks for it. Replacing the file, as `write(_:to:)` does, is safe.
  ///
  /// Throws when there is no such file, it is not a regular one, or may not be read.
  public static func contents(of path: String) throws(FormatError) -> Data {
    try RegularFile.check(path)
    do {
      var status = stat()
      let isLarge = stat(path, &status) == 0 && status.st_size > 1 << 20
      return try Data(
        contentsOf: URL(filePath: path), options: isLarge ? .alwaysMapped : [])
    } catch {
      throw failure("cannot be read", path)
    }
  }

  /// Fills `out` with the bytes of the file from `offset` on, and says whether there were as many.
  ///
  /// What is only copied is better read than mapped: mapped pages count as memory in use.
  static func read(
    _ path: String, at offset: Int, into out: UnsafeMutableRawBufferPointer
  ) -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    var done = 0
    while done < out.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: out[done...])
      let count = pread(file, rest.baseAddress, rest.count, offset + done)
      guard count > 0 || count < 0 && errno == EINTR else { return false }
      done += max(count, 0)
    }
    return true
  }

  /// Whether there is something at `path`.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  private static func failure(_ what: String, _ path: String) -> FormatError {
    let reason = errno == 0 ? nil : String(cString: strerror(errno))
    return FormatError("\(path) \(what)", got: reason)
  }
}
