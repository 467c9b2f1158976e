import TensorGraph

/// The difference of two inputs: `x₁ − x₂`.
///
/// - Inputs: two, of shapes that broadcast
/// - Output: the shape they broadcast to
public final class Subtract: MergingLayer {
  public let options: LayerOptions

  public static let example = Subtract()

  /// Creates a layer that subtracts its inputs.
  public init(name: String? = nil, options: LayerOptions = []) {
    self.options = LayerOptions(name, options)
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    [merged(inputs, context, count: 2) { $0 - $1 }]
  }
}
