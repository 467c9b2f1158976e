import TensorGraph

/// Adam that needs no schedule, since it averages weights as it goes.
///
///     α' = α·min(t / warmup, 1)
///     v ← v + (1 − β₂)·(g² − v)
///     x = (w − (1 − β₁)·z) / β₁
///     z ← z − α'·g / (√(v / (1 − β₂ᵗ)) + ε)
///     w ← (1 − β₁)·z + β₁·((1 − 1/t)·x + z / t)
///
/// The weights that the model has, and is measured with, are those at which gradients are taken.
///
/// - Reference: [Defazio et al., 2024](https://arxiv.org/abs/2405.15682)
public struct ScheduleFreeAdamW: Optimizer {
  public var learningRate: LearningRate
  /// How far gradients are taken toward the average, β₁.
  public var beta1: Double
  /// How much of the squares' running average is kept, β₂.
  public var beta2: Double
  /// What keeps the divisor from 0, ε.
  public var epsilon: Double
  /// How many steps the learning rate takes to grow to its full size.
  public var warmupSteps: Int
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: any LearningRateSchedule = 0.0025, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, warmupSteps: Int = 0, options: OptimizerOptions = []
  ) {
    self.learningRate = LearningRate(learningRate)
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.warmupSteps = warmupSteps
    self.options = options
  }

  /// Keras calls z momentum.
  public var slotGroups: [[OptimizerSlot]] {
    [[OptimizerSlot("momentum", initial: nil), "velocity"]]
  }

  public var mistake: String? {
    guard beta1 > 0, beta1 <= 1 else {
      return "ScheduleFreeAdamW needs beta1 above 0 and up to 1, not \(beta1)"
    }
    guard warmupSteps >= 0 else {
      return "ScheduleFreeAdamW needs warmupSteps of at least 0, not \(warmupSteps)"
    }
    return beta("beta2", beta2) ?? notNegative("epsilon", epsilon)
  }

  public func stepSize(_ learningRate: Symbol, step t: Symbol) -> Symbol {
    warmupSteps > 0 ? learningRate * minimum(t / Double(warmupSteps), 1) : learningRate
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol {
    s[1] = s[1] + (1 - beta2) * (square(g) - s[1])
    let x = (w - (1 - beta1) * s[0]) / beta1
    s[0] = s[0] - step.size * g / (sqrt(s[1] / (1 - pow(beta2, step.t))) + epsilon)
    let share = 1 / step.t
    return (1 - beta1) * s[0] + beta1 * ((1 - share) * x + share * s[0])
  }
}
