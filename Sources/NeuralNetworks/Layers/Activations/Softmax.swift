import TensorGraph

/// A softmax along `axis`: `eˣ / Σ eˣ`.
///
/// Masked scores, `[batch, time]`, have the probability 0.
///
/// - Input, output: any shape
public final class Softmax: NamedLayer {
  /// The axis, or the axes, along which the outputs sum to 1.
  public let axis: OneOrMany<Int>
  public let name: String?

  public static let example = Softmax()

  /// Creates a softmax along `axis`.
  public init(axis: OneOrMany<Int> = -1, name: String? = nil) {
    self.axis = axis
    self.name = name
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    let axes = axis.values.compactMap(x.shape.axis)
    guard axes.count == axis.values.count, !axes.isEmpty else {
      return context.fail("Softmax along \(axis.values), which the input does not have", x)
    }
    if let mask = x.mask, mask.shape == x.shape {
      let scores = select(mask, x, -1e9)
      return select(mask, normalized(scores, axes), 0)
    }
    return normalized(x, axes)
  }

  private func normalized(_ x: Symbol, _ axes: [Int]) -> Symbol {
    if axes.count == 1 { return softmax(x, axis: axes[0]) }
    let exponentials = exp(x - x.max(axes: axes, keepDims: true))
    return exponentials / exponentials.sum(axes: axes, keepDims: true)
  }
}
