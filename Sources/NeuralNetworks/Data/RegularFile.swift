import Glibc

/// What may be at a path, as far as readers of files care.
package enum RegularFile {
  /// Throws unless there is a file of at most `limit` bytes at `path`: a pipe might never end, or
  /// never begin.
  package static func check(_ path: String, atMost limit: Int = .max) throws(FormatError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw FormatError("\(path) cannot be read", got: String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FormatError(
        "\(path) is not a file",
        got: status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "a device or a pipe",
        hint: status.st_mode & S_IFMT == S_IFDIR
          ? nil : "write what comes out of it to a file first")
    }
    guard status.st_size <= limit else {
      throw FormatError(
        "\(path) is larger than \(limit) bytes", got: "\(status.st_size) bytes")
    }
  }
}
