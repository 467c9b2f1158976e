import TensorGraph

/// The negative logarithm of the probability of counts `y` that occur at the rate `ŷ`, but for
/// terms without `ŷ`: the mean over the last axis of `ŷ − y·log(ŷ + 1e-7)`.
///
/// - Targets: `[batch, …, units]`, counts.
/// - Predictions: `[batch, …, units]`, rates: positive, as an exponential or a softplus makes them.
///   A negative one makes the loss NaN.
public struct Poisson: Loss {
  public var reduction: LossReduction

  /// Creates the loss.
  public init(reduction: LossReduction = .sumOverBatchSize) { self.reduction = reduction }

  public var targets: TargetForm { .numbers }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    (prediction - target * log(prediction + smallest)).meanOfLastAxis
  }
}
