import TensorGraph

/// How linearly predictions follow targets, whatever the scale: the mean over samples of Pearson's
/// `cov(y, ŷ) / (σ(y)·σ(ŷ))` along an axis, from −1 to 1.
///
/// - Targets: `[batch, …, units]`, any numbers.
/// - Predictions: `[batch, …, units]`, any numbers.
///
/// Where the numbers along the axis are all the same, it is NaN.
public struct PearsonCorrelation: MeanMetric {
  /// The axis along which numbers are compared; 0 is that of the samples of a batch.
  public var axis: Int

  /// Creates the metric.
  public init(axis: Int = -1) { self.axis = axis }

  public var targets: TargetForm { .numbers }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard let (y, p) = centered(target, prediction, axis) else { return prediction.trace.invalid }
    func scaled(_ x: Symbol) -> Symbol { x / sqrt(square(x).mean(axes: [axis], keepDims: true)) }
    return (scaled(y) * scaled(p)).mean(axes: [axis])
  }
}

/// How well predictions agree with targets, in scale and location too: the mean over samples of
/// Lin's `2·cov(y, ŷ) / (σ²(y) + σ²(ŷ) + (ȳ − mean ŷ)² + 1e-7)` along an axis, from −1 to 1.
///
/// - Targets: `[batch, …, units]`, any numbers.
/// - Predictions: `[batch, …, units]`, any numbers.
///
/// Reference: Lin, 1989, A Concordance Correlation Coefficient to Evaluate Reproducibility.
public struct ConcordanceCorrelation: MeanMetric {
  /// The axis along which numbers are compared; 0 is that of the samples of a batch.
  public var axis: Int

  /// Creates the metric.
  public init(axis: Int = -1) { self.axis = axis }

  public var targets: TargetForm { .numbers }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard let (y, p) = centered(target, prediction, axis) else { return prediction.trace.invalid }
    let distance = target.mean(axes: [axis]) - prediction.mean(axes: [axis])
    let spread = square(y).mean(axes: [axis]) + square(p).mean(axes: [axis])
    return 2 * (y * p).mean(axes: [axis]) / (spread + square(distance) + smallest)
  }
}

extension Metric {
  /// Targets and predictions less their means along `axis`; nothing, and a mistake, when there is
  /// nothing to compare along it.
  fileprivate func centered(
    _ target: Symbol, _ prediction: Symbol, _ axis: Int
  ) -> (target: Symbol, prediction: Symbol)? {
    guard target.isValid, prediction.isValid else { return nil }
    guard let place = prediction.shape.axis(axis) else {
      prediction.trace.fail(
        "\(className) has the axis \(axis), but predictions have \(prediction.shape.rank) axes",
        operands: [prediction.type], hint: "axes count from 0, or from -1 at the end")
      return nil
    }
    guard prediction.shape[place] != 1 || place == 0 else {
      prediction.trace.fail(
        "\(className) compares the numbers along axis \(axis), and there is only one",
        operands: [prediction.type], hint: "axis 0 compares the samples of a batch")
      return nil
    }
    func less(_ x: Symbol) -> Symbol { x - x.mean(axes: [place], keepDims: true) }
    return (less(target), less(prediction))
  }
}
