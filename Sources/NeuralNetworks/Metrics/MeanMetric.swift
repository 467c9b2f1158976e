import TensorGraph

/// A metric that is the mean over all samples of a number for each.
///
/// Samples and steps that the mask of a prediction leaves out do not count.
public protocol MeanMetric: Metric {
  /// The value of each sample, and of each step of sequences.
  ///
  /// - Parameters:
  ///   - target: aligned with the prediction as `targets` says.
  ///   - prediction: `[batch, …, units]`
  /// - Returns: `[batch, …]`
  func values(_ target: Symbol, _ prediction: Symbol) -> Symbol
}

extension MeanMetric {
  public func states(_ prediction: [Int?]) -> [MetricState] { ["total", "count"] }

  public func updated(
    _ states: [Symbol], _ target: Symbol, _ prediction: Symbol, sampleWeight: Symbol?
  ) -> [Symbol] {
    let values = values(target, prediction)
    guard values.isValid else { return states.map { _ in values } }
    let added: (total: Symbol, count: Symbol)
    if let weight = weights(of: values, prediction, sampleWeight: sampleWeight) {
      // A value without weight does not count even if it is infinite or NaN: padding is anything.
      let weighted = select(weight .== 0, weight * 0, values * weight)
      added = (weighted.sum(), weight.broadcast(to: values.shape).sum())
    } else {
      let count = values.trace.constant(Double(values.shape.count), dtype: .float64)
      added = (values.sum(), count)
    }
    return [states[0] + added.total.cast(to: .float64), states[1] + added.count.cast(to: .float64)]
  }

  /// The mean; 0 where nothing counted yet.
  public func result(_ states: [[Double]]) -> [Double] {
    [states[1][0] == 0 ? 0 : states[0][0] / states[1][0]]
  }
}
