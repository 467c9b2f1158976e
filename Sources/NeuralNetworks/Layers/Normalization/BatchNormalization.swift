import TensorGraph

/// Normalizes each channel to mean 0 and variance 1 over the batch, then scales and shifts it.
///
///     y = gamma · (x − mean) / √(variance + epsilon) + beta
///
/// In training, mean and variance are the batch's own; moving averages of them are kept for
/// inference: `moving ← momentum · moving + (1 − momentum) · batch`. Masked steps do not count. A
/// frozen layer works as in inference. Moments are taken in `float32` at least.
///
/// With `renorm` the batch is corrected by slower averages in training, so that training and
/// inference compute nearly the same: with `stddev = √(variance + epsilon)`,
///
///     y = gamma · ((x − mean) / stddev · r + d) + beta
///     r = stddev / renorm_stddev,   d = (mean − renorm_mean) / renorm_stddev
///
/// where `r` and `d` are clipped, and count as constants in gradients.
///
/// - Input, output: `[batch, …, channels]`
/// - Weights: `gamma`, `beta` `[channels]`
/// - State: `moving_mean`, `moving_variance` and, with `renorm`, `moving_stddev`, `renorm_mean`,
///   `renorm_stddev`, all `[channels]`
/// - Reference: [Ioffe and Szegedy, 2015](https://arxiv.org/abs/1502.03167),
///   [Ioffe, 2017](https://arxiv.org/abs/1702.03275)
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
  /// Whether batches are corrected by slower averages.
  public let renorm: Bool
  /// The bounds of the correction.
  public let renormClipping: RenormClipping?
  /// The share of `renorm_mean` and `renorm_stddev` that each step keeps.
  public let renormMomentum: Double
  public let options: LayerOptions

  public static let example = BatchNormalization()

  /// Creates a batch normalization of the channels along `axis`.
  public init(
    axis: Int = -1, momentum: Double = 0.99, epsilon: Double = 1e-3, center: Bool = true,
    scale: Bool = true, betaInitializer: Initializer = .zeros,
    gammaInitializer: Initializer = .ones, movingMeanInitializer: Initializer = .zeros,
    movingVarianceInitializer: Initializer = .ones, renorm: Bool = false,
    renormClipping: RenormClipping? = nil, renormMomentum: Double = 0.99, name: String? = nil,
    options: LayerOptions = []
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
    self.renorm = renorm
    self.renormClipping = renormClipping
    self.renormMomentum = renormMomentum
    self.options = LayerOptions(name, options)
  }

  public var takesMask: Bool { true }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard let axis = x.shape.axis(axis), axis > 0 else {
      return context.fail("BatchNormalization cannot normalize the channels of axis \(axis)", x)
    }
    if let mistake = renormClipping?.mistake {
      return context.fail("BatchNormalization cannot clip: \(mistake)")
    }
    guard context.isEpsilon(epsilon, of: self) else { return x.trace.invalid }
    let mask = x.mask
    let x = x.forMoments
    let channels: Shape = [x.shape[axis]]
    var statistics = BatchStatistics(self, channels, x.dtype, context)
    let aligned = Shape((axis..<x.shape.rank).map { $0 == axis ? x.shape[axis] : 1 })
    func normalized(_ mean: Symbol, _ variance: Symbol) -> Symbol {
      let deviation = rsqrt(variance + epsilon)
      let factor = statistics.gamma.map { $0 * deviation } ?? deviation
      let y = (x - mean.reshaped(aligned)) * factor.reshaped(aligned)
      return (statistics.beta.map { y + $0.reshaped(aligned) } ?? y)
        .cast(to: context.policy.compute)
    }
    guard context.isTraining, context.isTrainable else {
      return normalized(statistics.mean, statistics.variance)
    }
    if axis == x.shape.rank - 1, mask == nil, !renorm {
      let (y, mean, variance) = batchNormalization(
        x, gamma: statistics.gamma ?? x.trace.constant(1, channels, dtype: x.dtype),
        beta: statistics.beta ?? x.trace.constant(0, channels, dtype: x.dtype), epsilon: epsilon)
      statistics.update(mean, variance)
      return y.cast(to: context.policy.compute)
    }
    let (mean, variance) = moments(x, axis: axis, mask: mask)
    statistics.update(mean, variance)
    return normalized(mean, variance)
  }

  /// Mean and variance of each channel, over the steps that count.
  private func moments(_ x: Symbol, axis: Int, mask: Symbol?) -> (Symbol, Symbol) {
    let axes = (0..<x.shape.rank).filter { $0 != axis }
    guard let mask else { return (x.mean(axes: axes), x.variance(axes: axes)) }
    let trailing = Array(repeating: 1, count: x.shape.rank - mask.shape.rank)
    let counts = mask.reshaped(Shape(mask.shape.dims + trailing)).broadcast(to: x.shape)
    // The addend keeps a batch of padding only from dividing by zero; it is Keras's.
    let count = counts.cast(to: x.dtype).sum(axes: axes, keepDims: true) + 1e-7
    let mean = select(counts, x, 0).sum(axes: axes, keepDims: true) / count
    let variance =
      select(counts, square(x - mean), 0).sum(axes: axes, keepDims: true) / count
    let channels: Shape = [x.shape[axis]]
    return (mean.reshaped(channels), variance.reshaped(channels))
  }
}
