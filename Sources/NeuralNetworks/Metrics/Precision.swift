import TensorGraph

/// The share of what is predicted to be positive that is: `tp / (tp + fp)`, 0 where nothing is
/// predicted to be.
///
/// - Targets: `[batch, …, classes]`, 0 or 1.
/// - Predictions: `[batch, …, classes]`, numbers from 0 to 1.
///
/// Several thresholds give as many numbers.
public struct Precision: ThresholdMetric, Metric {
  /// One threshold or several, from 0 to 1, above which a prediction says yes; a half if nothing is
  /// said, and none with `topK`.
  public var thresholds: OneOrMany<Double>?
  /// How many of the largest predictions of the last axis can say yes; all if nothing is said.
  public var topK: Int?
  /// The only class that is looked at; all if nothing is said.
  public var classID: Int?

  /// Creates the metric.
  public init(thresholds: OneOrMany<Double>? = nil, topK: Int? = nil, classID: Int? = nil) {
    self.thresholds = thresholds
    self.topK = topK
    self.classID = classID
  }

  var levels: Thresholds { Thresholds(thresholds?.values ?? [topK == nil ? 0.5 : farBelow]) }
  var kinds: [ConfusionCounts.Kind] { [.truePositives, .falsePositives] }
  public var mistake: String? {
    Thresholds.mistake(thresholds?.values, of: className) ?? choiceMistake
  }
  public func result(_ states: [[Double]]) -> [Double] {
    zip(states[0], states[1]).map { share($0, of: $0 + $1) }
  }
}

/// The share of what is positive that is predicted to be: `tp / (tp + fn)`, 0 where nothing is
/// positive.
///
/// - Targets: `[batch, …, classes]`, 0 or 1.
/// - Predictions: `[batch, …, classes]`, numbers from 0 to 1.
///
/// Several thresholds give as many numbers.
public struct Recall: ThresholdMetric, Metric {
  /// One threshold or several, from 0 to 1, above which a prediction says yes; a half if nothing is
  /// said, and none with `topK`.
  public var thresholds: OneOrMany<Double>?
  /// How many of the largest predictions of the last axis can say yes; all if nothing is said.
  public var topK: Int?
  /// The only class that is looked at; all if nothing is said.
  public var classID: Int?

  /// Creates the metric.
  public init(thresholds: OneOrMany<Double>? = nil, topK: Int? = nil, classID: Int? = nil) {
    self.thresholds = thresholds
    self.topK = topK
    self.classID = classID
  }

  var levels: Thresholds { Thresholds(thresholds?.values ?? [topK == nil ? 0.5 : farBelow]) }
  var kinds: [ConfusionCounts.Kind] { [.truePositives, .falseNegatives] }
  public var mistake: String? {
    Thresholds.mistake(thresholds?.values, of: className) ?? choiceMistake
  }
  public func result(_ states: [[Double]]) -> [Double] {
    zip(states[0], states[1]).map { share($0, of: $0 + $1) }
  }
}
