import TensorGraph

/// Moves the values of each image away from the mean of their channel or toward it in training:
/// `(x − mean) · factor + mean`, held to the range.
///
///     let stark = RandomContrast(0.2)
///
/// One factor is drawn for each image, from `1 − lower` to `1 + upper`.
///
/// - Input, output: `[batch, height, width, channels]`, or one image
public final class RandomContrast: RandomAugmentation {
  /// How far below and above 1 the factor lies, each from 0 to 1; one number is how far above.
  public let factor: Factor
  /// The range of the values of images.
  public let valueRange: ValueRange
  public let options: LayerOptions

  public static let example = RandomContrast(0.2)

  /// Creates a layer that changes the contrast by up to `factor`.
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
    let (lower, upper) = factor.range(notBelow: 0)
    return [context.uniform((1 - lower, 1 + upper), [shape[0]])]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    let mean = images.mean(axes: [1, 2], keepDims: true)
    return valueRange.clipped((images - mean) * drawn[0].perImage(of: images) + mean)
  }
}
