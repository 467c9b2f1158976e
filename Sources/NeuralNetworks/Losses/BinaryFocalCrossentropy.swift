import TensorGraph

/// The cross-entropy of yes-or-no questions, with those that are answered well counting less: the
/// mean over the last axis of `(1 − pₜ)ᵞ · (−y·log p − (1 − y)·log(1 − p))`, where
/// `pₜ = y·p + (1 − y)·(1 − p)` is the probability given to the right answer.
///
/// - Targets: `[batch, …, units]`, numbers from 0 to 1.
/// - Predictions: `[batch, …, units]`, probabilities, or logits with `fromLogits`.
///
/// Where probabilities are the output of a sigmoid, the loss is computed from the numbers that went
/// into it: exact also where a probability underflows. Keras holds probabilities between 1e-7 and
/// 1 − 1e-7 instead.
///
/// Reference: Lin et al., 2017, https://arxiv.org/abs/1708.02002
public struct BinaryFocalCrossentropy: Loss {
  /// Whether 1 and 0 are weighted by `alpha` and `1 − alpha`.
  public var applyClassBalancing: Bool
  /// The weight of the answer 1, α, from 0 to 1.
  public var alpha: Double
  /// How much less what is answered well counts, γ; 0 is the plain cross-entropy.
  public var gamma: Double
  /// Whether predictions are logits: numbers that a sigmoid makes probabilities of.
  public var fromLogits: Bool
  /// The share of each target, from 0 to 1, that is replaced by a half.
  public var labelSmoothing: Double
  /// The axis over which the mean is taken.
  public var axis: Int
  public var reduction: LossReduction

  /// Creates the loss.
  public init(
    applyClassBalancing: Bool = false, alpha: Double = 0.25, gamma: Double = 2,
    fromLogits: Bool = false, labelSmoothing: Double = 0, axis: Int = -1,
    reduction: LossReduction = .sumOverBatchSize
  ) {
    self.applyClassBalancing = applyClassBalancing
    self.alpha = alpha
    self.gamma = gamma
    self.fromLogits = fromLogits
    self.labelSmoothing = labelSmoothing
    self.axis = axis
    self.reduction = reduction
  }

  public var targets: TargetForm { .binary }

  public var mistake: String? {
    (0...1).contains(alpha)
      ? focalMistake(gamma, labelSmoothing)
      : "\(className) needs an alpha from 0 to 1, not \(alpha)"
  }

  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard target.isValid, let axes = axes([axis], of: prediction) else {
      return prediction.trace.invalid
    }
    let y = smoothed(target, by: labelSmoothing, towards: 0.5)
    var loss: Symbol, wrong: Symbol  // wrong is 1 − pₜ
    if let x = fromLogits ? prediction : logits(behindSigmoid: prediction) {
      loss = y * softplus(-x) + (1 - y) * softplus(x)
      wrong = y * sigmoid(-x) + (1 - y) * sigmoid(x)
    } else {
      let p = clip(prediction, probabilityBounds.low, probabilityBounds.high)
      loss = -(y * log(p) + (1 - y) * log(1 - p))
      wrong = y * (1 - prediction) + (1 - y) * prediction
    }
    if gamma != 0 { loss = focalFactor(wrong, gamma) * loss }
    if applyClassBalancing { loss = (y * alpha + (1 - y) * (1 - alpha)) * loss }
    return loss.mean(axes: axes)
  }
}

extension Loss {
  /// What is wrong with the settings that focal losses share.
  func focalMistake(_ gamma: Double, _ labelSmoothing: Double) -> String? {
    guard gamma >= 0, gamma.isFinite else {
      return "\(className) needs a gamma of at least 0, not \(gamma)"
    }
    return smoothingMistake(labelSmoothing)
  }

  /// What is wrong with the share of targets that is smoothed.
  func smoothingMistake(_ labelSmoothing: Double) -> String? {
    (0...1).contains(labelSmoothing)
      ? nil : "\(className) needs a label smoothing from 0 to 1, not \(labelSmoothing)"
  }
}
