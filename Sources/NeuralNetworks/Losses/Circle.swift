import TensorGraph

/// Draws embeddings of the same label together and pushes others apart, the more the farther they
/// are from where they should be: `log(1 + Σₚ e^(−γ·aₚ·(m − dₚ)) · Σₙ e^(γ·aₙ·(1 − m − dₙ)))`.
///
/// - Targets: `[batch]`, labels: any whole numbers.
/// - Predictions: `[batch, units]`, embeddings of length 1, as `UnitNormalization` makes them.
///
/// `d` is the distance of two embeddings, 1 minus their cosine. The first sum is over the samples
/// with the same label, with `aₚ = m + dₚ`, the second over all others, with `aₙ = 1 + m − dₙ`.
/// Samples whose loss is 0, such as those that are alone with their label, do not count in the mean.
///
/// Reference: Sun et al., 2020, https://arxiv.org/abs/2002.10857
public struct Circle: Loss {
  /// The scale of the similarities, γ.
  public var gamma: Double
  /// How far similar embeddings may be apart, and by how much others have to be farther, m.
  public var margin: Double
  /// Whether a sample is not compared with itself.
  public var removeDiagonal: Bool
  public var reduction: LossReduction

  /// Creates the loss.
  public init(
    gamma: Double = 80, margin: Double = 0.4, removeDiagonal: Bool = true,
    reduction: LossReduction = .sumOverBatchSize
  ) {
    self.gamma = gamma
    self.margin = margin
    self.removeDiagonal = removeDiagonal
    self.reduction = reduction
  }

  public var targets: TargetForm { .identities }

  public var mistake: String? {
    guard gamma > 0, gamma.isFinite else { return "Circle needs a gamma above 0, not \(gamma)" }
    return margin.isFinite ? nil : "Circle needs a finite margin, not \(margin)"
  }

  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard target.isValid, prediction.isValid else { return prediction.trace.invalid }
    let distance = maximum(1 - matmul(prediction, prediction.transposed()), 0)
    let label = target.expandingDims(at: 1)
    let isSame = label .== label.transposed()
    let row = target.trace.iota(isSame.shape, axis: 0)
    let isPositive = removeDiagonal ? isSame .& (row .!= row.transposed()) : isSame
    let pull = gamma * maximum(margin + distance, 0) * (distance - margin)
    let push = gamma * maximum(1 + margin - distance, 0) * (1 - margin - distance)
    // The logarithm of an empty sum is so far below 0 that nothing is left of it.
    let none = -1e30
    let loss = softplus(
      logSumExp(select(isPositive, pull, none)) + logSumExp(select(!isSame, push, none)))
    return loss.masked(by: loss .> 0)
  }
}
