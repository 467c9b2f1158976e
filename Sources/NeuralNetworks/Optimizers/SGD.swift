import TensorGraph

/// Gradient descent, with momentum if wanted.
///
///     w ← w − α·g                                 without momentum
///     m ← μ·m − α·g,   w ← w + m                  with momentum μ
///     m ← μ·m − α·g,   w ← w + μ·m − α·g          with Nesterov's momentum
public struct SGD: Optimizer {
  public var learningRate: LearningRate
  /// How much of the last step is kept, μ.
  public var momentum: Double
  /// Whether the gradient is looked at where the momentum leads.
  public var nesterov: Bool
  public var options: OptimizerOptions

  /// Creates gradient descent.
  public init(
    learningRate: any LearningRateSchedule = 0.01, momentum: Double = 0, nesterov: Bool = false,
    options: OptimizerOptions = []
  ) {
    self.learningRate = LearningRate(learningRate)
    self.momentum = momentum
    self.nesterov = nesterov
    self.options = options
  }

  public var slotGroups: [[OptimizerSlot]] { momentum == 0 ? [] : [["momentum"]] }

  public var mistake: String? {
    (0...1).contains(momentum) ? nil : "SGD needs a momentum from 0 to 1, not \(momentum)"
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol {
    guard momentum != 0 else { return w - step.size * g }
    s[0] = momentum * s[0] - step.size * g
    return nesterov ? w + momentum * s[0] - step.size * g : w + s[0]
  }
}
