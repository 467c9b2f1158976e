import TensorGraph

/// Steps scaled by running averages of the gradient and of its square.
///
///     m ← m + (1 − β₁)·(g − m)
///     v ← v + (1 − β₂)·(g² − v)
///     w ← w − α·√(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε)
///
/// With AMSGrad the largest `v` so far divides.
///
/// - Reference: [Kingma and Ba, 2014](https://arxiv.org/abs/1412.6980);
///   [Reddi et al., 2018](https://arxiv.org/abs/1904.09237) for AMSGrad
public struct Adam: Optimizer {
  public var learningRate: LearningRate
  /// How much of the gradients' running average is kept, β₁.
  public var beta1: Double
  /// How much of the squares' running average is kept, β₂.
  public var beta2: Double
  /// What keeps the divisor from 0, ε.
  public var epsilon: Double
  /// Whether the divisor never shrinks.
  public var amsgrad: Bool
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: any LearningRateSchedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, amsgrad: Bool = false, options: OptimizerOptions = []
  ) {
    self.learningRate = LearningRate(learningRate)
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.amsgrad = amsgrad
    self.options = options
  }

  public var slotGroups: [[OptimizerSlot]] {
    [["momentum", "velocity"]] + (amsgrad ? [["velocity_hat"]] : [])
  }

  public var mistake: String? {
    for (name, beta) in [("beta1", beta1), ("beta2", beta2)] where !(0..<1).contains(beta) {
      return "\(className) needs \(name) from 0 to below 1, not \(beta)"
    }
    return nil
  }

  /// The averages start at zero: the step is larger while they grow.
  public func stepSize(_ learningRate: Symbol, step t: Symbol) -> Symbol {
    learningRate * sqrt(1 - pow(beta2, t)) / (1 - pow(beta1, t))
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol {
    s[0] = s[0] + (1 - beta1) * (g - s[0])
    s[1] = s[1] + (1 - beta2) * (square(g) - s[1])
    if amsgrad { s[2] = maximum(s[2], s[1]) }
    return w - step.size * s[0] / (sqrt(amsgrad ? s[2] : s[1]) + epsilon)
  }
}
