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
  public var reduction: LossReduction

  /// Creates the loss.
  public init(
    fromLogits: Bool = false, labelSmoothing: Double = 0,
    reduction: LossReduction = .sumOverBatchSize
  ) {
    self.fromLogits = fromLogits
    self.labelSmoothing = labelSmoothing
    self.reduction = reduction
  }

  public var targets: TargetForm { .probabilities }

  public var mistake: String? {
    (0...1).contains(labelSmoothing)
      ? nil : "\(className) needs a label smoothing from 0 to 1, not \(labelSmoothing)"
  }

  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard target.isValid, prediction.isValid else { return prediction }
    let y = smoothed(target, by: labelSmoothing, towards: 1 / Double(prediction.shape[-1]))
    if let logits = fromLogits ? prediction : logits(behindSoftmax: prediction) {
      return -(y * logSoftmax(logits)).sum(axes: [-1])
    }
    return -(y * log(clippedProbabilities(prediction))).sum(axes: [-1])
  }
}

/// `target` moved towards `center` by the share `smoothing`.
func smoothed(_ target: Symbol, by smoothing: Double, towards center: Double) -> Symbol {
  smoothing == 0 ? target : target * (1 - smoothing) + smoothing * center
}
