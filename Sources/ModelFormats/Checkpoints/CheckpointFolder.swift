import FoundationEssentials
import Glibc
import NeuralNetworks

/// A folder with the last few checkpoints of a training: `checkpoint-12.safetensors`, with numbers
/// that grow.
public struct CheckpointFolder: Sendable {
  /// Where it is.
  public let path: String

  /// The folder at `path`, which need not be there yet.
  public init(_ path: String) { self.path = path }

  private static let prefix = "checkpoint-", suffix = ".safetensors"

  /// The paths of the checkpoints, the newest first.
  ///
  /// Throws when the folder cannot be read; one that is not there has none.
  public func files() throws(FormatError) -> [String] {
    try numbers().map { file($0) }
  }

  /// The newest checkpoint that can be read, and the path of its file; nothing when there are none.
  ///
  /// - Parameter warn: Is told of each newer one that is damaged.
  /// - Returns: The checkpoint and its path; nothing when there is none.
  /// - Throws: when all of them are damaged.
  public func newest(
    warn: (String) -> Void
  ) throws(FormatError) -> (checkpoint: Checkpoint, path: String)? {
    var first: FormatError?
    for path in try files() {
      do throws(FormatError) {
        return (try CheckpointFile.checkpoint(Files.contents(of: path), file: path), path)
      } catch {
        first = first ?? error
        warn("warning: \(path) cannot be used: \(error.message)")
      }
    }
    if let first { throw first }
    return nil
  }

  /// Writes `checkpoint` as the newest one, and takes away all but the last few.
  ///
  /// The file appears as a whole when all of its bytes are on the disk.
  ///
  /// - Parameters:
  ///   - checkpoint: What is written.
  ///   - limit: How many are kept.
  /// - Returns: The path of the file.
  /// - Throws: when it cannot be written; then those that are there stay.
  @discardableResult
  public func write(_ checkpoint: Checkpoint, keeping limit: Int) throws(FormatError) -> String {
    let data = try CheckpointFile.data(checkpoint)
    try make()
    let numbers = try numbers()
    let path = file((numbers.first ?? 0) + 1)
    try Files.write(data, to: path)
    for old in numbers.dropFirst(max(limit, 1) - 1) { unlink(file(old)) }
    return path
  }

  /// Makes the folder if it is not there.
  ///
  /// Throws when it cannot be made.
  public func make() throws(FormatError) {
    guard !Files.exists(path) else { return }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FormatError(
        "the folder of checkpoints cannot be made", got: String(cString: strerror(errno)),
        file: path, hint: "name a folder that may be written to")
    }
  }

  /// Takes away what a process that was ended has left half written.
  ///
  /// Throws when the folder cannot be read.
  public func clean() throws(FormatError) {
    for name in try names() where name.hasPrefix(Self.prefix) && name.hasSuffix(".partial") {
      unlink("\(path)/\(name)")
    }
  }

  /// Takes away all checkpoints, and the folder when nothing else is in it.
  ///
  /// Throws when the folder cannot be read.
  public func remove() throws(FormatError) {
    try clean()
    for file in try files() { unlink(file) }
    rmdir(path)
  }

  private func file(_ number: Int) -> String { "\(path)/\(Self.prefix)\(number)\(Self.suffix)" }

  /// The numbers of the checkpoints, the largest first.
  private func numbers() throws(FormatError) -> [Int] {
    try names().compactMap { name in
      guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.suffix) else { return nil }
      let digits = name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count)
      // Others would not be found again, or leave no number for the next.
      guard digits.count < 18, let number = Int(digits), "\(number)" == digits else { return nil }
      return number
    }.sorted(by: >)
  }

  private func names() throws(FormatError) -> [String] {
    guard Files.exists(path) else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw FormatError(
        "the folder of checkpoints cannot be read", got: String(cString: strerror(errno)),
        file: path)
    }
  }
}
