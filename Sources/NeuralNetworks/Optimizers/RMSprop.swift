import TensorGraph

/// Gradient descent divided by a running root mean square of the gradient.
///
///     v ← ρ·v + (1 − ρ)·g²
///     a ← ρ·a + (1 − ρ)·g                         if centered; else a = 0
///     d = α·g / √(v − a² + ε)
///     w ← w − d                                   without momentum
///     m ← μ·m + d,   w ← w − m                    with momentum μ
///
/// - Reference: [Hinton, 2012](https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf)
public struct RMSprop: Optimizer {
  public var learningRate: LearningRate
  /// How much of the running averages is kept, ρ.
  public var rho: Double
  /// How much of the last step is kept, μ.
  public var momentum: Double
  /// What keeps the divisor from 0, ε.
  public var epsilon: Double
  /// Whether the gradients' variance divides, not their mean square.
  public var centered: Bool
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: any LearningRateSchedule = 0.001, rho: Double = 0.9, momentum: Double = 0,
    epsilon: Double = 1e-7,
    centered: Bool = false, options: OptimizerOptions = []
  ) {
    self.learningRate = LearningRate(learningRate)
    self.rho = rho
    self.momentum = momentum
    self.epsilon = epsilon
    self.centered = centered
    self.options = options
  }

  public var slotGroups: [[OptimizerSlot]] {
    [["velocity"]] + (momentum > 0 ? [["momentum"]] : [])
      + (centered ? [["average_gradient"]] : [])
  }

  public var mistake: String? {
    (0...1).contains(momentum) ? nil : "RMSprop needs a momentum from 0 to 1, not \(momentum)"
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol {
    s[0] = rho * s[0] + (1 - rho) * square(g)
    var variance = s[0]
    if centered {
      let average = s.count - 1
      s[average] = rho * s[average] + (1 - rho) * g
      variance = variance - square(s[average])
    }
    let d = step.size * g * rsqrt(variance + epsilon)
    guard momentum > 0 else { return w - d }
    s[1] = momentum * s[1] + d
    return w - s[1]
  }
}
