import FoundationEssentials
import Glibc
import NeuralNetworks

extension Files {
  /// Writes `data` to `path`: the file is there as a whole, or as it was before.
  ///
  /// The bytes go to a file beside it, which takes its place when all of them are on the disk. A
  /// link stays one: what it leads to is replaced. A file that was there keeps its permissions.
  ///
  /// Throws when the file may not be written or there is no space for it.
  public static func write(_ data: Data, to path: String) throws(FormatError) {
    try write(data, to: path, through: Glibc.write)
  }

  /// As `write(_:to:)`, with `output` for the function of the system that writes bytes.
  package static func write(
    _ data: Data, to path: String,
    through output: (Int32, UnsafeRawPointer?, Int) -> Int
  ) throws(FormatError) {
    let target = resolved(path)
    var status = stat()
    let isThere = stat(target, &status) == 0
    if isThere {
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw FormatError(
          "\(path) cannot be written",
          got: status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "a device or a pipe",
          hint: "give the name of a file")
      }
      guard access(target, W_OK) == 0 else { throw writeFailure(path, data, errno) }
    }
    let temporary = "\(target).\(UInt64.random(in: .min ... .max)).partial"
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw writeFailure(path, data, errno) }
    var failure: Int32?
    if isThere, fchmod(file, status.st_mode & 0o7777) != 0 { failure = errno }
    if failure == nil { failure = writeAll(data, to: file, through: output) }
    if failure == nil, fsync(file) != 0 { failure = errno }
    if close(file) != 0, failure == nil { failure = errno }
    if failure == nil, rename(temporary, target) != 0 { failure = errno }
    if let failure {
      unlink(temporary)
      throw writeFailure(path, data, failure)
    }
    // The new name, too, should outlive a loss of power; not every file system can promise it.
    let folder = open(Self.folder(of: target), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return }
    _ = fsync(folder)
    close(folder)
  }

  /// What went wrong with the bytes, if anything did.
  private static func writeAll(
    _ data: Data, to file: Int32, through output: (Int32, UnsafeRawPointer?, Int) -> Int
  ) -> Int32? {
    data.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = output(
          file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, min(rest.count, 1 << 30))
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if count == 0 || errno != EINTR {
          return count == 0 ? ENOSPC : errno
        }
      }
      return nil
    }
  }

  /// `path` without the links it goes over, if there is something at it.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func writeFailure(_ path: String, _ data: Data, _ code: Int32) -> FormatError {
    let folder = folder(of: path)
    let hint: String? =
      switch code {
      case EACCES, EPERM, EROFS: "write to another folder, or change the permissions of \(folder)"
      case ENOSPC, EDQUOT: "make \(data.count) bytes of space in \(folder), or write elsewhere"
      case ENOENT: "make the folder \(folder) first"
      case ENOTDIR: "\(folder) is not a folder"
      default: nil
      }
    return FormatError(
      "\(path) cannot be written", got: String(cString: strerror(code)), hint: hint)
  }
}
