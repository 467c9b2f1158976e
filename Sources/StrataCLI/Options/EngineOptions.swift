import ArgumentParser
import CPUEngine
import TensorGraph

/// How the machine is used.
struct EngineOptions: ParsableArguments {
  @Option(help: "How many threads to use; all cores if not given.")
  var threads: Int?
  @Flag(
    name: .customLong("no-test-vector"),
    help: "Uses the model even if this machine computes something else than its file says.")
  var skipsTestVector = false

  var engine: any Engine { CPUEngine(threads: threads) }
  /// Whether what the file says the model computes is computed again.
  var checksTestVector: Bool { !skipsTestVector }

  /// The engine of commands that have no such option.
  static var allCores: any Engine { CPUEngine() }

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is a number from 1 to 1024, not \(threads)")
    }
  }
}
