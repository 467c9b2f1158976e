import TensorGraph

/// Normalizes each sample to mean 0 and variance 1 along `axis`, then scales and shifts it.
///
///     y = gamma · (x − mean) / √(variance + epsilon) + beta
///
/// With `rmsScaling` neither the mean is subtracted nor `beta` added: `gamma · x / √(variance +
/// epsilon)`. Keras keeps that for old models; what the name means is `RMSNormalization`.
///
/// The mask of the steps is passed on. Moments are taken in `float32` at least.
///
/// - Input, output: `[batch, …, features]`
/// - Weights: `gamma`, `beta`, the sizes of `axis`
/// - Reference: [Ba et al., 2016](https://arxiv.org/abs/1607.06450)
public final class LayerNormalization: NamedLayer {
  /// The axis, or the axes, along which mean and variance are taken.
  public let axis: OneOrMany<Int>
  /// Added to the variance, so that a constant sample does not divide by zero.
  public let epsilon: Double
  /// Whether `beta` is added.
  public let center: Bool
  /// Whether `gamma` multiplies.
  public let scale: Bool
  /// Whether the input is only divided by its standard deviation.
  public let rmsScaling: Bool
  /// How `beta` starts.
  public let betaInitializer: Initializer
  /// How `gamma` starts.
  public let gammaInitializer: Initializer
  public let options: LayerOptions

  public static let example = LayerNormalization()

  /// Creates a layer normalization along `axis`.
  public init(
    axis: OneOrMany<Int> = -1, epsilon: Double = 1e-3, center: Bool = true, scale: Bool = true,
    rmsScaling: Bool = false, betaInitializer: Initializer = .zeros,
    gammaInitializer: Initializer = .ones, name: String? = nil, options: LayerOptions = []
  ) {
    self.axis = axis
    self.epsilon = epsilon
    self.center = center
    self.scale = scale
    self.rmsScaling = rmsScaling
    self.betaInitializer = betaInitializer
    self.gammaInitializer = gammaInitializer
    self.options = LayerOptions(name, options)
  }

  public var castsInputs: Bool { false }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard context.isEpsilon(epsilon, of: self), let along = context.axes(axis, of: x, for: self)
    else { return x.trace.invalid }
    let compute = context.policy.compute, variable = context.policy.variable
    let x = x.forMoments
    let gamma =
      scale || rmsScaling
      ? context.weight("gamma", along.sizes, gammaInitializer, dtype: variable).cast(to: x.dtype)
      : nil
    let beta =
      center && !rmsScaling
      ? context.weight("beta", along.sizes, betaInitializer, dtype: variable).cast(to: x.dtype)
      : nil
    if along.axes == [x.shape.rank - 1], !rmsScaling {
      return layerNormalization(
        x, gamma: gamma ?? x.trace.constant(1, along.sizes, dtype: x.dtype),
        beta: beta ?? x.trace.constant(0, along.sizes, dtype: x.dtype), epsilon: epsilon
      ).cast(to: compute)
    }
    let centered = x - x.mean(axes: along.axes, keepDims: true)
    let variance = square(centered).mean(axes: along.axes, keepDims: true)
    var y = (rmsScaling ? x : centered) * rsqrt(variance + epsilon)
    if let gamma { y = y * gamma.reshaped(along.aligned) }
    if let beta { y = y + beta.reshaped(along.aligned) }
    return y.cast(to: compute)
  }
}
