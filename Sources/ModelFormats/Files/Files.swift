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

  /// Whether there is something at `path`.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  private static func failure(_ what: String, _ path: String) -> FormatError {
    let reason = errno == 0 ? nil : String(cString: strerror(errno))
    return FormatError("\(path) \(what)", got: reason)
  }
}
