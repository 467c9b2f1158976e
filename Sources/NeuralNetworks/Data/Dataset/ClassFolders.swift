import FoundationEssentials
import Glibc
import TensorGraph

/// The files in a folder that has one folder for each class, at any depth, as Keras sorts them.
package struct ClassFolders: Sendable {
  /// The names of the classes in order of their numbers.
  package let classNames: [String]
  /// The files, class after class.
  package let files: [(path: String, label: Int)]

  /// Finds the files that `accepts`, given a path, takes.
  ///
  /// - Parameters:
  ///   - directory: The folder with a folder for each class.
  ///   - classNames: The classes in order of their numbers; all folders in order if not given.
  ///   - kind: What the files are, such as `texts`, for messages.
  ///   - endings: How their names end, for messages.
  ///   - accepts: Whether a file is one of them; throws for one of a kind that is not read.
  /// - Throws: when there is no such folder, no class, or no file in it.
  package init(
    _ directory: String, classNames: [String]?, of kind: String, endings: String,
    accepts: (String) throws(FormatError) -> Bool
  ) throws(FormatError) {
    let folders = try Self.entries(directory, kind).filter {
      !$0.hasPrefix(".") && Self.isFolder("\(directory)/\($0)", followingLinks: true)
    }
    let names = classNames ?? folders
    for name in names where !folders.contains(name) {
      throw FormatError(
        "there is no folder of the class \(name)", got: folders.joined(separator: ", "),
        file: directory, hint: spellingHint(name, in: folders))
    }
    guard !names.isEmpty else {
      throw FormatError(
        "there are no folders of classes", file: directory,
        hint: "put the \(kind) of each class into a folder with its name")
    }
    guard Set(names).count == names.count else {
      throw FormatError("a class is named twice", got: names.joined(separator: ", "))
    }
    var files: [(path: String, label: Int)] = []
    for (label, name) in names.enumerated() {
      for path in try Self.files("\(directory)/\(name)", kind) where try accepts(path) {
        files.append((path, label))
      }
    }
    guard !files.isEmpty else {
      throw FormatError(
        "there are no \(kind)", got: "the classes \(names.joined(separator: ", "))",
        file: directory, hint: "\(kind) have names that end in \(endings)")
    }
    self.classNames = names
    self.files = files
  }

  /// The files in a folder, then those in its folders; links to folders are not followed.
  private static func files(
    _ folder: String, _ kind: String
  ) throws(FormatError) -> [String] {
    var pending = [folder], all: [(folder: String, names: [String])] = []
    while let folder = pending.popLast() {
      let names = try entries(folder, kind)
      let folders = Set(names.filter { isFolder("\(folder)/\($0)", followingLinks: false) })
      pending += folders.map { "\(folder)/\($0)" }
      all.append((folder, names.filter { !folders.contains($0) }))
    }
    return all.sorted { $0.folder.utf8.lexicographicallyPrecedes($1.folder.utf8) }
      .flatMap { folder, names in names.map { "\(folder)/\($0)" } }
  }

  /// The names in a folder, in the order of their code points.
  private static func entries(_ folder: String, _ kind: String) throws(FormatError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted {
        $0.utf8.lexicographicallyPrecedes($1.utf8)
      }
    } catch {
      var status = stat()
      let isThere = stat(folder, &status) == 0
      throw FormatError(
        "\(folder) cannot be read",
        got: isThere && status.st_mode & S_IFMT != S_IFDIR
          ? "a file" : String(cString: strerror(errno)),
        hint: "name a folder that has a folder of \(kind) for each class")
    }
  }

  private static func isFolder(_ path: String, followingLinks: Bool) -> Bool {
    var status = stat()
    guard (followingLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return false }
    return status.st_mode & S_IFMT == S_IFDIR
  }
}
