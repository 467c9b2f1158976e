import TensorGraph

/// The inputs one after another along `axis`.
///
///     let both = Concatenate()
///
/// Along the time axis masks are concatenated, along the others a step counts if it does in one of
/// the inputs. An input without a mask counts throughout.
///
/// - Inputs: two or more, with shapes that differ in `axis` only
/// - Output: their shape, with the sum of the sizes of `axis`
public final class Concatenate: MultiInputLayer, NamedLayer {
  /// The axis along which sizes add up; a negative one counts from the end.
  public let axis: Int
  public let name: String?

  public static let example = Concatenate()

  /// Creates a layer that concatenates its inputs along `axis`.
  public init(axis: Int = -1, name: String? = nil) {
    self.axis = axis
    self.name = name
  }

  public var masking: MaskHandling { .explicit }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard let first = inputs.first, let axis = first.shape.axis(axis), axis > 0 else {
      return [context.fail("Concatenate needs an axis of its inputs other than the batch's")]
    }
    let y = concatenate(inputs, axis: axis)
    guard y.isValid, let known = inputs.lazy.compactMap(\.mask).first else { return [y] }
    let masks = inputs.map { x in
      x.mask
        ?? x.trace.constant(
          1, Shape(Array(x.shape.dims.prefix(known.shape.rank))), dtype: .bool)
    }
    let alongTime = axis < known.shape.rank
    return [
      y.masked(
        by: alongTime
          ? concatenate(masks, axis: axis) : masks.dropFirst().reduce(masks[0]) { $0 .| $1 })
    ]
  }
}
