import TensorGraph

/// A rectifier that leaks: `x` where `x ≥ 0`, else `negativeSlope · x`.
///
/// - Input, output: any shape
public final class LeakyReLU: NamedLayer {
  /// The derivative below 0.
  public let negativeSlope: Double
  public let options: LayerOptions

  public static let example = LeakyReLU()

  /// Creates a leaky rectifier.
  public init(negativeSlope: Double = 0.3, name: String? = nil, options: LayerOptions = []) {
    self.negativeSlope = negativeSlope
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard negativeSlope.isFinite, negativeSlope >= 0 else {
      return context.fail("LeakyReLU needs a slope of at least 0, not \(negativeSlope)")
    }
    return leakyReLU(x.floatingPoint, negativeSlope: negativeSlope)
  }
}
