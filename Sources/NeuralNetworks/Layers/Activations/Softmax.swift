import TensorGraph

/// A softmax along `axis`: `eˣ / Σ eˣ`.
///
/// Steps that a mask leaves out have the probability 0 where the sum goes over steps.
///
/// - Input, output: any shape
public final class Softmax: NamedLayer {
  /// The axis, or the axes, along which the outputs sum to 1.
  public let axis: OneOrMany<Int>
  public let options: LayerOptions

  public static let example = Softmax()

  /// Creates a softmax along `axis`.
  public init(axis: OneOrMany<Int> = -1, name: String? = nil, options: LayerOptions = []) {
    self.axis = axis
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    let axes = axis.values.compactMap(x.shape.axis)
    guard axes.count == axis.values.count, !axes.isEmpty, Set(axes).count == axes.count else {
      return context.fail("Softmax along \(axis.values), which the input does not have", x)
    }
    let x = x.floatingPoint.masked(by: x.mask)
    // Along other axes a step that does not count has probabilities, which do not count either.
    guard let mask = x.mask, axes.contains(where: { $0 < mask.shape.rank }) else {
      return normalized(x, axes)
    }
    let ones = Array(repeating: 1, count: max(x.shape.rank - mask.shape.rank, 0))
    let counts = mask.reshaped(Shape(mask.shape.dims + ones)).broadcast(to: x.shape)
    // A number that float16 has too; finite, so that steps without any that count are no NaN.
    let scores = select(counts, x, x.dtype == .float16 ? -3e4 : -1e9)
    return select(counts, normalized(scores, axes), 0)
  }

  private func normalized(_ x: Symbol, _ axes: [Int]) -> Symbol {
    if axes.count == 1 { return softmax(x, axis: axes[0]) }
    let exponentials = exp(x - x.max(axes: axes, keepDims: true))
    return exponentials / exponentials.sum(axes: axes, keepDims: true)
  }
}
