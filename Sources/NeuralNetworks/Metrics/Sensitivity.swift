import TensorGraph

/// The best sensitivity at a threshold where the specificity is at least `specificity`; 0 if it nowhere is.
///
/// - Targets: `[batch, …, classes]`, 0 or 1.
/// - Predictions: `[batch, …, classes]`, numbers from 0 to 1.
public struct SensitivityAtSpecificity: OperatingPointMetric, Metric {
  /// What the specificity must reach, from 0 to 1.
  public var specificity: Double
  /// How many thresholds at equal distances from 0 to 1 are tried.
  public var numThresholds: Int
  /// The only class that is looked at; all if nothing is said.
  public var classID: Int?

  /// Creates the metric.
  public init(_ specificity: Double, numThresholds: Int = 200, classID: Int? = nil) {
    self.specificity = specificity
    self.numThresholds = numThresholds
    self.classID = classID
  }

  var bound: (name: String, value: Double) { ("specificity", specificity) }
  func rates(_ counts: RateCounts) -> (constrained: Double, reported: Double) {
    (counts.specificity, counts.recall)
  }
}

/// The best specificity at a threshold where the sensitivity is at least `sensitivity`; 0 if it nowhere is.
///
/// - Targets: `[batch, …, classes]`, 0 or 1.
/// - Predictions: `[batch, …, classes]`, numbers from 0 to 1.
public struct SpecificityAtSensitivity: OperatingPointMetric, Metric {
  /// What the sensitivity must reach, from 0 to 1.
  public var sensitivity: Double
  /// How many thresholds at equal distances from 0 to 1 are tried.
  public var numThresholds: Int
  /// The only class that is looked at; all if nothing is said.
  public var classID: Int?

  /// Creates the metric.
  public init(_ sensitivity: Double, numThresholds: Int = 200, classID: Int? = nil) {
    self.sensitivity = sensitivity
    self.numThresholds = numThresholds
    self.classID = classID
  }

  var bound: (name: String, value: Double) { ("sensitivity", sensitivity) }
  func rates(_ counts: RateCounts) -> (constrained: Double, reported: Double) {
    (counts.recall, counts.specificity)
  }
}
