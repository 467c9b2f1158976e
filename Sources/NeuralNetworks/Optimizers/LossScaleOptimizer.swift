import TensorGraph

/// An optimizer with a loss made larger while gradients allow it: for float16, in which small
/// gradients would vanish.
///
/// The loss is multiplied by a scale, and gradients are divided by it. When a gradient is not
/// finite the step is left out, and the scale halves; after so many steps without that it doubles.
///
/// - Reference: [Micikevicius et al., 2017](https://arxiv.org/abs/1710.03740)
public struct LossScaleOptimizer: Optimizer {
  /// What moves the weights.
  public var innerOptimizer: InnerOptimizer
  /// The first scale.
  public var initialScale: Double
  /// After how many steps with finite gradients the scale doubles.
  public var dynamicGrowthSteps: Int

  /// Wraps `optimizer`, whose own scale of the loss is left out.
  public init(
    _ optimizer: any Optimizer, initialScale: Double = 32768, dynamicGrowthSteps: Int = 2000
  ) {
    innerOptimizer = InnerOptimizer(optimizer)
    innerOptimizer.optimizer.options.lossScaleFactor = nil
    self.initialScale = initialScale
    self.dynamicGrowthSteps = dynamicGrowthSteps
  }

  /// What moves the weights, along gradients that are scaled no more.
  private var optimizer: any Optimizer {
    var optimizer = innerOptimizer.optimizer
    optimizer.options.lossScaleFactor = nil
    return optimizer
  }

  public var learningRate: LearningRate {
    get { optimizer.learningRate }
    set { innerOptimizer.optimizer.learningRate = newValue }
  }
  public var options: OptimizerOptions {
    get { optimizer.options }
    set { innerOptimizer.optimizer.options = newValue }
  }
  public var schedules: [String: LearningRate] { optimizer.schedules }
  public var globals: [OptimizerVariable] {
    [
      OptimizerVariable("step_counter", type: TensorType(.int64, [])),
      OptimizerVariable("dynamic_scale", type: TensorType(.float32, []), initial: initialScale),
    ]
  }

  public var mistake: String? {
    if optimizer is LossScaleOptimizer {
      return "LossScaleOptimizer cannot be inside of a LossScaleOptimizer"
    }
    guard initialScale > 0, initialScale.isFinite else {
      return "LossScaleOptimizer needs an initialScale above 0, not \(initialScale)"
    }
    guard dynamicGrowthSteps >= 1 else {
      return "LossScaleOptimizer needs dynamicGrowthSteps of at least 1, not \(dynamicGrowthSteps)"
    }
    return optimizer.firstMistake
  }

  public func variables(for weights: [TrainedWeight]) -> [OptimizerVariable] {
    globals + optimizer.variables(for: weights)
  }

  public func storage(for weights: [TrainedWeight]) -> OptimizerStorage {
    let inner = optimizer.storage(for: weights).shifted(by: globals.count)
    // Its own steps and learning rate are never used.
    var storage = OptimizerStorage(
      [.constant(0), .constant(0), .variable(0), .variable(1)] + inner.entries)
    storage.inner = [("inner_optimizer", inner.entries)]
    return storage
  }

  public func scaled(_ loss: Symbol, _ state: OptimizerState) -> Symbol {
    loss * state.variables[1]
  }

  public func step(_ state: OptimizerState, gradients: [Symbol]) -> OptimizerState {
    let count = state.variables[0], scale = state.variables[1]
    let finite = gradients.map { isFinite($0).cast(to: .float32).min() .> 0 }
    guard let first = finite.first else { return state }
    let isGood = finite.dropFirst().reduce(first) { $0 .& $1 }
    func kept(_ new: Symbol, _ old: Symbol) -> Symbol { select(isGood, new, old) }

    var before = state
    before.variables = Array(state.variables.dropFirst(2))
    var after = optimizer.step(before, gradients: gradients.map { $0 / scale })
    after.weights = zip(after.weights, state.weights).map(kept)
    after.iteration = kept(after.iteration, state.iteration)
    let grows = count .== Double(dynamicGrowthSteps - 1), none = count.constant(0)
    let finiteScale = select(grows, scale * 2, scale)
    after.variables =
      [
        kept(select(grows, none, count + 1), none), kept(finiteScale, scale * 0.5),
      ] + zip(after.variables, before.variables).map(kept)
    return after
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol { optimizer.update(w, gradient: g, slots: &s, step) }
}
