import TensorGraph

/// Adam with decay of the weights apart from the gradient: `w ← w − α·λ·w`, then Adam's step.
///
/// - Reference: [Loshchilov and Hutter, 2017](https://arxiv.org/abs/1711.05101)
public struct AdamW: Optimizer {
  public var learningRate: Double
  public var weightDecay: Double?
  /// How much of the gradients' running average is kept, β₁.
  public var beta1: Double
  /// How much of the squares' running average is kept, β₂.
  public var beta2: Double
  /// What keeps the divisor from 0, ε.
  public var epsilon: Double
  /// Whether the divisor never shrinks.
  public var amsgrad: Bool
  public var clipnorm: Double?
  public var clipvalue: Double?
  public var globalClipnorm: Double?

  /// Creates the optimizer.
  public init(
    learningRate: Double = 0.001, weightDecay: Double = 0.004, beta1: Double = 0.9,
    beta2: Double = 0.999, epsilon: Double = 1e-7, amsgrad: Bool = false, clipnorm: Double? = nil,
    clipvalue: Double? = nil, globalClipnorm: Double? = nil
  ) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.amsgrad = amsgrad
    self.clipnorm = clipnorm
    self.clipvalue = clipvalue
    self.globalClipnorm = globalClipnorm
  }

  /// The step that follows the decay.
  private var adam: Adam {
    Adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, amsgrad: amsgrad)
  }

  public var slotGroups: [[String]] { adam.slotGroups }
  public var mistake: String? { adam.mistake }
  public func stepSize(_ learningRate: Symbol, step t: Symbol) -> Symbol {
    adam.stepSize(learningRate, step: t)
  }
  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], stepSize: Symbol
  ) -> Symbol {
    adam.update(w, gradient: g, slots: &s, stepSize: stepSize)
  }
}
