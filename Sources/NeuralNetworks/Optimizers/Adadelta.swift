import TensorGraph

/// Steps as long as earlier ones were, in relation to the gradient: units of the weights.
///
///     v ← ρ·v + (1 − ρ)·g²
///     d = −√(u + ε) / √(v + ε) · g
///     u ← ρ·u + (1 − ρ)·d²
///     w ← w + α·d
///
/// - Reference: [Zeiler, 2012](https://arxiv.org/abs/1212.5701), where α = 1
public struct Adadelta: Optimizer {
  public var learningRate: LearningRate
  /// How much of the running averages is kept, ρ.
  public var rho: Double
  /// What keeps the divisor from 0, and the first steps from being 0, ε.
  public var epsilon: Double
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: any LearningRateSchedule = 0.001, rho: Double = 0.95, epsilon: Double = 1e-7,
    options: OptimizerOptions = []
  ) {
    self.learningRate = LearningRate(learningRate)
    self.rho = rho
    self.epsilon = epsilon
    self.options = options
  }

  public var slotGroups: [[OptimizerSlot]] { [["accumulated_grad", "accumulated_delta_var"]] }

  public var mistake: String? {
    share("rho", rho) ?? notNegative("epsilon", epsilon)
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol {
    s[0] = rho * s[0] + (1 - rho) * square(g)
    let d = sqrt(s[1] + epsilon) * g / sqrt(s[0] + epsilon)
    s[1] = rho * s[1] + (1 - rho) * square(d)
    return w - step.size * d
  }
}
