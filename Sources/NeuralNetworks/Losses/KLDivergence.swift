import TensorGraph

/// The Kullback-Leibler divergence of predicted probabilities `p` from given ones `y`:
/// `Σ y·log(y / p)` over the last axis.
///
/// - Targets: `[batch, …, classes]`, probabilities.
/// - Predictions: `[batch, …, classes]`, probabilities.
///
/// Both are held between 1e-7 and 1. Where predictions are the output of a softmax, the loss is
/// computed from the numbers that went into it instead: exact also where a probability underflows.
public struct KLDivergence: Loss {
  public var reduction: LossReduction

  /// Creates the loss.
  public init(reduction: LossReduction = .sumOverBatchSize) { self.reduction = reduction }

  public var targets: TargetForm { .probabilities }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard target.isValid, prediction.isValid else { return prediction }
    let y = clip(target, smallest, 1)
    let logProbability =
      logits(behindSoftmax: prediction).map { logSoftmax($0) } ?? log(clip(prediction, smallest, 1))
    return (y * (log(y) - logProbability)).sum(axes: [-1])
  }
}
