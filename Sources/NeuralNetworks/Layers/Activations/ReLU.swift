import TensorGraph

/// A rectifier with three parameters.
///
///     y = maxValue                           where x ≥ maxValue
///     y = x                                  where threshold ≤ x < maxValue
///     y = negativeSlope · (x − threshold)    elsewhere
///
/// - Input, output: any shape
public final class ReLU: NamedLayer {
  /// The largest output, if there is one.
  public let maxValue: Double?
  /// The derivative below the threshold.
  public let negativeSlope: Double
  /// Where the output leaves the slope.
  public let threshold: Double
  public let options: LayerOptions

  public static let example = ReLU()

  /// Creates a rectifier.
  public init(
    maxValue: Double? = nil, negativeSlope: Double = 0, threshold: Double = 0, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.maxValue = maxValue
    self.negativeSlope = negativeSlope
    self.threshold = threshold
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    for (name, value) in [
      ("maximum", maxValue ?? 0), ("slope", negativeSlope), ("threshold", threshold),
    ] where !(value.isFinite && value >= 0) {
      return context.fail("ReLU needs a \(name) of at least 0, not \(value)")
    }
    return relu(x, negativeSlope: negativeSlope, maxValue: maxValue, threshold: threshold)
  }
}
