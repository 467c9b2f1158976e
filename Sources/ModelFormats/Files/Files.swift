import FoundationEssentials
import Glibc
import NeuralNetworks

/// Whole files, in and out.
public enum Files {
  /// The bytes of the file at `path`, mapped rather than read.
  ///
  /// Throws when there is no such file, it is not a regular one, or may not be read.
  public static func contents(of path: String) throws(FormatError) -> Data {
    var status = stat()
    guard stat(path, &status) == 0 else { throw failure("cannot be read", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FormatError(
        "\(path) is not a file",
        got: status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "a device or a pipe")
    }
    do {
      return try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
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
