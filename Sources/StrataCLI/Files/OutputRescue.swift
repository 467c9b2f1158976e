import FoundationEssentials
import Glibc
import ModelFormats
import NeuralNetworks
import Strata

/// What is done when a trained model cannot be written where it should be.
struct OutputRescue {
  private let error: FormatError
  private let path: String

  init(_ error: FormatError, _ path: String) {
    self.error = error
    self.path = path
  }

  /// The report of what went wrong, and of where the model is now: in the checkpoint, or else in a
  /// folder for passing files.
  func report(_ model: Model, checkpoint: String?) -> FormatError {
    var report = error
    let help = report.hint.map { "\($0); " } ?? ""
    if let checkpoint {
      report.hint = help + "what was learned is in \(checkpoint): --resume writes it again"
      return report
    }
    let name = path.split(separator: "/").last.map { String($0) } ?? "model.keras"
    let folder = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    let rescue = "\(folder)/strata-\(getpid())-\(name)"
    do throws(FormatError) {
      try model.save(to: rescue)
      report.hint = help + "what was learned is in \(rescue)"
    } catch {
      report.hint = help + "it could not be kept in \(rescue) either: \(error.got ?? error.message)"
    }
    return report
  }
}
