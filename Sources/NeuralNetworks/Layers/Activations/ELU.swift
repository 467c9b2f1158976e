import TensorGraph

/// An exponential linear unit: `x` where `x > 0`, else `alpha · (eˣ − 1)`.
///
/// - Input, output: any shape
/// - Reference: [Clevert et al., 2015](https://arxiv.org/abs/1511.07289)
public final class ELU: NamedLayer {
  /// Minus the limit for x → −∞.
  public let alpha: Double
  public let name: String?

  public static let example = ELU()

  /// Creates an exponential linear unit.
  public init(alpha: Double = 1, name: String? = nil) {
    self.alpha = alpha
    self.name = name
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    // The exponent is held at 0, so that a large x does not make the unused branch infinite.
    select(x .> 0, x, alpha * expm1(minimum(x, 0)))
  }
}
