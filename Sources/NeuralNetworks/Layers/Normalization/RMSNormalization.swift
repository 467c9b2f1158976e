import TensorGraph

/// Divides each sample by its root mean square along `axis`, then scales it.
///
///     y = scale · x / √(mean(x²) + epsilon)
///
/// The mask of the steps is passed on. The mean is taken in `float32` at least.
///
/// - Input, output: `[batch, …, features]`
/// - Weights: `scale`, the sizes of `axis`
/// - Reference: [Zhang and Sennrich, 2019](https://arxiv.org/abs/1910.07467)
public final class RMSNormalization: NamedLayer {
  /// The axis, or the axes, along which the mean is taken.
  public let axis: OneOrMany<Int>
  /// Added to the mean of squares, so that a sample of zeros does not divide by zero.
  public let epsilon: Double
  public let options: LayerOptions

  public static let example = RMSNormalization()

  /// Creates a normalization by the root mean square along `axis`.
  public init(
    axis: OneOrMany<Int> = -1, epsilon: Double = 1e-6, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.axis = axis
    self.epsilon = epsilon
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard context.isEpsilon(epsilon, of: self), let along = context.axes(axis, of: x, for: self)
    else { return x.trace.invalid }
    let scale = context.weight("scale", along.sizes, .ones)
    let x = x.forMoments
    let meanSquare = square(x).mean(axes: along.axes, keepDims: true)
    let y = x * rsqrt(meanSquare + epsilon) * scale.cast(to: x.dtype).reshaped(along.aligned)
    return y.cast(to: context.policy.compute)
  }
}
