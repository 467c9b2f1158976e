import TensorGraph

/// The inputs one after another along `axis`.
///
///     let both = Concatenate()
///
/// Along the axes that masks tell apart, such as time, masks are concatenated; along the others a
/// step counts if it does in one of the inputs. An input without a mask counts throughout.
///
/// - Inputs: one or more, with shapes that differ in `axis` only
/// - Output: their shape, with the sum of the sizes of `axis`
public final class Concatenate: MultiInputLayer, NamedLayer {
  /// The axis along which sizes add up; a negative one counts from the end.
  public let axis: Int
  public let options: LayerOptions

  public static let example = Concatenate()

  /// Creates a layer that concatenates its inputs along `axis`.
  public init(axis: Int = -1, name: String? = nil, options: LayerOptions = []) {
    self.axis = axis
    self.options = LayerOptions(name, options)
  }

  public var masking: MaskHandling { .explicit }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard let first = inputs.first, let axis = first.shape.axis(axis), axis > 0 else {
      return [
        context.fail(
          "Concatenate needs an axis of its inputs other than the batch's, not \(axis)",
          inputs.first ?? context.model.trace.invalid)
      ]
    }
    let y = concatenate(inputs, axis: axis)
    guard y.isValid, let rank = inputs.compactMap({ $0.mask?.shape.rank }).max() else {
      return [y.masked(by: nil)]
    }
    let masks = inputs.map { x in
      let shape = Shape(Array(x.shape.dims.prefix(rank)))
      guard let mask = x.mask else { return x.trace.constant(1, shape, dtype: .bool) }
      let ones = Array(repeating: 1, count: rank - mask.shape.rank)
      return mask.reshaped(Shape(mask.shape.dims + ones)).broadcast(to: shape)
    }
    let isToldApart = axis < rank
    return [
      y.masked(
        by: isToldApart
          ? concatenate(masks, axis: axis) : masks.dropFirst().reduce(masks[0]) { $0 .| $1 })
    ]
  }
}
