import TensorGraph

/// The cosine of the angle between prediction and target, `Σ y·ŷ / (‖y‖·‖ŷ‖)`: 1 for the same
/// direction. Keras calls it `CosineSimilarity`, and the loss, which has the opposite sign, too.
///
/// - Targets: `[batch, …, units]`, any numbers.
/// - Predictions: `[batch, …, units]`, any numbers. A vector of zeros gives 0.
public struct CosineSimilarityMetric: MeanMetric {
  /// The axis along which the vectors lie.
  public var axis: Int

  /// Creates the metric.
  public init(axis: Int = -1) { self.axis = axis }

  public var className: String { "CosineSimilarity" }
  public var targets: TargetForm { .numbers }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    -CosineSimilarity(axis: axis).values(target, prediction)
  }
}
