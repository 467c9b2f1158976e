import TensorGraph

/// The product of the inputs: `x₁ · x₂ · …`.
///
/// What a mask leaves out counts as 1, and as 0 where it is left out of all inputs.
///
/// - Inputs: one or more, of shapes that broadcast
/// - Output: the shape they broadcast to
public final class Multiply: MergingLayer {
  public let options: LayerOptions

  public static let example = Multiply()

  /// Creates a layer that multiplies its inputs.
  public init(name: String? = nil, options: LayerOptions = []) {
    self.options = LayerOptions(name, options)
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard let inputs = AlignedInputs(inputs, of: self, context) else {
      return [context.model.trace.invalid]
    }
    let factors = zip(inputs.values, inputs.masks).map { x, mask in
      mask.map { select($0, x, 1) } ?? x
    }
    let product = factors.dropFirst().reduce(factors[0]) { $0 * $1 }
    let masks = inputs.masks.compactMap(\.self)
    guard product.isValid, masks.count == factors.count else { return [product] }
    let either = masks.dropFirst().reduce(masks[0]) { $0 .| $1 }
    return [inputs.masked(select(either, product, 0))]
  }
}
