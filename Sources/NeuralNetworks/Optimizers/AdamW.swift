import TensorGraph

/// Adam with decay of the weights apart from the gradient: `w ← w − α·λ·w`, then Adam's step.
///
/// - Reference: [Loshchilov and Hutter, 2017](https://arxiv.org/abs/1711.05101)
public struct AdamW: Optimizer {
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
    learningRate: any LearningRateSchedule = 0.001, weightDecay: Double = 0.004,
    beta1: Double = 0.9,
    beta2: Double = 0.999, epsilon: Double = 1e-7, amsgrad: Bool = false,
    options: OptimizerOptions = []
  ) {
    self.learningRate = LearningRate(learningRate)
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.amsgrad = amsgrad
    self.options = options
    self.options.weightDecay = weightDecay
  }

  /// The step that follows the decay.
  private var adam: Adam {
    Adam(
      learningRate: learningRate.schedule, beta1: beta1, beta2: beta2, epsilon: epsilon,
      amsgrad: amsgrad)
  }

  public var slotGroups: [[OptimizerSlot]] { adam.slotGroups }
  public var mistake: String? { adam.mistake }
  public func stepSize(_ learningRate: Symbol, step t: Symbol) -> Symbol {
    adam.stepSize(learningRate, step: t)
  }
  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol {
    adam.update(w, gradient: g, slots: &s, step)
  }
}
