import ArgumentParser

/// How many samples are handled at once.
struct BatchOptions: ParsableArguments {
  @Option(name: .customLong("batch-size"), help: "The number of samples of a batch.")
  var size = 32

  func validate() throws {
    guard size >= 1 else { throw ValidationError("--batch-size is at least 1, not \(size)") }
  }
}
