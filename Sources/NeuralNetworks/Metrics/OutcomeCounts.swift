import TensorGraph

/// How much of what is positive is predicted to be so: `Σ w` where the target is not 0 and the
/// prediction is above the threshold.
///
/// - Targets: `[batch, …]`, 0 or 1.
/// - Predictions: `[batch, …]`, numbers from 0 to 1.
///
/// Several thresholds give as many numbers.
public struct TruePositives: ThresholdMetric, Metric {
  /// One threshold or several, from 0 to 1; a half if nothing is said.
  public var thresholds: OneOrMany<Double>?

  /// Creates the metric.
  public init(thresholds: OneOrMany<Double>? = nil) { self.thresholds = thresholds }

  var levels: Thresholds { Thresholds(thresholds?.values ?? [0.5]) }
  var kinds: [ConfusionCounts.Kind] { [.truePositives] }
  public var mistake: String? { Thresholds.mistake(thresholds?.values, of: className) }
  public func result(_ states: [[Double]]) -> [Double] { states[0] }
}

/// How much of what is negative is predicted to be so: `Σ w` where the target is 0 and the
/// prediction is not above the threshold.
///
/// - Targets: `[batch, …]`, 0 or 1.
/// - Predictions: `[batch, …]`, numbers from 0 to 1.
///
/// Several thresholds give as many numbers.
public struct TrueNegatives: ThresholdMetric, Metric {
  /// One threshold or several, from 0 to 1; a half if nothing is said.
  public var thresholds: OneOrMany<Double>?

  /// Creates the metric.
  public init(thresholds: OneOrMany<Double>? = nil) { self.thresholds = thresholds }

  var levels: Thresholds { Thresholds(thresholds?.values ?? [0.5]) }
  var kinds: [ConfusionCounts.Kind] { [.trueNegatives] }
  public var mistake: String? { Thresholds.mistake(thresholds?.values, of: className) }
  public func result(_ states: [[Double]]) -> [Double] { states[0] }
}

/// How much of what is negative is predicted to be positive: `Σ w` where the target is 0 and the
/// prediction is above the threshold.
///
/// - Targets: `[batch, …]`, 0 or 1.
/// - Predictions: `[batch, …]`, numbers from 0 to 1.
///
/// Several thresholds give as many numbers.
public struct FalsePositives: ThresholdMetric, Metric {
  /// One threshold or several, from 0 to 1; a half if nothing is said.
  public var thresholds: OneOrMany<Double>?

  /// Creates the metric.
  public init(thresholds: OneOrMany<Double>? = nil) { self.thresholds = thresholds }

  var levels: Thresholds { Thresholds(thresholds?.values ?? [0.5]) }
  var kinds: [ConfusionCounts.Kind] { [.falsePositives] }
  public var mistake: String? { Thresholds.mistake(thresholds?.values, of: className) }
  public func result(_ states: [[Double]]) -> [Double] { states[0] }
}

/// How much of what is positive is predicted to be negative: `Σ w` where the target is not 0 and
/// the prediction is not above the threshold.
///
/// - Targets: `[batch, …]`, 0 or 1.
/// - Predictions: `[batch, …]`, numbers from 0 to 1.
///
/// Several thresholds give as many numbers.
public struct FalseNegatives: ThresholdMetric, Metric {
  /// One threshold or several, from 0 to 1; a half if nothing is said.
  public var thresholds: OneOrMany<Double>?

  /// Creates the metric.
  public init(thresholds: OneOrMany<Double>? = nil) { self.thresholds = thresholds }

  var levels: Thresholds { Thresholds(thresholds?.values ?? [0.5]) }
  var kinds: [ConfusionCounts.Kind] { [.falseNegatives] }
  public var mistake: String? { Thresholds.mistake(thresholds?.values, of: className) }
  public func result(_ states: [[Double]]) -> [Double] { states[0] }
}
