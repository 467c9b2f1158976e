import TensorGraph

/// Adam with Nesterov's momentum, which warms up.
///
///     μₜ = β₁·(1 − ½·0.96ᵗ),   Pₜ = μ₁·μ₂·…·μₜ
///     m ← m + (1 − β₁)·(g − m)
///     v ← v + (1 − β₂)·(g² − v)
///     m̂ = μₜ₊₁·m / (1 − Pₜ₊₁) + (1 − μₜ)·g / (1 − Pₜ)
///     w ← w − α·m̂ / (√(v / (1 − β₂ᵗ)) + ε)
///
/// - Reference: [Dozat, 2016](https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ)
public struct Nadam: Optimizer {
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
  /// The product of all momenta so far, P.
  public var globals: [OptimizerVariable] {
    [OptimizerVariable("u_product", type: TensorType(.float32, []), initial: 1)]
  }

  public var mistake: String? {
    beta("beta1", beta1) ?? beta("beta2", beta2) ?? notNegative("epsilon", epsilon)
  }

  /// The momentum of step `t`, μ.
  private func momentum(_ t: Symbol) -> Symbol { beta1 * (1 - 0.5 * pow(0.96, t)) }

  public func advanced(_ globals: [Symbol], step t: Symbol, learningRate: Symbol) -> [Symbol] {
    [globals[0] * momentum(t)]
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol {
    let product = step.globals[0], now = momentum(step.t), next = momentum(step.t + 1)
    s[0] = s[0] + (1 - beta1) * (g - s[0])
    s[1] = s[1] + (1 - beta2) * (square(g) - s[1])
    let m = next / (1 - product * next) * s[0] + (1 - now) / (1 - product) * g
    let v = s[1] / (1 - pow(beta2, step.t))
    return w - step.size * m / (sqrt(v) + epsilon)
  }
}
