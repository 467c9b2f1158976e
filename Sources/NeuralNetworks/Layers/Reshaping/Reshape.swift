import TensorGraph

/// The same elements in another shape.
///
///     let image = Reshape([28, 28, 1])
///
/// A mask is kept where the time axis is.
///
/// - Input: `[batch, …]`
/// - Output: `[batch]` and `targetShape`
public final class Reshape: NamedLayer {
  /// The shape without batch; one size may be −1 and follows from the others.
  public let targetShape: [Int]
  public let options: LayerOptions

  public static let example = Reshape([-1])

  /// Creates a layer that gives its input the shape `targetShape`, batch aside.
  public init(_ targetShape: [Int], name: String? = nil, options: LayerOptions = []) {
    self.targetShape = targetShape
    self.options = LayerOptions(name, options)
  }

  public var masking: MaskHandling { .explicit }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard let batch = x.shape.dims.first else {
      return context.fail("Reshape expects [batch, …]", x)
    }
    let known = targetShape.filter { $0 != -1 }
    let size = x.shape.dims.dropFirst().reduce(1, *)
    // A file may hold sizes whose product is no integer: as soon as it is too large, it is enough.
    let rest =
      known.contains(0) ? 0 : known.reduce(1) { $0 > size ? $0 : $0 * min(max($1, 0), size + 1) }
    guard known.allSatisfy({ $0 >= 0 }), targetShape.count - known.count <= 1,
      known.count == targetShape.count ? size == rest : rest > 0 && size % rest == 0
    else {
      return context.fail("Reshape cannot give \(size) elements the shape \(targetShape)", x)
    }
    let y = x.reshaped(Shape([batch] + targetShape.map { $0 == -1 ? size / rest : $0 }))
    guard let mask = x.mask else { return y }
    guard y.shape.dims.prefix(mask.shape.rank) == mask.shape.dims[...] else {
      return context.fail(
        "Reshape moves the time axis of a masked input", x,
        hint: "keep the time axis first in its shape, or pool over time before it")
    }
    return y.masked(by: mask)
  }
}
