import TensorGraph

/// The negative cosine of the angle between prediction and target: `−Σ y·ŷ / (‖y‖·‖ŷ‖)`, from −1
/// for the same direction to 1 for the opposite one.
///
/// - Targets: `[batch, …, units]`, any numbers.
/// - Predictions: `[batch, …, units]`, any numbers. Lengths below 1e-7 count as that, so a vector of
///   zeros gives 0.
public struct CosineSimilarity: Loss {
  /// The axis along which the vectors lie.
  public var axis: Int
  public var reduction: LossReduction

  /// Creates the loss.
  public init(axis: Int = -1, reduction: LossReduction = .sumOverBatchSize) {
    self.axis = axis
    self.reduction = reduction
  }

  public var targets: TargetForm { .numbers }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard let axes = axes([axis], of: prediction) else { return prediction.trace.invalid }
    func direction(_ x: Symbol) -> Symbol {
      // Held above 0 before the root, whose slope is infinite there.
      x * rsqrt(maximum(square(x).sum(axes: axes, keepDims: true), smallest * smallest))
    }
    return -(direction(target) * direction(prediction)).sum(axes: axes)
  }
}
