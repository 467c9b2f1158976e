import TensorGraph

/// Adds normally distributed numbers to the inputs in training; in inference it changes nothing.
///
/// - Input, output: any shape
public final class GaussianNoise: NamedLayer, RandomLayer {
  /// The standard deviation of the noise, from 0 to 1.
  public let stddev: Double
  public let options: LayerOptions

  public static let example = GaussianNoise(0.5)

  /// Creates noise with the standard deviation `stddev`.
  public init(_ stddev: Double, name: String? = nil, options: LayerOptions = []) {
    self.stddev = stddev
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard (0...1).contains(stddev) else {
      return context.fail(
        "GaussianNoise needs a standard deviation from 0 to 1, not \(stddev)")
    }
    return context.isTraining && stddev > 0 ? x + context.normal(x, stddev: stddev) : x
  }
}
