import TensorGraph

/// The product of the inputs: `x₁ · x₂ · …`.
///
/// - Inputs: two or more, of shapes that broadcast
/// - Output: the shape they broadcast to
public final class Multiply: MergingLayer {
  public let name: String?

  public static let example = Multiply()

  /// Creates a layer that multiplies its inputs.
  public init(name: String? = nil) { self.name = name }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    [merged(inputs, context) { $0 * $1 }]
  }
}
