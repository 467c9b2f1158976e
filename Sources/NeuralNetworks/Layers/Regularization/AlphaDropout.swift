import TensorGraph

/// A dropout for networks of scaled exponential linear units: in training a random share `rate` of
/// the inputs becomes the value α′ that such units saturate at, and all are then moved and scaled so
/// that mean 0 and variance 1 stay. In inference it changes nothing.
///
///     y = a · (x where kept, else α′) + b
///     a = ((1 − rate) · (1 + rate · α′²))^(−½),   b = −a · α′ · rate,   α′ = −1.7581
///
/// - Input, output: any shape
/// - Reference: [Klambauer et al., 2017](https://arxiv.org/abs/1706.02515)
public final class AlphaDropout: NamedLayer, RandomLayer {
  /// The share of inputs that are dropped, from 0 to below 1.
  public let rate: Double
  /// The shape of the random choices, which broadcast to the input; without one, the input's.
  /// A `nil` in it is the input's own size.
  public let noiseShape: [Int?]?
  public let options: LayerOptions

  public static let example = AlphaDropout(0.5)

  /// Creates a dropout of the share `rate`.
  public init(
    _ rate: Double, noiseShape: [Int?]? = nil, name: String? = nil, options: LayerOptions = []
  ) {
    self.rate = rate
    self.noiseShape = noiseShape
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard (0..<1).contains(rate) else {
      return context.fail("AlphaDropout needs a rate from 0 to below 1, not \(rate)")
    }
    guard let shape = context.noiseShape(noiseShape, for: x, of: self) else {
      return context.model.trace.invalid
    }
    guard context.isTraining, rate > 0 else { return x }
    let saturated = -1.6732632423543772 * 1.0507009873554805
    let a = 1 / ((1 - rate) * (1 + rate * saturated * saturated)).squareRoot()
    let kept = context.kept(rate, shape).broadcast(to: x.shape)
    return a * select(kept, x.floatingPoint, saturated) - a * saturated * rate
  }
}
