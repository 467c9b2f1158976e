import TensorGraph

/// The smallest of the inputs, element by element.
///
/// What a mask leaves out does not take part.
///
/// - Inputs: one or more, of shapes that broadcast
/// - Output: the shape they broadcast to
public final class Minimum: MergingLayer {
  public let options: LayerOptions

  public static let example = Minimum()

  /// Creates a layer that takes the minimum of its inputs.
  public init(name: String? = nil, options: LayerOptions = []) {
    self.options = LayerOptions(name, options)
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    [mergedWhereCounting(inputs, context, by: minimum)]
  }
}
