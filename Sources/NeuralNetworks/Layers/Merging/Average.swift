import TensorGraph

/// The mean of the inputs, element by element: `(x₁ + … + xₙ) / n`.
///
/// - Inputs: one or more, of shapes that broadcast
/// - Output: the shape they broadcast to
public final class Average: MergingLayer {
  public let options: LayerOptions

  public static let example = Average()

  /// Creates a layer that averages its inputs.
  public init(name: String? = nil, options: LayerOptions = []) {
    self.options = LayerOptions(name, options)
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    let sum = merged(inputs, context) { $0 + $1 }
    return [(sum.floatingPoint / Double(inputs.count)).masked(by: sum.mask)]
  }
}
