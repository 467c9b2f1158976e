import TensorGraph

/// Adam with steps in proportion to the norm of each layer's weights: for large batches.
///
///     m ← m + (1 − β₁)·(g − m),   v ← v + (1 − β₂)·(g² − v)
///     u = m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε)
///     w ← w − α·‖w‖ / ‖u‖·u                          with a factor 1 where a norm is 0
///
/// - Reference: [You et al., 2019](https://arxiv.org/abs/1904.00962)
public struct Lamb: Optimizer {
  public var learningRate: LearningRate
  /// How much of the gradients' running average is kept, β₁.
  public var beta1: Double
  /// How much of the squares' running average is kept, β₂.
  public var beta2: Double
  /// What keeps the divisor from 0, ε.
  public var epsilon: Double
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: any LearningRateSchedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, options: OptimizerOptions = []
  ) {
    self.learningRate = LearningRate(learningRate)
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.options = options
  }

  public var slotGroups: [[OptimizerSlot]] { [["momentum", "velocity"]] }

  public var mistake: String? {
    beta("beta1", beta1) ?? beta("beta2", beta2) ?? notNegative("epsilon", epsilon)
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol {
    s[0] = s[0] + (1 - beta1) * (g - s[0])
    s[1] = s[1] + (1 - beta2) * (square(g) - s[1])
    let v = sqrt(s[1] / (1 - pow(beta2, step.t))) + epsilon
    let u = s[0] / (1 - pow(beta1, step.t)) / v
    let weightNorm = sqrt(square(w).sum()), stepNorm = sqrt(square(u).sum())
    let isDefined = (weightNorm .> 0) .& (stepNorm .> 0)
    return w - select(isDefined, weightNorm / stepNorm, 1) * step.size * u
  }
}
