import TensorGraph

/// Steps divided by the root mean square of gradients, of which a matrix keeps only means of rows
/// and columns: little memory.
///
///     ρ = min(α, 1/√t),   β = 1 − t^d
///     R ← β·R + (1 − β)·mean of g² + ε₁ over columns,   C alike over rows
///     V = R·C / mean R                               for a vector V ← β·V + (1 − β)·(g² + ε₁)
///     U = g / √V,   Û = U / max(1, rms(U) / c)
///     w ← w − max(ε₂, rms(w))·ρ·Û
///
/// - Reference: [Shazeer and Stern, 2018](https://arxiv.org/abs/1804.04235)
public struct Adafactor: Optimizer {
  public var learningRate: LearningRate
  /// How fast the memory of squares grows long, d.
  public var beta2Decay: Double
  /// What keeps the divisor from 0, ε₁.
  public var epsilon1: Double
  /// The least scale of a weight, ε₂.
  public var epsilon2: Double
  /// The largest root mean square of a step before the learning rate, c.
  public var clipThreshold: Double
  /// Whether a learning rate that no schedule says is held below 1/√t. Files have it; the formula
  /// holds every learning rate there, as Keras's does.
  public var relativeStep: Bool
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: any LearningRateSchedule = 0.001, beta2Decay: Double = -0.8,
    epsilon1: Double = 1e-30, epsilon2: Double = 1e-3, clipThreshold: Double = 1,
    relativeStep: Bool = true, options: OptimizerOptions = []
  ) {
    self.learningRate = LearningRate(learningRate)
    self.beta2Decay = beta2Decay
    self.epsilon1 = epsilon1
    self.epsilon2 = epsilon2
    self.clipThreshold = clipThreshold
    self.relativeStep = relativeStep
    self.options = options
  }

  /// Means of rows and columns, which a vector has numbers in place of, as in Keras's files.
  public var slotGroups: [[OptimizerSlot]] {
    let row = OptimizerSlot("row") { weight in
      let shape = weight.type.shape
      return shape.rank < 2 ? Shape([]) : shape.removing(shape.rank - 1)
    }
    let column = OptimizerSlot("column") { weight in
      let shape = weight.type.shape
      return shape.rank < 2 ? Shape([]) : shape.removing(shape.rank - 2)
    }
    return [[row, column, "velocity"]]
  }

  public var mistake: String? {
    guard beta2Decay < 0, beta2Decay.isFinite else {
      return "Adafactor needs a beta2Decay below 0, not \(beta2Decay)"
    }
    guard clipThreshold > 0 else {
      return "Adafactor needs a clipThreshold above 0, not \(clipThreshold)"
    }
    return notNegative("epsilon1", epsilon1) ?? notNegative("epsilon2", epsilon2)
  }

  /// The learning rate, never above 1/√t: also without `relativeStep`, as in Keras.
  public func stepSize(_ learningRate: Symbol, step t: Symbol) -> Symbol {
    minimum(learningRate, rsqrt(t))
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol {
    let keep = 1 - pow(step.t, beta2Decay), rank = step.weight.type.shape.rank
    let squares = square(g) + epsilon1
    func averaged(_ old: Symbol, _ new: Symbol) -> Symbol { keep * old + (1 - keep) * new }
    if rank < 2 {
      s[2] = averaged(s[2], squares)
    } else {
      s[0] = averaged(s[0], squares.mean(axes: [rank - 1]))
      s[1] = averaged(s[1], squares.mean(axes: [rank - 2]))
      let share = s[0] / s[0].mean(axes: [rank - 2], keepDims: true)
      s[2] = share.expandingDims(at: rank - 1) * s[1].expandingDims(at: rank - 2)
    }
    let u = g * rsqrt(s[2])
    let scale = maximum(rootMeanSquare(w), epsilon2) * step.size
    return w - scale / maximum(rootMeanSquare(u) / clipThreshold, 1) * u
  }

  private func rootMeanSquare(_ x: Symbol) -> Symbol { sqrt(square(x).mean()) }
}
