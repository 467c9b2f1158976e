import TensorGraph

/// How the scores of several classes become one number.
public enum ScoreAverage: String, Sendable, Hashable, Codable, CaseIterable {
  /// The score of the counts of all classes together.
  case micro
  /// The mean of the classes' scores.
  case macro
  /// The mean of the classes' scores, weighted by how often each class is the target.
  case weighted
}

/// Precision `P` and recall `R` in one number, where recall is `β` times as important:
/// `(1 + β²)·P·R / (β²·P + R)`.
///
/// - Targets: `[batch, classes]`, 0 or 1.
/// - Predictions: `[batch, classes]`, numbers from 0 to 1.
///
/// Without `average` there is a number for each class.
public struct FBetaScore: Metric {
  /// How the scores of the classes become one number; if nothing is said, they do not.
  public var average: ScoreAverage?
  /// How many times as important recall is as precision.
  public var beta: Double
  /// Above what a prediction says yes; if nothing is said, the largest one of a sample does.
  public var threshold: Double?

  /// Creates the metric.
  public init(average: ScoreAverage? = nil, beta: Double = 1, threshold: Double? = nil) {
    self.average = average
    self.beta = beta
    self.threshold = threshold
  }

  public var defaultName: String { "fbeta_score" }
  public var targets: TargetForm { .probabilities }
  public var mistake: String? { mistake(of: className) }

  func mistake(of className: String) -> String? {
    if !(beta > 0 && beta.isFinite) { return "\(className) needs a beta above 0, not \(beta)" }
    if let threshold, !(threshold > 0 && threshold <= 1) {
      return "\(className) needs a threshold above 0 and up to 1, not \(threshold)"
    }
    return nil
  }

  public func states(_ prediction: [Int?]) throws(GraphError) -> [MetricState] {
    let classes = try classCount(prediction, of: defaultName)
    let names = ["true_positives", "false_positives", "false_negatives", "intermediate_weights"]
    return names.map { MetricState($0, average == .micro ? [] : [classes]) }
  }

  public func updated(
    _ states: [Symbol], _ target: Symbol, _ prediction: Symbol, sampleWeight: Symbol?
  ) -> [Symbol] {
    let p = prediction.masked(by: nil)
    let weight = weights(of: p, prediction, sampleWeight: sampleWeight)?.cast(to: .float64)
    // A row of zeros says nothing at all, not everything.
    let says =
      threshold.map { p .> $0 }
      ?? ((p .>= p.max(axes: [-1], keepDims: true)) .& (abs(p) .> 1e-9))
    let yes = says.cast(to: .float64), y = target.cast(to: .float64)
    let amounts = [yes * y, yes * (1 - y), (1 - yes) * y, y]
    return zip(states, amounts).map { state, amount in
      let weighted = weight.map { select($0 .== 0, amount * 0, amount * $0) } ?? amount
      return state + (average == .micro ? weighted.sum() : weighted.sum(axes: [0]))
    }
  }

  public func result(_ s: [[Double]]) -> [Double] {
    let scores = s[0].indices.map { i in
      let precision = s[0][i] / (s[0][i] + s[1][i] + smallest)
      let recall = s[0][i] / (s[0][i] + s[2][i] + smallest)
      let b = beta * beta
      return (1 + b) * (precision * recall) / (b * precision + recall + smallest)
    }
    switch average {
    case nil: return scores
    case .micro, .macro: return [scores.reduce(0, +) / Double(max(scores.count, 1))]
    case .weighted:
      let all = s[3].reduce(0, +) + smallest
      return [zip(scores, s[3]).reduce(0) { $0 + $1.0 * $1.1 / all }]
    }
  }
}

/// Precision `P` and recall `R` in one number, their harmonic mean: `2·P·R / (P + R)`.
///
/// - Targets: `[batch, classes]`, 0 or 1.
/// - Predictions: `[batch, classes]`, numbers from 0 to 1.
///
/// Without `average` there is a number for each class.
public struct F1Score: Metric {
  /// How the scores of the classes become one number; if nothing is said, they do not.
  public var average: ScoreAverage?
  /// Above what a prediction says yes; if nothing is said, the largest one of a sample does.
  public var threshold: Double?

  /// Creates the metric.
  public init(average: ScoreAverage? = nil, threshold: Double? = nil) {
    self.average = average
    self.threshold = threshold
  }

  private var general: FBetaScore { FBetaScore(average: average, threshold: threshold) }
  public var targets: TargetForm { general.targets }
  public var mistake: String? { general.mistake(of: className) }
  public func states(_ prediction: [Int?]) throws(GraphError) -> [MetricState] {
    _ = try classCount(prediction, of: defaultName)
    return try general.states(prediction)
  }
  public func updated(
    _ states: [Symbol], _ target: Symbol, _ prediction: Symbol, sampleWeight: Symbol?
  ) -> [Symbol] {
    general.updated(states, target, prediction, sampleWeight: sampleWeight)
  }
  public func result(_ states: [[Double]]) -> [Double] { general.result(states) }
}

/// The number of classes of predictions `[batch, classes]`.
func classCount(_ prediction: [Int?], of name: String) throws(GraphError) -> Int {
  guard prediction.count == 2, let classes = prediction[1], isSize(classes) else {
    let sizes = prediction.map { $0.map(String.init) ?? "nil" }.joined(separator: ", ")
    throw GraphError(
      "\(name) expects predictions [batch, classes], not [\(sizes)]",
      hint: prediction.count == 1 ? "give them a last axis of 1" : "flatten what comes before it")
  }
  return classes
}
