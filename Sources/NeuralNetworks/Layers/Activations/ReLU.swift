import TensorGraph

/// A rectifier with three parameters.
///
///     y = maxValue                           where x ≥ maxValue
///     y = x                                  where threshold < x < maxValue
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
  public let name: String?

  public static let example = ReLU()

  /// Creates a rectifier.
  public init(
    maxValue: Double? = nil, negativeSlope: Double = 0, threshold: Double = 0, name: String? = nil
  ) {
    self.maxValue = maxValue
    self.negativeSlope = negativeSlope
    self.threshold = threshold
    self.name = name
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard (maxValue ?? 0) >= 0, negativeSlope >= 0, threshold >= 0 else {
      return context.fail("ReLU expects a maximum, a slope and a threshold of at least 0")
    }
    var y = threshold == 0 ? relu(x) : select(x .> threshold, x, 0)
    if let maxValue { y = minimum(y, maxValue) }
    return negativeSlope == 0 ? y : y - negativeSlope * relu(threshold - x)
  }
}
