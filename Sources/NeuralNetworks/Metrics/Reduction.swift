import TensorGraph

/// The mean of all predictions, whatever the targets are.
///
/// It is for numbers of a loop of one's own, such as losses:
///
///     let loss = try RunningMetric(.mean)
///     try loss.update(losses)
///     print(loss.result)
public struct Mean: MeanMetric {
  /// Creates the metric.
  public init() {}

  public var targets: TargetForm { .numbers }
  public func aligned(_ target: Symbol, with prediction: Symbol) -> Symbol { target }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol { prediction }
}

/// The sum of all predictions, whatever the targets are.
public struct Sum: Metric {
  /// Creates the metric.
  public init() {}

  public var targets: TargetForm { .numbers }
  public func aligned(_ target: Symbol, with prediction: Symbol) -> Symbol { target }
  public func states(_ prediction: [Int?]) -> [MetricState] { ["total"] }
  public func updated(
    _ states: [Symbol], _ target: Symbol, _ prediction: Symbol, sampleWeight: Symbol?
  ) -> [Symbol] {
    let sums = Mean().updated(
      [states[0], states[0].constant(0)], target, prediction, sampleWeight: sampleWeight)
    return [sums[0]]
  }
  public func result(_ states: [[Double]]) -> [Double] { states[0] }
}
