import TensorGraph

/// Adds a penalty on its input to the loss, and gives the input itself:
/// `(l1 · Σ |x| + l2 · Σ x²) / batch`.
///
///     let sparse = ActivityRegularization(l1: 1e-3)
///
/// - Input, output: any shape
public final class ActivityRegularization: NamedLayer {
  /// The factor of the magnitudes, at least 0.
  public let l1: Double
  /// The factor of the squares, at least 0.
  public let l2: Double
  public let options: LayerOptions

  public static let example = ActivityRegularization()

  /// Creates a penalty with these factors.
  public init(l1: Double = 0, l2: Double = 0, name: String? = nil, options: LayerOptions = []) {
    self.l1 = l1
    self.l2 = l2
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    let regularizer = Regularizer.l1l2(l1: l1, l2: l2)
    if let mistake = regularizer.mistake {
      return context.fail("ActivityRegularization: \(mistake)")
    }
    context.penalize(x, by: regularizer)
    return x
  }
}
