import TensorGraph

/// The largest of the inputs, element by element.
///
/// - Inputs: two or more, of shapes that broadcast
/// - Output: the shape they broadcast to
public final class Maximum: MergingLayer {
  public let name: String?

  public static let example = Maximum()

  /// Creates a layer that takes the maximum of its inputs.
  public init(name: String? = nil) { self.name = name }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    [merged(inputs, context, by: maximum)]
  }
}
