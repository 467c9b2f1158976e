import TensorGraph

/// The mean of the inputs, element by element: `(x₁ + … + xₙ) / n`.
///
/// - Inputs: two or more, of shapes that broadcast
/// - Output: the shape they broadcast to
public final class Average: MergingLayer {
  public let name: String?

  public static let example = Average()

  /// Creates a layer that averages its inputs.
  public init(name: String? = nil) { self.name = name }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    let sum = merged(inputs, context) { $0 + $1 }
    return [(sum / Double(inputs.count)).masked(by: sum.mask)]
  }
}
