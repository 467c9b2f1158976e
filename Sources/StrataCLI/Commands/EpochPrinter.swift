import NeuralNetworks
import TensorGraph

/// Prints an object for each epoch on standard output.
final class EpochPrinter: Callback {
  func receive(_ event: TrainingEvent, _ control: TrainingControl) {
    guard case .epochEnded(let report) = event else { return }
    var members: [(name: String, value: JSON)] = [
      ("epoch", .int(report.epoch + 1)), ("seconds", .number(report.seconds)),
      ("samples_per_second", .int(Int(min(report.samplesPerSecond, 1e15)))),
    ]
    members += report.logs.map { ($0, .number($1)) }
    if let seconds = report.validationSeconds { members.append(("val_seconds", .number(seconds))) }
    Console.write("\(JSON.object(members))")
  }
}

/// Throws before the first step when a training does not have what is to be watched.
final class MonitorCheck: Callback {
  private let monitor: String

  init(_ monitor: String) { self.monitor = monitor }

  func receive(_ event: TrainingEvent, _ control: TrainingControl) throws {
    guard case .began(let plan) = event else { return }
    var names = Array(control.logs.keys)
    if plan.validationSampleCount != 0 { names += names.map { "val_" + $0 } }
    guard !names.contains(monitor) else { return }
    let needsValidation = plan.validationSampleCount == 0 && monitor.hasPrefix("val_")
    throw GraphError(
      "early stopping watches \(monitor), which this training does not have",
      hint: needsValidation
        ? "give data to validate with: --validation-split 0.1" : spellingHint(monitor, in: names))
  }
}
