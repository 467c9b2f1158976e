import TensorGraph

/// How the R² scores of several outputs become one number.
public enum ClassAggregation: String, Sendable, Hashable, Codable, CaseIterable {
  /// Their mean.
  case uniformAverage = "uniform_average"
  /// Their mean weighted by the variance of each output's targets.
  case varianceWeightedAverage = "variance_weighted_average"
}

/// The share of the targets' variance that predictions explain: `1 − Σ (y − ŷ)² / Σ (y − ȳ)²`,
/// 1 at best, 0 for predicting the mean ȳ, and below 0 for worse.
///
/// - Targets: `[batch, outputs]`, any numbers.
/// - Predictions: `[batch, outputs]`, any numbers.
///
/// Where the targets of an output are all the same, its score is 0.
public struct R2Score: Metric {
  /// How the scores of the outputs become one number; without it there is one for each output.
  public var classAggregation: ClassAggregation?
  /// How many independent variables predictions were made from, `p`, for the adjusted score
  /// `1 − (1 − R²)·(n − 1) / (n − p − 1)` of `n` targets; 0 leaves the score as it is, and so do
  /// `n − 1` and more.
  public var numRegressors: Int

  /// Creates the metric.
  public init(classAggregation: ClassAggregation? = .uniformAverage, numRegressors: Int = 0) {
    self.classAggregation = classAggregation
    self.numRegressors = numRegressors
  }

  public var targets: TargetForm { .numbers }
  public var mistake: String? {
    numRegressors < 0 ? "R2Score needs 0 regressors or more, not \(numRegressors)" : nil
  }

  public func states(_ prediction: [Int?]) throws(GraphError) -> [MetricState] {
    let outputs = try classCount(prediction, of: defaultName)
    return ["squared_sum", "sum", "residual", "count"].map { MetricState($0, [outputs]) }
      + ["num_samples"]
  }

  public func updated(
    _ states: [Symbol], _ target: Symbol, _ prediction: Symbol, sampleWeight: Symbol?
  ) -> [Symbol] {
    let p = prediction.masked(by: nil), y = target.cast(to: .float64)
    let weight =
      weights(of: p, prediction, sampleWeight: sampleWeight)?.cast(to: .float64) ?? y.constant(1)
    let weights = weight.broadcast(to: y.shape)
    let squares = [square(y), y, square(y - p.cast(to: .float64)), y.constant(1)]
    let sums = squares.map { select(weights .== 0, weights, $0 * weights).sum(axes: [0]) }
    return zip(states, sums + [y.constant(Double(y.shape.count))]).map { $0 + $1 }
  }

  public func result(_ s: [[Double]]) -> [Double] {
    let totals = s[0].indices.map { s[0][$0] - s[1][$0] * (s[1][$0] / s[3][$0]) }
    var scores = zip(s[2], totals).map { residual, total in
      let score = 1 - residual / total
      return score.isInfinite ? 0 : score
    }
    switch classAggregation {
    case nil: break
    case .uniformAverage: scores = [scores.reduce(0, +) / Double(scores.count)]
    case .varianceWeightedAverage:
      scores = [zip(totals, scores).reduce(0) { $0 + $1.0 * $1.1 } / totals.reduce(0, +)]
    }
    let (n, p) = (s[4][0], Double(numRegressors))
    guard numRegressors > 0, p < n - 1 else { return scores }
    return scores.map { 1 - (1 - $0) * (n - 1) / (n - p - 1) }
  }
}
