import TensorGraph

/// Puts a box of another image of the batch into each image in training, and mixes their labels
/// by its area.
///
///     y = x' in the box, x elsewhere
///     label = λ · label + (1 − λ) · label',   λ = 1 − area of the box / area of the image
///
/// The box has the proportions of the image, and √(1 − w) of its width, where w is of the
/// distribution Beta(a, a) with one a for the batch, drawn between `factor`.
///
/// - Inputs: images `[batch, height, width, channels]`, and perhaps labels `[batch, classes]`
/// - Outputs: the same, as floats
/// - Reference: [Yun et al., 2019](https://arxiv.org/abs/1905.04899)
public final class CutMix: ImageMixing {
  /// What the parameter of the distribution lies between, from 0 to 1; `0.5` is from 0 to 0.5.
  public let factor: Factor
  public let options: LayerOptions

  public static let example = CutMix()

  /// Creates a layer that puts boxes of images into others.
  public init(_ factor: Factor = 1, name: String? = nil, options: LayerOptions = []) {
    self.factor = factor
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? { factor.mistake("factor", in: 0...1) }

  /// The other image of each; then the left, right, upper and lower edge of the box, in pixels.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    let batch: Shape = [shape[0]]
    let alpha = context.uniform(factor.range(notBelow: 0), []) + 1e-6
    let share = sqrt(1 - context.beta(batch, alpha: alpha))
    func edges(_ size: Int) -> [Symbol] {
      let length = share * Double(size)
      let start = context.uniform((0, 1), batch) * (Double(size) - length)
      return [start, start + length]
    }
    let (columns, rows) = (edges(shape[2]), edges(shape[1]))
    return [context.permutation(shape[0])] + columns + rows
  }

  public func weight(_ drawn: [Symbol], _ shape: Shape) -> Symbol {
    1 - (drawn[2] - drawn[1]) * (drawn[4] - drawn[3]) / (Double(shape[1]) * Double(shape[2]))
  }

  public func mixed(images: Symbol, by drawn: [Symbol]) -> Symbol {
    guard images.isValid else { return images }
    let edges = drawn.dropFirst().map(\.perImage)
    func isInside(_ axis: Int, _ low: Symbol, _ high: Symbol) -> Symbol {
      var shape = Shape([1, 1, 1, 1])
      shape[axis] = images.shape[axis]
      let places = images.trace.iota(shape, axis: axis, dtype: .float32)
      return (places .>= low) .& (places .< high)
    }
    let isInBox = isInside(2, edges[0], edges[1]) .& isInside(1, edges[2], edges[3])
    return select(isInBox, images.gathered(at: drawn[0]), images)
  }
}
