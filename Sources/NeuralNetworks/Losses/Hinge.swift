import TensorGraph

/// How far scores are from the right side of 1: the mean over the last axis of
/// `max(1 − y·ŷ, 0)`.
///
/// - Targets: `[batch, …, units]`, −1 or 1. Where all targets of a batch are 0 or 1, 0 counts as −1.
/// - Predictions: `[batch, …, units]`, scores: any numbers, or those of a tanh.
public struct Hinge: Loss {
  public var reduction: LossReduction

  /// Creates the loss.
  public init(reduction: LossReduction = .sumOverBatchSize) { self.reduction = reduction }

  public var targets: TargetForm { .numbers }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    shortfall(signs(target), prediction).meanOfLastAxis
  }
}

/// The square of how far scores are from the right side of 1: the mean over the last axis of
/// `max(1 − y·ŷ, 0)²`.
///
/// - Targets: `[batch, …, units]`, −1 or 1. Where all targets of a batch are 0 or 1, 0 counts as −1.
/// - Predictions: `[batch, …, units]`, scores: any numbers, or those of a tanh.
public struct SquaredHinge: Loss {
  public var reduction: LossReduction

  /// Creates the loss.
  public init(reduction: LossReduction = .sumOverBatchSize) { self.reduction = reduction }

  public var targets: TargetForm { .numbers }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    square(shortfall(signs(target), prediction)).meanOfLastAxis
  }
}

/// How much less than 1 the score of the right class is ahead of the largest other one:
/// `max(1 + max((1 − y)·ŷ) − Σ y·ŷ, 0)`, over the last axis.
///
/// - Targets: `[batch, …, classes]`, one-hot.
/// - Predictions: `[batch, …, classes]`, scores.
public struct CategoricalHinge: Loss {
  public var reduction: LossReduction

  /// Creates the loss.
  public init(reduction: LossReduction = .sumOverBatchSize) { self.reduction = reduction }

  public var targets: TargetForm { .probabilities }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    let right = (target * prediction).sum(axes: [-1])
    let other = ((1 - target) * prediction).max(axes: [-1])
    return maximum(other - right + 1, 0)
  }
}

/// What scores lack on the side of `target` to reach 1.
private func shortfall(_ target: Symbol, _ prediction: Symbol) -> Symbol {
  maximum(1 - target * prediction, 0)
}

/// `target` with −1 for 0 if all of it is 0 or 1.
private func signs(_ target: Symbol) -> Symbol {
  guard target.isValid else { return target }
  let others = ((target .!= 0) .& (target .!= 1)).sum()
  return select(others .> 0, target, 2 * target - 1)
}
