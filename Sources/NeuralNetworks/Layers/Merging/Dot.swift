import TensorGraph

/// The dot products of two inputs along one axis of each, for each sample.
///
///     let similarity = Dot(axes: 1, normalize: true)
///
/// - Inputs: `[batch, …]` and `[batch, …]`, of 2 or 3 axes, with one size along `axes`
/// - Output: `[batch]` and the axes that are left; `[batch, 1]` if none is
public final class Dot: MultiInputLayer, NamedLayer {
  /// The axis of both inputs, or that of each.
  public let axes: OneOrMany<Int>
  /// Whether the vectors are first scaled to length 1: the cosine of their angle.
  public let normalize: Bool
  public let name: String?

  public static let example = Dot(axes: -1)

  /// Creates a layer that multiplies its inputs along `axes`.
  public init(axes: OneOrMany<Int>, normalize: Bool = false, name: String? = nil) {
    self.axes = axes
    self.normalize = normalize
    self.name = name
  }

  public var masking: MaskHandling {
    .refused(hint: "a dot product mixes steps; drop the mask before it: x.masked(by: nil)")
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard inputs.count == 2, (1...2).contains(axes.values.count) else {
      return [context.fail("Dot takes two inputs, and one axis or two")]
    }
    let last = axes.values[axes.values.count - 1]
    guard let i = inputs[0].shape.axis(axes.values[0]), let j = inputs[1].shape.axis(last),
      i > 0, j > 0, inputs.allSatisfy({ (2...3).contains($0.shape.rank) })
    else {
      return [context.fail("Dot expects inputs of 2 or 3 axes, and axes of them", inputs[0])]
    }
    // The axis goes last in the first input, and second in the second: a matrix product.
    var (a, b) = (inputs[0], inputs[1])
    if normalize { (a, b) = (unit(a, axis: i), unit(b, axis: j)) }
    if a.shape.rank == 3, i == 1 { a = a.transposed() }
    if b.shape.rank == 3, j == 2 { b = b.transposed() }
    let (left, right) = (a.shape.rank == 2, b.shape.rank == 2)
    var y = matmul(left ? a.expandingDims(at: 1) : a, right ? b.expandingDims(at: 2) : b)
    if right { y = y.squeezed(2) }
    if left, !right { y = y.squeezed(1) }
    return [y]
  }

  private func unit(_ x: Symbol, axis: Int) -> Symbol {
    x * rsqrt(maximum(square(x).sum(axes: [axis], keepDims: true), 1e-12))
  }
}
