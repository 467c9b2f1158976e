import TensorGraph

/// Ends training when a loss or a metric has stopped to get better.
public final class EarlyStopping: Callback {
  /// Which way is better.
  public enum Mode: String, Sendable, Hashable, CaseIterable {
    /// Higher for accuracies, lower for all else.
    case auto
    case min, max
  }

  /// What is watched, such as `val_loss`.
  public let monitor: String
  /// By how much it must change to count as better.
  public let minDelta: Double
  /// How many epochs in a row may pass without getting better.
  public let patience: Int
  /// Which way is better.
  public let mode: Mode
  /// What must be reached to count at all.
  public let baseline: Double?
  /// Whether the model ends with the weights of its best epoch.
  public let restoreBestWeights: Bool
  /// The epoch, from 0, to watch from.
  public let startFromEpoch: Int
  /// The best epoch so far, from 0.
  public private(set) var bestEpoch: Int?

  private var best: Double?
  private var wait = 0
  private var bestWeights: [Tensor] = []

  /// Creates the callback.
  public init(
    monitor: String = "val_loss", minDelta: Double = 0, patience: Int = 0, mode: Mode = .auto,
    baseline: Double? = nil, restoreBestWeights: Bool = false, startFromEpoch: Int = 0
  ) {
    self.monitor = monitor
    self.minDelta = abs(minDelta)
    self.patience = patience
    self.mode = mode
    self.baseline = baseline
    self.restoreBestWeights = restoreBestWeights
    self.startFromEpoch = startFromEpoch
  }

  public func receive(_ event: TrainingEvent, _ control: TrainingControl) throws {
    switch event {
    case .began:
      (best, bestEpoch, wait, bestWeights) = (nil, nil, 0, [])
    case .epochEnded(let report):
      guard report.epoch >= startFromEpoch else { return }
      guard let value = report.logs[monitor] else {
        throw GraphError(
          "early stopping watches \(monitor), which this training does not have",
          hint: spellingHint(monitor, in: report.logs.keys)
            + (monitor.hasPrefix("val_") ? "; give data to validate with" : ""))
      }
      note(value, report.epoch, control)
    case .ended:
      if restoreBestWeights, !bestWeights.isEmpty { control.model.restore(bestWeights) }
    case .epochBegan, .stepped: break
    }
  }

  private func note(_ value: Double, _ epoch: Int, _ control: TrainingControl) {
    wait += 1
    if isBetter(value, than: best) {
      (best, bestEpoch) = (value, epoch)
      if restoreBestWeights { bestWeights = control.model.weightValues }
      if baseline.map({ isBetter(value, than: $0) }) ?? true { wait = 0 }
    }
    if wait >= max(patience, 1), epoch > startFromEpoch {
      control.stop(because: "\(monitor) did not get better for \(wait) epochs")
    }
  }

  private func isBetter(_ value: Double, than other: Double?) -> Bool {
    guard !value.isNaN else { return false }
    guard let other else { return true }
    return isMaximum ? value - minDelta > other : value + minDelta < other
  }

  private var isMaximum: Bool {
    switch mode {
    case .min: false
    case .max: true
    case .auto: monitor.hasSuffix("accuracy") || monitor.hasSuffix("acc")
    }
  }
}

extension Model {
  /// The values of all weights and states, in order of declaration.
  package var weightValues: [Tensor] { Array(variables.prefix(declarations.count)) }

  /// Replaces the values of all weights and states.
  func restore(_ values: [Tensor]) { variables.replaceSubrange(0..<values.count, with: values) }
}
