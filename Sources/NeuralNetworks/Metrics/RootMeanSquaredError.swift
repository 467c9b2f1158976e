import TensorGraph

/// The root of the mean of `(ŷ − y)²` over all numbers of all samples.
public struct RootMeanSquaredError: MeanMetric {
  /// Creates the metric.
  public init() {}

  public var targets: TargetForm { .numbers }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    square(prediction - target)
  }
  public func result(_ states: [[Double]]) -> [Double] {
    [share(states[0][0], of: states[1][0]).squareRoot()]
  }
}
