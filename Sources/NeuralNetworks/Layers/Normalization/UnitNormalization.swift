import TensorGraph

/// Scales each sample to length 1 along `axis`.
///
///     y = x / max(√Σx², 10⁻¹²)
///
/// A sample of zeros stays zeros. The mask of the steps is passed on.
///
/// - Input, output: `[batch, …, features]`
public final class UnitNormalization: NamedLayer {
  /// The axis, or the axes, along which the length is taken.
  public let axis: OneOrMany<Int>
  public let options: LayerOptions

  public static let example = UnitNormalization()

  /// Creates a normalization to length 1 along `axis`.
  public init(axis: OneOrMany<Int> = -1, name: String? = nil, options: LayerOptions = []) {
    self.axis = axis
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard let along = context.axes(axis, of: x, for: self) else { return x.trace.invalid }
    return unitNormalization(x.forMoments, axes: along.axes, epsilon: 1e-12)
      .cast(to: context.policy.compute)
  }
}

/// `x` divided by its length along `axes`, or by `epsilon` where that is more.
///
/// The derivative at zeros is 1 / epsilon, never NaN.
func unitNormalization(_ x: Symbol, axes: [Int], epsilon: Double) -> Symbol {
  let sum = square(x).sum(axes: axes, keepDims: true)
  let isLong = sum .> epsilon * epsilon
  return x * select(isLong, rsqrt(select(isLong, sum, 1)), 1 / epsilon)
}
