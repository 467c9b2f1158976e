import TensorGraph

/// Follow the regularized leader: weights that the sum of all gradients so far, with penalties,
/// makes best. With an L1 penalty many weights are exactly 0.
///
///     n' = n + g²
///     z ← z + g + 2·s·w − (n'⁻ᵖ − n⁻ᵖ) / α · w,   n ← n'
///     w ← (clip(z, −l₁, l₁) − z) / (n⁻ᵖ / α + 2·(l₂ + β / 2α))
///
/// with the power p of the learning rate, and the shrinkage s.
///
/// - Reference: [McMahan et al., 2013](https://research.google.com/pubs/archive/41159.pdf)
public struct Ftrl: Optimizer {
  public var learningRate: LearningRate
  /// How the learning rate falls as squares add up, p: 0 is not at all.
  public var learningRatePower: Double
  /// What the sums of squares start as.
  public var initialAccumulatorValue: Double
  /// The penalty of magnitudes, l₁.
  public var l1RegularizationStrength: Double
  /// The penalty of squares, l₂.
  public var l2RegularizationStrength: Double
  /// The penalty of squares that comes with each gradient, s.
  public var l2ShrinkageRegularizationStrength: Double
  /// What makes the first steps smaller, β.
  public var beta: Double
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: any LearningRateSchedule = 0.001, learningRatePower: Double = -0.5,
    initialAccumulatorValue: Double = 0.1, l1RegularizationStrength: Double = 0,
    l2RegularizationStrength: Double = 0, l2ShrinkageRegularizationStrength: Double = 0,
    beta: Double = 0, options: OptimizerOptions = []
  ) {
    self.learningRate = LearningRate(learningRate)
    self.learningRatePower = learningRatePower
    self.initialAccumulatorValue = initialAccumulatorValue
    self.l1RegularizationStrength = l1RegularizationStrength
    self.l2RegularizationStrength = l2RegularizationStrength
    self.l2ShrinkageRegularizationStrength = l2ShrinkageRegularizationStrength
    self.beta = beta
    self.options = options
  }

  public var slotGroups: [[OptimizerSlot]] {
    [[OptimizerSlot("accumulator", initial: initialAccumulatorValue), "linear"]]
  }

  public var mistake: String? {
    guard learningRatePower <= 0, learningRatePower.isFinite else {
      return "Ftrl needs a learningRatePower of at most 0, not \(learningRatePower)"
    }
    return notNegative("initialAccumulatorValue", initialAccumulatorValue)
      ?? notNegative("l1RegularizationStrength", l1RegularizationStrength)
      ?? notNegative("l2RegularizationStrength", l2RegularizationStrength)
      ?? notNegative("l2ShrinkageRegularizationStrength", l2ShrinkageRegularizationStrength)
      ?? notNegative("beta", beta)
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol {
    func powered(_ n: Symbol) -> Symbol {
      learningRatePower == -0.5 ? sqrt(n) : pow(n, -learningRatePower)
    }
    let squares = s[0] + square(g)
    let shrinking = l2ShrinkageRegularizationStrength
    let pulled = shrinking == 0 ? g : g + 2 * shrinking * w
    s[1] = s[1] + pulled - (powered(squares) - powered(s[0])) / step.size * w
    let l2 = l2RegularizationStrength + beta / (2 * step.size)
    let quadratic = powered(squares) / step.size + 2 * l2
    s[0] = squares
    let l1 = l1RegularizationStrength
    return (clip(s[1], -l1, l1) - s[1]) / quadratic
  }
}
