import TensorGraph

/// The smallest of the inputs, element by element.
///
/// - Inputs: two or more, of shapes that broadcast
/// - Output: the shape they broadcast to
public final class Minimum: MergingLayer {
  public let name: String?

  public static let example = Minimum()

  /// Creates a layer that takes the minimum of its inputs.
  public init(name: String? = nil) { self.name = name }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    [merged(inputs, context, by: minimum)]
  }
}
