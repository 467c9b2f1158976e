import TensorGraph

/// The largest of the inputs, element by element.
///
/// What a mask leaves out does not take part.
///
/// - Inputs: one or more, of shapes that broadcast
/// - Output: the shape they broadcast to
public final class Maximum: MergingLayer {
  public let options: LayerOptions

  public static let example = Maximum()

  /// Creates a layer that takes the maximum of its inputs.
  public init(name: String? = nil, options: LayerOptions = []) {
    self.options = LayerOptions(name, options)
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    [mergedWhereCounting(inputs, context, by: maximum)]
  }
}
