import TensorGraph

/// The cross-entropy of predicted probabilities `p` and given ones `y`, with classes that are
/// predicted well counting less: `−Σ α·(1 − p)ᵞ·y·log p`.
///
/// - Targets: `[batch, …, classes]`, probabilities, such as one-hot vectors.
/// - Predictions: `[batch, …, classes]`, probabilities, or logits with `fromLogits`.
///
/// Where probabilities are the output of a softmax, the loss is computed from the numbers that went
/// into it: exact also where a probability underflows. Keras holds probabilities between 1e-7 and
/// 1 − 1e-7 instead.
///
/// Reference: Lin et al., 2017, https://arxiv.org/abs/1708.02002
public struct CategoricalFocalCrossentropy: Loss {
  /// The weight of all classes, or of each, α.
  public var alpha: OneOrMany<Double>
  /// How much less what is predicted well counts, γ; 0 is the plain cross-entropy, times α.
  public var gamma: Double
  /// Whether predictions are logits: numbers that a softmax makes probabilities of.
  public var fromLogits: Bool
  /// The share of each target, from 0 to 1, that is spread evenly over all classes.
  public var labelSmoothing: Double
  /// The axis of the classes.
  public var axis: Int
  public var reduction: LossReduction

  /// Creates the loss.
  public init(
    alpha: OneOrMany<Double> = 0.25, gamma: Double = 2, fromLogits: Bool = false,
    labelSmoothing: Double = 0, axis: Int = -1, reduction: LossReduction = .sumOverBatchSize
  ) {
    self.alpha = alpha
    self.gamma = gamma
    self.fromLogits = fromLogits
    self.labelSmoothing = labelSmoothing
    self.axis = axis
    self.reduction = reduction
  }

  public var targets: TargetForm { .probabilities }

  public var mistake: String? {
    if alpha.values.isEmpty { return "\(className) needs an alpha for each class, not []" }
    for weight in alpha.values where weight < 0 || !weight.isFinite {
      return "\(className) needs an alpha of at least 0, not \(weight)"
    }
    return focalMistake(gamma, labelSmoothing)
  }

  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard target.isValid, let axis = axes([axis], of: prediction)?.first else {
      return prediction.trace.invalid
    }
    let classes = prediction.shape[axis]
    guard alpha.values.count == 1 || alpha.values.count == classes else {
      return prediction.trace.fail(
        "\(className) has \(alpha.values.count) alphas for \(classes) classes",
        operands: [prediction.type], hint: "give one for each class, or one for all")
    }
    let y = smoothed(target, by: labelSmoothing, towards: 1 / Double(classes)).movingLast(axis)
    let logP: Symbol, wrong: Symbol  // wrong is 1 − p
    if let logits = fromLogits ? prediction : logits(behindSoftmax: prediction, axis: axis) {
      logP = logSoftmax(logits.movingLast(axis))
      wrong = -expm1(logP)
    } else {
      let p = clippedProbabilities(prediction.movingLast(axis))
      logP = log(p)
      wrong = 1 - p
    }
    let loss = -y * logP * (gamma == 0 ? wrong.constant(1) : focalFactor(wrong, gamma))
    return (loss * weights(of: loss)).sum(axes: [-1])
  }

  /// The weights of the classes: `[classes]`, or a scalar.
  private func weights(of loss: Symbol) -> Symbol {
    alpha.values.count == 1
      ? loss.constant(alpha.values[0])
      : loss.trace.constant(Tensor([alpha.values.count], alpha.values)).cast(to: loss.dtype)
  }
}
