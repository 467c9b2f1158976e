import Foundation
import Glibc
import ModelFormats
import NeuralNetworks
import TensorGraph

/// A folder of its own for a test, in which the built command is run.
final class Sandbox {
  /// What a run of the command gave.
  struct Outcome {
    let status: Int32
    let output: String
    let messages: String
    /// The lines of the output.
    var lines: [String] { output.split(separator: "\n").map(String.init) }
    /// The first line of the output that is a JSON value.
    func json() throws -> JSONValue { try JSONValue(parsing: Data((lines.first ?? "").utf8)) }
  }

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "strata-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The command beside the bundle of the tests.
  static let command = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "strata")

  /// Runs the command to its end.
  func strata(_ arguments: String...) throws -> Outcome { try run(Self.command, arguments) }

  /// Runs the command to its end.
  func strata(_ arguments: [String]) throws -> Outcome { try run(Self.command, arguments) }

  /// Runs a command to its end; `during` is called while it runs.
  func run(
    _ command: URL, _ arguments: [String], during: (Process) throws -> Void = { _ in }
  ) throws -> Outcome {
    // Files rather than pipes: they never fill up.
    let files = ["out", "err"].map { folder.appending(path: ".\($0)-\(UUID().uuidString)") }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    let handles = try files.map {
      FileManager.default.createFile(atPath: $0.path(), contents: nil)
      return try FileHandle(forWritingTo: $0)
    }
    let process = Process()
    process.executableURL = command
    process.arguments = arguments
    process.currentDirectoryURL = folder
    // Threads that wait must not spin: tests run side by side.
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["OMP_WAIT_POLICY": "passive"], uniquingKeysWith: { $1 })
    process.standardInput = FileHandle.nullDevice
    (process.standardOutput, process.standardError) = (handles[0], handles[1])
    try unblockingSignals { try process.run() }
    let guardian = DispatchWorkItem {  // a test must not hang
      kill(process.processIdentifier, SIGKILL)
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + 300, execute: guardian)
    try during(process)
    process.waitUntilExit()
    guardian.cancel()
    let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    return Outcome(status: process.terminationStatus, output: texts[0], messages: texts[1])
  }

  /// Calls `body` with no signal blocked: threads of Dispatch block them, and a process that one of
  /// them starts would go on to.
  private func unblockingSignals(_ body: () throws -> Void) rethrows {
    var all = sigset_t(), before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_UNBLOCK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  /// Writes an array to `name`.
  func write(_ tensor: Tensor, _ name: String) throws {
    try NumPy.data(tensor).write(to: folder.appending(path: name))
  }

  /// Writes a text to `name`.
  func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  /// The bytes of `name`, or nothing when there is no such file.
  func bytes(_ name: String) -> Data? { try? Data(contentsOf: folder.appending(path: name)) }

  /// The array in `name`.
  func array(_ name: String) throws -> Tensor {
    try NumPy.array(path: folder.appending(path: name).path())
  }

  /// Writes a few samples of iris: `x.npy` `[30, 4]` and `y.npy` `[30]`.
  func writeIris() throws {
    let data = try Iris.load().rows(0..<30)
    try write(data.inputs[0], "x.npy")
    try write(data.targets[0], "y.npy")
  }

  /// Trains the network `mlp` a little on those samples: `iris.keras`.
  func trainIris() throws {
    try writeIris()
    _ = try strata("train", "mlp", "--x", "x.npy", "--y", "y.npy", "-o", "iris.keras")
  }

  /// A file among those that Keras wrote.
  static func golden(_ path: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden/\(path)").path()
  }
}
