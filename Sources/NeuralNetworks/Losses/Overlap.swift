import TensorGraph

/// How little predictions and targets overlap: `1 − 2·Σ y·ŷ / (Σ y + Σ ŷ + 1e-7)`.
///
/// - Targets: `[batch, …]`, numbers from 0 to 1, such as the pixels of a mask.
/// - Predictions: `[batch, …]`, probabilities.
///
/// The sums are over `axis`, or over the whole batch: then there is one number for all of it, and
/// what weights of samples change is how much it counts.
public struct Dice: Loss {
  public var reduction: LossReduction
  /// The axes that are summed over; all of them, the batch too, if nothing is said.
  public var axis: OneOrMany<Int>?

  /// Creates the loss.
  public init(axis: OneOrMany<Int>? = nil, reduction: LossReduction = .sumOverBatchSize) {
    self.axis = axis
    self.reduction = reduction
  }

  public var targets: TargetForm { .binary }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard let axes = axes(axis?.values ?? Array(0..<prediction.shape.rank), of: prediction)
    else { return prediction.trace.invalid }
    let common = (target * prediction).sum(axes: axes)
    return 1 - 2 * common / (target.sum(axes: axes) + prediction.sum(axes: axes) + smallest)
  }
}

/// How little predictions and targets overlap, with weights for the two ways to be wrong:
/// `1 − c / (c + α·Σ y·(1 − ŷ) + β·Σ ŷ·(1 − y) + 1e-7)`, with `c = Σ y·ŷ`.
///
/// - Targets: `[batch, …]`, numbers from 0 to 1, such as the pixels of a mask.
/// - Predictions: `[batch, …]`, probabilities.
///
/// With weights of ½ it is `Dice`. As in Keras `alpha` is that of what predictions miss, and `beta`
/// that of what they find where there is nothing; the paper has the letters the other way round.
///
/// Reference: Salehi et al., 2017, https://arxiv.org/abs/1706.05721
public struct Tversky: Loss {
  /// How much a miss counts, α.
  public var alpha: Double
  /// How much a false alarm counts, β.
  public var beta: Double
  public var reduction: LossReduction
  /// The axes that are summed over; all of them, the batch too, if nothing is said.
  public var axis: OneOrMany<Int>?

  /// Creates the loss.
  public init(
    alpha: Double = 0.5, beta: Double = 0.5, axis: OneOrMany<Int>? = nil,
    reduction: LossReduction = .sumOverBatchSize
  ) {
    self.alpha = alpha
    self.beta = beta
    self.axis = axis
    self.reduction = reduction
  }

  public var targets: TargetForm { .binary }
  public var mistake: String? {
    for (name, weight) in [("alpha", alpha), ("beta", beta)] {
      guard weight >= 0, weight.isFinite else {
        return "Tversky needs \(name == "alpha" ? "an" : "a") \(name) of at least 0, not \(weight)"
      }
    }
    return nil
  }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard let axes = axes(axis?.values ?? Array(0..<prediction.shape.rank), of: prediction)
    else { return prediction.trace.invalid }
    let common = (target * prediction).sum(axes: axes)
    let missed = (target * (1 - prediction)).sum(axes: axes)
    let falseAlarms = (prediction * (1 - target)).sum(axes: axes)
    return 1 - common / (common + alpha * missed + beta * falseAlarms + smallest)
  }
}
