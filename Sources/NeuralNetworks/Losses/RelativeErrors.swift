import TensorGraph

/// How far predictions are off in percent of the target: the mean over the last axis of
/// `100·|ŷ − y| / max(|y|, 1e-7)`.
///
/// A target of 0 makes it huge.
public struct MeanAbsolutePercentageError: Loss {
  public var reduction: LossReduction

  /// Creates the loss.
  public init(reduction: LossReduction = .sumOverBatchSize) { self.reduction = reduction }

  public var targets: TargetForm { .numbers }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    100 * abs((prediction - target) / maximum(abs(target), smallest)).meanOfLastAxis
  }
}

/// The mean over the last axis of `(log(1 + ŷ) − log(1 + y))²`: how far predictions are off by
/// ratio, for targets that are not negative.
///
/// Numbers below 1e-7 count as that, so where a prediction is negative there is no gradient.
public struct MeanSquaredLogarithmicError: Loss {
  public var reduction: LossReduction

  /// Creates the loss.
  public init(reduction: LossReduction = .sumOverBatchSize) { self.reduction = reduction }

  public var targets: TargetForm { .numbers }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    square(log1p(maximum(prediction, smallest)) - log1p(maximum(target, smallest))).meanOfLastAxis
  }
}

/// What Keras adds to, or holds above 0, what it divides by or takes the logarithm of.
let smallest = 1e-7
