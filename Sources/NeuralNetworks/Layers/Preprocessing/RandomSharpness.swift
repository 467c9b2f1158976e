import TensorGraph

/// Sharpens or blurs each image in training: `x + (1 − 2 · factor) · (smooth − x)`, held to the
/// range.
///
///     let crisp = RandomSharpness([0.4, 0.8])
///
/// One factor is drawn for each image: 0 blurs it, 0.5 leaves it as it is, 1 sharpens it. The
/// smooth image is a weighted mean of each pixel and its eight neighbors, weights 5 and 1 of 13.
///
/// - Input, output: `[batch, height, width, channels]`, or one image
public final class RandomSharpness: RandomAugmentation {
  /// What the factor lies between, from 0 to 1; `0.5` is from 0 to 0.5.
  public let factor: Factor
  /// The range of the values of images.
  public let valueRange: ValueRange
  public let options: LayerOptions

  public static let example = RandomSharpness(0.5)

  /// Creates a layer that changes the sharpness by up to `factor`.
  public init(
    _ factor: Factor, valueRange: ValueRange = .bytes, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.factor = factor
    self.valueRange = valueRange
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? { factor.mistake("factor", in: 0...1) ?? valueRange.mistake }

  /// The factor of each image.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    [context.uniform(factor.range(notBelow: 0), [shape[0]])]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    guard images.isValid else { return images }
    let channels = images.shape[-1]
    let weights = [1, 1, 1, 1, 5, 1, 1, 1, 1].flatMap { weight in
      Array(repeating: Double(weight) / 13, count: channels)
    }
    let kernel = Tensor(TensorType(images.dtype, [3, 3, 1, channels]), numbers: weights)
    let smooth = convolution(
      images, images.trace.constant(kernel), padding: .same, groups: channels)
    let share = 1 - (drawn[0] * 2).perImage(of: images)
    return valueRange.clipped(images + share * (smooth - images))
  }
}
