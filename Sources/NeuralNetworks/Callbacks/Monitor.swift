import TensorGraph

/// Which way a loss or a metric gets better.
public enum MonitorMode: String, Sendable, Hashable, Codable, CaseIterable {
  /// As the loss or the metric says: up for accuracies, down for losses.
  case auto
  /// The less the better.
  case min
  /// The more the better.
  case max
}

/// A loss or a metric that a callback watches: which one, which way is better, and by how much.
package struct Monitor: Sendable, Hashable {
  /// Who watches it.
  package let watcher: String
  /// What is watched, such as `val_loss`.
  package let name: String
  /// Which way is better, as it was asked for.
  package let mode: MonitorMode
  /// By how much it must change to count as better.
  package let minDelta: Double
  /// Which way is better, once a training was looked at.
  private var isUp = false

  package init(_ watcher: String, _ name: String, _ mode: MonitorMode, minDelta: Double = 0) {
    self.watcher = watcher
    self.name = name
    self.mode = mode
    self.minDelta = abs(minDelta)
  }

  /// Looks at the training that begins.
  ///
  /// - Throws: when it does not have what is watched, or nobody knows which way that is better.
  package mutating func begin(
    _ plan: TrainingPlan, _ control: TrainingControl
  ) throws(GraphError) {
    var names = Array(control.logs.keys)
    if plan.validationSampleCount != 0 { names += names.map { "val_" + $0 } }
    guard names.contains(name) || name == "learning_rate" else {
      let needsValidation = plan.validationSampleCount == 0 && name.hasPrefix("val_")
      throw GraphError(
        "\(watcher) watches \(name), which this training does not have",
        hint: needsValidation
          ? "give data to validate with: validationSplit or validationData"
          : spellingHint(name, in: names))
    }
    switch mode {
    case .min: isUp = false
    case .max: isUp = true
    case .auto:
      let plain = name.hasPrefix("val_") ? String(name.dropFirst(4)) : name
      guard let isUp = control.model.compilation?.isHigherBetter(plain) else {
        throw GraphError(
          "\(watcher) watches \(name), and does not know which way it gets better",
          hint: "give mode: .max or mode: .min")
      }
      self.isUp = isUp
    }
  }

  /// Whether `value` is better than `other`; any number is better than none, and NaN never.
  package func isBetter(_ value: Double, than other: Double?) -> Bool {
    guard !value.isNaN else { return false }
    guard let other else { return true }
    return isUp ? value - minDelta > other : value + minDelta < other
  }
}

extension Compilation {
  /// Whether the loss or the metric that logs call `name` is better the higher it is; nothing when
  /// that is not known.
  fileprivate func isHigherBetter(_ name: String) -> Bool? {
    guard let place = meters.firstIndex(where: { $0.name == name }) else { return nil }
    let first = meters.count - metrics.count
    return place < first ? false : metrics[place - first].metric.isHigherBetter
  }
}

extension Choice where Value == any Metric {
  /// Whether the metric is better the higher it is, as Keras has it; nothing when it is neither,
  /// such as a count.
  fileprivate var isHigherBetter: Bool? {
    let className: String
    switch self {
    case .value(let metric): className = metric.className
    case .named(let name):
      guard let metric = try? knownMetrics(name) else { return true }  // `accuracy`
      className = metric.className
    }
    if upward.contains(className) { return true }
    if className == "RootMeanSquaredError" { return false }
    return knownLosses.entries.contains { $0.value.className == className } ? false : nil
  }
}

/// The metrics that are better the higher they are.
private let upward: Set<String> = [
  "Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy",
  "TopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy", "Precision", "Recall",
  "SensitivityAtSpecificity", "SpecificityAtSensitivity", "PrecisionAtRecall",
  "RecallAtPrecision", "AUC", "CosineSimilarity", "R2Score", "IoU", "BinaryIoU", "MeanIoU",
  "OneHotIoU", "OneHotMeanIoU", "PearsonCorrelation", "ConcordanceCorrelation", "FBetaScore",
  "F1Score",
]
