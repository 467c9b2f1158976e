import TensorGraph

/// The sum of the inputs: `x₁ + x₂ + …`.
///
/// - Inputs: one or more, of shapes that broadcast
/// - Output: the shape they broadcast to
public final class Add: MergingLayer {
  public let options: LayerOptions

  public static let example = Add()

  /// Creates a layer that adds its inputs.
  public init(name: String? = nil, options: LayerOptions = []) {
    self.options = LayerOptions(name, options)
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    [merged(inputs, context) { $0 + $1 }]
  }
}
