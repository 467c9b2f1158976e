import Glibc
import ModelFormats
import NeuralNetworks

/// A file that a command is going to write.
struct OutputFile {
  let path: String

  /// Throws unless a file can be made at `path`: now, before work is done that could not be kept.
  ///
  /// It makes a file beside it and takes it away: permissions alone do not tell.
  init(_ path: String) throws(FormatError) {
    self.path = path
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw FormatError("\(path) cannot be written", got: "a folder", hint: "name a file in it")
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
    guard Files.exists(folder) else {
      throw FormatError(
        "\(path) cannot be written", got: "there is no folder \(folder)",
        hint: "mkdir -p \(folder)")
    }
    let probe = folder + ".strata-\(getpid())"
    let file = open(probe, O_CREAT | O_EXCL | O_WRONLY, 0o600)
    guard file >= 0 else {
      throw FormatError(
        "\(path) cannot be written", got: "\(folder): \(String(cString: strerror(errno)))",
        hint: "name a folder of yours with -o")
    }
    close(file)
    unlink(probe)
  }
}
