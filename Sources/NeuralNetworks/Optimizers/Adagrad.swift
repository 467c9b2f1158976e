import TensorGraph

/// Steps that shrink for each weight as its squared gradients add up.
///
///     v ← v + g²
///     w ← w − α·g / √(v + ε)
///
/// - Reference: [Duchi et al., 2011](https://jmlr.org/papers/v12/duchi11a.html)
public struct Adagrad: Optimizer {
  public var learningRate: LearningRate
  /// What the sums of squares start as.
  public var initialAccumulatorValue: Double
  /// What keeps the divisor from 0, ε.
  public var epsilon: Double
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: any LearningRateSchedule = 0.001, initialAccumulatorValue: Double = 0.1,
    epsilon: Double = 1e-7, options: OptimizerOptions = []
  ) {
    self.learningRate = LearningRate(learningRate)
    self.initialAccumulatorValue = initialAccumulatorValue
    self.epsilon = epsilon
    self.options = options
  }

  public var slotGroups: [[OptimizerSlot]] {
    [[OptimizerSlot("accumulator", initial: initialAccumulatorValue)]]
  }

  public var mistake: String? {
    notNegative("initialAccumulatorValue", initialAccumulatorValue)
      ?? notNegative("epsilon", epsilon)
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol {
    s[0] = s[0] + square(g)
    return w - step.size * g / sqrt(s[0] + epsilon)
  }
}
