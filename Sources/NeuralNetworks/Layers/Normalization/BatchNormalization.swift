import TensorGraph

/// Normalizes each channel to mean 0 and variance 1 over the batch, then scales and shifts it.
///
///     y = gamma · (x − mean) / √(variance + epsilon) + beta
///
/// In training, mean and variance are the batch's own; moving averages of them are kept for
/// inference: `moving ← momentum · moving + (1 − momentum) · batch`. Masked steps do not count. A frozen
/// layer works as in inference.
///
/// - Input, output: `[batch, …, channels]`
/// - Weights: `gamma`, `beta` `[channels]`
/// - State: `moving_mean`, `moving_variance` `[channels]`
/// - Reference: [Ioffe and Szegedy, 2015](https://arxiv.org/abs/1502.03167)
public final class BatchNormalization: NamedLayer {
  /// The axis of the channels.
  public let axis: Int
  /// The share of the moving averages that each step keeps.
  public let momentum: Double
  /// Added to the variance, so that a constant channel does not divide by zero.
  public let epsilon: Double
  /// Whether `beta` is added.
  public let center: Bool
  /// Whether `gamma` multiplies.
  public let scale: Bool
  /// How `beta` starts.
  public let betaInitializer: Initializer
  /// How `gamma` starts.
  public let gammaInitializer: Initializer
  /// How `moving_mean` starts.
  public let movingMeanInitializer: Initializer
  /// How `moving_variance` starts.
  public let movingVarianceInitializer: Initializer
  public let name: String?

  public static let example = BatchNormalization()

  /// Creates a batch normalization of the channels along `axis`.
  public init(
    axis: Int = -1, momentum: Double = 0.99, epsilon: Double = 1e-3, center: Bool = true,
    scale: Bool = true, betaInitializer: Initializer = .zeros,
    gammaInitializer: Initializer = .ones, movingMeanInitializer: Initializer = .zeros,
    movingVarianceInitializer: Initializer = .ones, name: String? = nil
  ) {
    self.axis = axis
    self.momentum = momentum
    self.epsilon = epsilon
    self.center = center
    self.scale = scale
    self.betaInitializer = betaInitializer
    self.gammaInitializer = gammaInitializer
    self.movingMeanInitializer = movingMeanInitializer
    self.movingVarianceInitializer = movingVarianceInitializer
    self.name = name
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard let axis = x.shape.axis(axis), axis > 0 else {
      return context.fail("BatchNormalization cannot normalize the channels of axis \(axis)", x)
    }
    if let mask = x.mask, mask.shape.rank != x.shape.rank - 1 || axis != x.shape.rank - 1 {
      return context.fail(
        "BatchNormalization expects a masked input [batch, time, channels]", x,
        hint: "mask after this layer")
    }
    let channels: Shape = [x.shape[axis]]
    let gamma = scale ? context.weight("gamma", channels, gammaInitializer) : nil
    let beta = center ? context.weight("beta", channels, betaInitializer) : nil
    let movingMean = context.state("moving_mean", channels, movingMeanInitializer)
    let movingVariance = context.state("moving_variance", channels, movingVarianceInitializer)

    let x = x.floatingPoint.masked(by: x.mask)
    let aligned = Shape((axis..<x.shape.rank).map { $0 == axis ? x.shape[axis] : 1 })
    func normalized(_ mean: Symbol, _ variance: Symbol) -> Symbol {
      let deviation = rsqrt(variance + epsilon)
      let factor = gamma.map { $0 * deviation } ?? deviation
      let y = (x - mean.reshaped(aligned)) * factor.reshaped(aligned)
      return beta.map { y + $0.reshaped(aligned) } ?? y
    }
    guard context.isTraining, context.isTrainable else {
      return normalized(movingMean, movingVariance)
    }

    func update(_ mean: Symbol, _ variance: Symbol) {
      func blend(_ moving: Symbol, _ batch: Symbol) -> Symbol {
        momentum * moving + (1 - momentum) * batch
      }
      context.update("moving_mean", to: blend(movingMean, mean))
      context.update("moving_variance", to: blend(movingVariance, variance))
    }
    if axis == x.shape.rank - 1, x.mask == nil {
      let (y, mean, variance) = batchNormalization(
        x, gamma: gamma ?? x.trace.constant(1, channels, dtype: x.dtype),
        beta: beta ?? x.trace.constant(0, channels, dtype: x.dtype), epsilon: epsilon)
      update(mean, variance)
      return y
    }
    let (mean, variance) = moments(x, axis: axis, mask: x.mask)
    update(mean, variance)
    return normalized(mean, variance)
  }

  /// Mean and variance of each channel, over the steps that count.
  private func moments(_ x: Symbol, axis: Int, mask: Symbol?) -> (Symbol, Symbol) {
    let axes = (0..<x.shape.rank).filter { $0 != axis }
    guard let counts = mask?.expandingDims(at: -1) else {
      return (x.mean(axes: axes), x.variance(axes: axes))
    }
    // The addend keeps a batch of padding only from dividing by zero; it is Keras's.
    let count = counts.cast(to: x.dtype).sum() + 1e-7
    let mean = select(counts, x, 0).sum(axes: axes) / count
    return (mean, select(counts, square(x - mean), 0).sum(axes: axes) / count)
  }
}
