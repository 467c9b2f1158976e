import FoundationEssentials
import NeuralNetworks
import TensorGraph

/// Models in Keras's files, both ways: a ZIP archive of the network and how it was compiled
/// (`config.json`), the weights (`model.weights.h5`), and when it was written (`metadata.json`).
public enum KerasFile {
  static let configuration = "config.json"
  static let metadata = "metadata.json"
  static let weights = "model.weights.h5"
  /// The version of Keras whose files these are.
  static let kerasVersion = "3.15.1"
  /// Where the state of the random numbers is among the weights, which Keras passes over.
  static let randomKey = "random_key/vars/0"
  /// Where the optimizer's variables are among the weights.
  static let optimizer = "optimizer/vars"
  /// The member of the metadata with the weights that are frozen though their layer is not.
  static let frozen = "frozen_weights"

  /// Whether `data` begins as ZIP archives do.
  static func isArchive(_ data: Data) -> Bool { data.starts(with: [0x50, 0x4b, 3, 4]) }

  /// Calls `body`, and makes an error of it one of the file.
  static func naming<R>(
    _ file: String?, hint: String? = nil, _ body: () throws -> R
  ) throws(FormatError) -> R {
    do {
      return try body()
    } catch {
      var report = FormatError(error).naming(file)
      report.hint = report.hint ?? hint
      throw report
    }
  }
}

extension FormatError {
  /// The report of a mistake in a network or in its configuration, as one in a file.
  init(_ error: any Error) {
    switch error {
    case let error as FormatError: self = error
    case let error as ConfigurationError:
      self.init(error.message, at: error.layer.map { .part($0) }, hint: error.hint)
    case let error as GraphError:
      self.init(
        error.message,
        got: error.operands.isEmpty
          ? nil : error.operands.map(\.description).joined(separator: ", "),
        at: error.path.isEmpty ? nil : .part(error.path.joined(separator: " › ")),
        hint: error.hint)
    case let error as EngineError: self.init(error.message)
    default: self.init("\(error)")
    }
  }
}
