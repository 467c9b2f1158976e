import TensorGraph

/// The dot products of two inputs along one axis of each, for each sample.
///
///     let similarity = Dot(axes: 1, normalize: true)
///
/// - Inputs: `[batch, …]` and `[batch, …]`, of 2 axes or more, with one size along `axes`
/// - Output: `[batch]` and the axes that are left, those of the first input before those of the
///   second; `[batch, 1]` if none is
public final class Dot: MultiInputLayer, NamedLayer {
  /// The axis of both inputs, or that of each.
  public let axes: OneOrMany<Int>
  /// Whether the vectors are first scaled to length 1: the cosine of their angle.
  public let normalize: Bool
  public let options: LayerOptions

  public static let example = Dot(axes: -1)

  /// Creates a layer that multiplies its inputs along `axes`.
  public init(
    axes: OneOrMany<Int>, normalize: Bool = false, name: String? = nil, options: LayerOptions = []
  ) {
    self.axes = axes
    self.normalize = normalize
    self.options = LayerOptions(name, options)
  }

  public var masking: MaskHandling {
    .refused(hint: "a dot product mixes steps; drop the mask before it: x.masked(by: nil)")
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard inputs.count == 2, (1...2).contains(axes.values.count) else {
      return [context.fail("Dot takes two inputs, and one axis or two")]
    }
    let (x, y) = (inputs[0], inputs[1]), last = axes.values[axes.values.count - 1]
    guard let i = x.shape.axis(axes.values[0]), let j = y.shape.axis(last), i > 0, j > 0 else {
      return [
        context.fail(
          "Dot expects inputs of 2 axes or more, and axes of them other than the batch's, "
            + "not \(axes.values)", x, y)
      ]
    }
    guard x.shape[0] == y.shape[0], x.shape[i] == y.shape[j] else {
      return [
        context.fail(
          "Dot expects one number of samples, and one size along axes \(i) and \(j)", x, y)
      ]
    }
    // The axis goes last in the first input, and second in the second: a matrix product.
    let a = arranged(normalize ? unitVectors(x.floatingPoint, axis: i) : x, axis: i)
    let b = arranged(normalize ? unitVectors(y.floatingPoint, axis: j) : y, axis: j)
    let product = matmul(a, b.transposed())
    let sizes = [x.shape[0]] + rest(x, i) + rest(y, j)
    return [product.reshaped(Shape(sizes.count == 1 ? sizes + [1] : sizes))]
  }

  /// The sizes of `x` without those of the batch and of `axis`.
  private func rest(_ x: Symbol, _ axis: Int) -> [Int] {
    x.shape.dims.enumerated().filter { $0.offset != 0 && $0.offset != axis }.map(\.element)
  }

  /// `x` as `[batch, rest, axis]`.
  private func arranged(_ x: Symbol, axis: Int) -> Symbol {
    let order = (0..<x.shape.rank).filter { $0 != axis } + [axis]
    return x.transposed(order).reshaped(
      [x.shape[0], rest(x, axis).reduce(1, *), x.shape[axis]])
  }
}
