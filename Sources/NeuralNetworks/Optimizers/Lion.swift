import TensorGraph

/// Steps of one length for all weights: the sign of a running average alone.
///
///     w ← w − α·sign(β₁·m + (1 − β₁)·g)
///     m ← β₂·m + (1 − β₂)·g
///
/// - Reference: [Chen et al., 2023](https://arxiv.org/abs/2302.06675)
public struct Lion: Optimizer {
  public var learningRate: LearningRate
  /// How much of the average counts beside the gradient in a step, β₁.
  public var beta1: Double
  /// How much of the average is kept, β₂.
  public var beta2: Double
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: any LearningRateSchedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.99,
    options: OptimizerOptions = []
  ) {
    self.learningRate = LearningRate(learningRate)
    self.beta1 = beta1
    self.beta2 = beta2
    self.options = options
  }

  public var slotGroups: [[OptimizerSlot]] { [["momentum"]] }

  public var mistake: String? {
    guard beta1 > 0, beta1 <= 1 else {
      return "Lion needs beta1 above 0 and up to 1, not \(beta1)"
    }
    return share("beta2", beta2)
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol {
    let direction = sign(beta1 * s[0] + (1 - beta1) * g)
    s[0] = beta2 * s[0] + (1 - beta2) * g
    return w - step.size * direction
  }
}
