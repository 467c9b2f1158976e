import TensorGraph

/// A rectifier that leaks: `x` where `x ≥ 0`, else `negativeSlope · x`.
///
/// - Input, output: any shape
public final class LeakyReLU: NamedLayer {
  /// The derivative below 0.
  public let negativeSlope: Double
  public let name: String?

  public static let example = LeakyReLU()

  /// Creates a leaky rectifier.
  public init(negativeSlope: Double = 0.3, name: String? = nil) {
    self.negativeSlope = negativeSlope
    self.name = name
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    select(x .>= 0, x, negativeSlope * x)
  }
}
