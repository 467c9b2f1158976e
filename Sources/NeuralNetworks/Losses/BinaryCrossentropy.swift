import TensorGraph

/// The cross-entropy of yes-or-no questions: the mean of `−y·log p − (1 − y)·log(1 − p)` over an
/// axis.
///
/// - Targets: `[batch, …, units]`, numbers from 0 to 1.
/// - Predictions: `[batch, …, units]`, probabilities, or logits with `fromLogits`.
///
/// Where probabilities are the output of a sigmoid, the loss is computed from the numbers that went
/// into it: exact also where a probability underflows. Keras holds probabilities between 1e-7 and
/// 1 − 1e-7 instead; within these bounds the two differ by less than 1e-6.
public struct BinaryCrossentropy: Loss {
  /// Whether predictions are logits: numbers that a sigmoid makes probabilities of.
  public var fromLogits: Bool
  /// The share of each target, from 0 to 1, that is replaced by a half.
  public var labelSmoothing: Double
  /// The axis over which the mean is taken.
  public var axis: Int
  public var reduction: LossReduction

  /// Creates the loss.
  public init(
    fromLogits: Bool = false, labelSmoothing: Double = 0, axis: Int = -1,
    reduction: LossReduction = .sumOverBatchSize
  ) {
    self.fromLogits = fromLogits
    self.labelSmoothing = labelSmoothing
    self.axis = axis
    self.reduction = reduction
  }

  public var targets: TargetForm { .binary }

  public var mistake: String? { smoothingMistake(labelSmoothing) }

  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard target.isValid, let axes = axes([axis], of: prediction) else {
      return prediction.trace.invalid
    }
    let y = smoothed(target, by: labelSmoothing, towards: 0.5)
    if let x = fromLogits ? prediction : logits(behindSigmoid: prediction) {
      return (y * softplus(-x) + (1 - y) * softplus(x)).mean(axes: axes)
    }
    let p = clip(prediction, probabilityBounds.low, probabilityBounds.high)
    return -(y * log(p) + (1 - y) * log(1 - p)).mean(axes: axes)
  }
}
