import TensorGraph

/// An exponential linear unit: `x` where `x > 0`, else `alpha · (eˣ − 1)`.
///
/// - Input, output: any shape
/// - Reference: [Clevert et al., 2015](https://arxiv.org/abs/1511.07289)
public final class ELU: NamedLayer {
  /// Minus the limit for x → −∞.
  public let alpha: Double
  public let options: LayerOptions

  public static let example = ELU()

  /// Creates an exponential linear unit.
  public init(alpha: Double = 1, name: String? = nil, options: LayerOptions = []) {
    self.alpha = alpha
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    alpha.isFinite ? elu(x, alpha: alpha) : context.fail("ELU needs a finite alpha, not \(alpha)")
  }
}
