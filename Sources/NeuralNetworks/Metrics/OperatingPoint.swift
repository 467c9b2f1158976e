import TensorGraph

/// A metric that is the best of one rate among the thresholds where another one is high enough.
protocol OperatingPointMetric: ThresholdMetric {
  /// How many thresholds at equal distances from 0 to 1 are tried.
  var numThresholds: Int { get }
  /// What the constrained rate must reach, and what it is called.
  var bound: (name: String, value: Double) { get }
  /// The rate that is constrained, and the one that is reported.
  func rates(_ counts: RateCounts) -> (constrained: Double, reported: Double)
}

/// The four counts at a threshold, and the rates they make.
struct RateCounts {
  let tp, fp, tn, fn: Double

  /// The share of what is positive that is predicted to be; sensitivity is another word for it.
  var recall: Double { share(tp, of: tp + fn) }
  /// The share of what is predicted to be positive that is.
  var precision: Double { share(tp, of: tp + fp) }
  /// The share of what is negative that is predicted to be.
  var specificity: Double { share(tn, of: tn + fp) }
}

extension OperatingPointMetric {
  var levels: Thresholds { Thresholds(count: numThresholds) }
  var kinds: [ConfusionCounts.Kind] {
    [.truePositives, .falsePositives, .trueNegatives, .falseNegatives]
  }
  public var mistake: String? {
    if !(0...1).contains(bound.value) {
      return "\(className) needs a \(bound.name) from 0 to 1, not \(bound.value)"
    }
    if !(1...Thresholds.limit).contains(numThresholds) {
      return "\(className) needs from 1 to \(Thresholds.limit) thresholds, not \(numThresholds)"
    }
    return choiceMistake
  }
  public func result(_ s: [[Double]]) -> [Double] {
    let reached = s[0].indices.compactMap { i -> Double? in
      let rates = rates(RateCounts(tp: s[0][i], fp: s[1][i], tn: s[2][i], fn: s[3][i]))
      return rates.constrained >= bound.value ? rates.reported : nil
    }
    return [max(reached.max() ?? 0, 0)]
  }
}

/// The best precision at a threshold where the recall is at least `recall`; 0 if it nowhere is.
///
/// - Targets: `[batch, …, classes]`, 0 or 1.
/// - Predictions: `[batch, …, classes]`, numbers from 0 to 1.
public struct PrecisionAtRecall: OperatingPointMetric, Metric {
  /// What the recall must reach, from 0 to 1.
  public var recall: Double
  /// How many thresholds at equal distances from 0 to 1 are tried.
  public var numThresholds: Int
  /// The only class that is looked at; all if nothing is said.
  public var classID: Int?

  /// Creates the metric.
  public init(_ recall: Double, numThresholds: Int = 200, classID: Int? = nil) {
    self.recall = recall
    self.numThresholds = numThresholds
    self.classID = classID
  }

  var bound: (name: String, value: Double) { ("recall", recall) }
  func rates(_ counts: RateCounts) -> (constrained: Double, reported: Double) {
    (counts.recall, counts.precision)
  }
}

/// The best recall at a threshold where the precision is at least `precision`; 0 if it nowhere is.
///
/// - Targets: `[batch, …, classes]`, 0 or 1.
/// - Predictions: `[batch, …, classes]`, numbers from 0 to 1.
public struct RecallAtPrecision: OperatingPointMetric, Metric {
  /// What the precision must reach, from 0 to 1.
  public var precision: Double
  /// How many thresholds at equal distances from 0 to 1 are tried.
  public var numThresholds: Int
  /// The only class that is looked at; all if nothing is said.
  public var classID: Int?

  /// Creates the metric.
  public init(_ precision: Double, numThresholds: Int = 200, classID: Int? = nil) {
    self.precision = precision
    self.numThresholds = numThresholds
    self.classID = classID
  }

  var bound: (name: String, value: Double) { ("precision", precision) }
  func rates(_ counts: RateCounts) -> (constrained: Double, reported: Double) {
    (counts.precision, counts.recall)
  }
}
