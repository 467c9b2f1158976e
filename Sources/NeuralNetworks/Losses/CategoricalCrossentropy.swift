import TensorGraph

/// The cross-entropy of predicted probabilities `p` and given ones `y`: `−Σ y·log p`.
///
/// - Targets: `[batch, …, classes]`, probabilities, such as one-hot vectors.
/// - Predictions: `[batch, …, classes]`, probabilities, or logits with `fromLogits`.
///
/// Where probabilities are the output of a softmax, the loss is computed from the numbers that went
/// into it: exact also where a probability underflows. Keras holds probabilities between 1e-7 and
/// 1 − 1e-7 instead; within these bounds the two differ by less than 1e-6.
public struct CategoricalCrossentropy: Loss {
  /// Whether predictions are logits: numbers that a softmax makes probabilities of.
  public var fromLogits: Bool
  /// The share of each target, from 0 to 1, that is spread evenly over all classes.
  public var labelSmoothing: Double
  /// The axis of the classes.
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

  public var targets: TargetForm { .probabilities }

  public var mistake: String? { smoothingMistake(labelSmoothing) }

  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard target.isValid, let axis = axes([axis], of: prediction)?.first else {
      return prediction.trace.invalid
    }
    let y = smoothed(target, by: labelSmoothing, towards: 1 / Double(prediction.shape[axis]))
      .movingLast(axis)
    if let logits = fromLogits ? prediction : logits(behindSoftmax: prediction, axis: axis) {
      return -(y * logSoftmax(logits.movingLast(axis))).sum(axes: [-1])
    }
    return -(y * log(clippedProbabilities(prediction.movingLast(axis)))).sum(axes: [-1])
  }
}

/// `target` moved towards `center` by the share `smoothing`.
func smoothed(_ target: Symbol, by smoothing: Double, towards center: Double) -> Symbol {
  smoothing == 0 ? target : target * (1 - smoothing) + smoothing * center
}
