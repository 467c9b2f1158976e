import TensorGraph

/// The weights and the moving averages of a batch normalization, in the type of its moments.
struct BatchStatistics {
  private let layer: BatchNormalization
  private let context: LayerContext
  /// The scale; with renormalization, after an update, that of the corrected batch.
  private(set) var gamma: Symbol?
  /// The shift; with renormalization, after an update, that of the corrected batch.
  private(set) var beta: Symbol?
  /// The moving mean.
  let mean: Symbol
  /// The moving variance.
  let variance: Symbol
  private var renormed: (stddev: Symbol, mean: Symbol, slowStddev: Symbol)?

  /// Declares the weights and states of `layer` in Keras's order.
  init(
    _ layer: BatchNormalization, _ channels: Shape, _ dtype: DType, _ context: LayerContext
  ) {
    self.layer = layer
    self.context = context
    let variable = context.policy.variable
    func weight(_ name: String, _ initializer: Initializer) -> Symbol {
      context.weight(name, channels, initializer, dtype: variable).cast(to: dtype)
    }
    func state(_ name: String, _ initializer: Initializer) -> Symbol {
      context.state(name, channels, initializer, dtype: variable).cast(to: dtype)
    }
    gamma = layer.scale ? weight("gamma", layer.gammaInitializer) : nil
    beta = layer.center ? weight("beta", layer.betaInitializer) : nil
    mean = state("moving_mean", layer.movingMeanInitializer)
    variance = state("moving_variance", layer.movingVarianceInitializer)
    guard layer.renorm else { return }
    let stddev = layer.movingVarianceInitializer.squareRoot
    if stddev == nil {
      _ = context.fail(
        "BatchNormalization with renorm needs a moving variance that starts as one number",
        hint: "use the initializer .ones or .constant")
    }
    renormed = (
      state("moving_stddev", stddev ?? .ones), state("renorm_mean", layer.movingMeanInitializer),
      state("renorm_stddev", stddev ?? .ones)
    )
  }

  /// Moves the averages towards the moments of a batch, and corrects scale and shift.
  mutating func update(_ batchMean: Symbol, _ batchVariance: Symbol) {
    func move(_ name: String, _ old: Symbol, _ new: Symbol, _ momentum: Double) -> Symbol {
      let moved = momentum * old + (1 - momentum) * new
      context.update(name, to: moved)
      return moved
    }
    _ = move("moving_mean", mean, batchMean, layer.momentum)
    guard let renormed else {
      _ = move("moving_variance", variance, batchVariance, layer.momentum)
      return
    }
    let stddev = sqrt(batchVariance + layer.epsilon)
    let slow = maximum(renormed.slowStddev, layer.epsilon.squareRoot())
    let clipping = layer.renormClipping ?? RenormClipping()
    let (r, d) = clipping.clipped(r: stddev / slow, d: (batchMean - renormed.mean) / slow)
    let (scale, shift) = (stopGradient(r), stopGradient(d))
    let corrected = gamma.map { (scale * $0, shift * $0) } ?? (scale, shift)
    gamma = corrected.0
    beta = beta.map { corrected.1 + $0 } ?? corrected.1

    let moved = move("moving_stddev", renormed.stddev, stddev, layer.momentum)
    context.update("moving_variance", to: relu(square(moved) - layer.epsilon))
    _ = move("renorm_mean", renormed.mean, batchMean, layer.renormMomentum)
    _ = move("renorm_stddev", renormed.slowStddev, stddev, layer.renormMomentum)
  }
}

extension Initializer {
  /// The square root of the one number with which this starts, if it is one.
  fileprivate var squareRoot: Initializer? {
    switch self {
    case .zeros, .ones: self
    case .constant(let number) where number >= 0: .constant(number.squareRoot())
    default: nil
    }
  }
}
