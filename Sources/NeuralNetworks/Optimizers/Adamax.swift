import TensorGraph

/// Adam with the largest gradient, fading, in place of the mean square.
///
///     m ← m + (1 − β₁)·(g − m)
///     u ← max(β₂·u, |g|)
///     w ← w − α / (1 − β₁ᵗ) · m / (u + ε)
///
/// - Reference: [Kingma and Ba, 2014](https://arxiv.org/abs/1412.6980), section 7
public struct Adamax: Optimizer {
  public var learningRate: LearningRate
  /// How much of the gradients' running average is kept, β₁.
  public var beta1: Double
  /// How much of the largest gradient is kept, β₂.
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

  public var slotGroups: [[OptimizerSlot]] { [["momentum", "norm"]] }

  public var mistake: String? {
    beta("beta1", beta1) ?? share("beta2", beta2) ?? notNegative("epsilon", epsilon)
  }

  /// The average starts at zero: the step is larger while it grows.
  public func stepSize(_ learningRate: Symbol, step t: Symbol) -> Symbol {
    learningRate / (1 - pow(beta1, t))
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol {
    s[0] = s[0] + (1 - beta1) * (g - s[0])
    s[1] = maximum(beta2 * s[1], abs(g))
    return w - step.size * s[0] / (s[1] + epsilon)
  }
}
