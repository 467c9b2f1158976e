import TensorGraph

/// Multiplies the inputs by random numbers around 1 in training, with the variance
/// `rate / (1 − rate)` that a dropout has; in inference it changes nothing.
///
/// - Input, output: any shape
/// - Reference: [Srivastava et al., 2014](https://jmlr.org/papers/v15/srivastava14a.html)
public final class GaussianDropout: NamedLayer, RandomLayer {
  /// The rate of the dropout with the same variance, from 0 to below 1.
  public let rate: Double
  public let options: LayerOptions

  public static let example = GaussianDropout(0.5)

  /// Creates noise with the variance of a dropout of the share `rate`.
  public init(_ rate: Double, name: String? = nil, options: LayerOptions = []) {
    self.rate = rate
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard (0..<1).contains(rate) else {
      return context.fail("GaussianDropout needs a rate from 0 to below 1, not \(rate)")
    }
    guard context.isTraining, rate > 0 else { return x }
    return x * context.normal(x, mean: 1, stddev: (rate / (1 - rate)).squareRoot())
  }
}

extension LayerContext {
  /// Normally distributed numbers in the shape and type of `x`, fresh in each step.
  func normal(_ x: Symbol, mean: Double = 0, stddev: Double) -> Symbol {
    let (key, stream) = random
    return randomNormal(
      key, stream: stream, x.shape, mean: mean, stddev: stddev,
      dtype: x.dtype.isFloatingPoint ? x.dtype : .float32)
  }
}
