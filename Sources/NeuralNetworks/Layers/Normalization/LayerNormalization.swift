import TensorGraph

/// Normalizes each sample to mean 0 and variance 1 along `axis`, then scales and shifts it.
///
///     y = gamma · (x − mean) / √(variance + epsilon) + beta
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
  /// How `beta` starts.
  public let betaInitializer: Initializer
  /// How `gamma` starts.
  public let gammaInitializer: Initializer
  public let name: String?

  public static let example = LayerNormalization()

  /// Creates a layer normalization along `axis`.
  public init(
    axis: OneOrMany<Int> = -1, epsilon: Double = 1e-3, center: Bool = true, scale: Bool = true,
    betaInitializer: Initializer = .zeros, gammaInitializer: Initializer = .ones,
    name: String? = nil
  ) {
    self.axis = axis
    self.epsilon = epsilon
    self.center = center
    self.scale = scale
    self.betaInitializer = betaInitializer
    self.gammaInitializer = gammaInitializer
    self.name = name
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    let axes = Set(axis.values.compactMap(x.shape.axis)).sorted()
    guard !axes.isEmpty, axes.count == axis.values.count, axes[0] > 0 else {
      return context.fail("LayerNormalization cannot normalize along \(axis.values)", x)
    }
    // Along other axes than the last, the weights have 1 between their sizes.
    let sizes = Shape(axes.map { x.shape[$0] })
    let aligned = Shape((axes[0]..<x.shape.rank).map { axes.contains($0) ? x.shape[$0] : 1 })
    let gamma = scale ? context.weight("gamma", sizes, gammaInitializer) : nil
    let beta = center ? context.weight("beta", sizes, betaInitializer) : nil
    let x = x.floatingPoint
    if axes == [x.shape.rank - 1] {
      return layerNormalization(
        x, gamma: gamma ?? x.trace.constant(1, sizes, dtype: x.dtype),
        beta: beta ?? x.trace.constant(0, sizes, dtype: x.dtype), epsilon: epsilon)
    }
    let centered = x - x.mean(axes: axes, keepDims: true)
    let variance = square(centered).mean(axes: axes, keepDims: true)
    var y = centered * rsqrt(variance + epsilon)
    if let gamma { y = y * gamma.reshaped(aligned) }
    if let beta { y = y + beta.reshaped(aligned) }
    return y
  }
}
