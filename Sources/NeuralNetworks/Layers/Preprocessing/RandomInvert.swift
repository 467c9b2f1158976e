import TensorGraph

/// Turns some of the images into their negatives in training: `high − x`.
///
///     let film = RandomInvert([0.5, 0.5], valueRange: [0, 1])
///
/// For each image a probability is drawn, and then whether it is inverted.
///
/// - Input, output: `[batch, height, width, channels]`, or one image
public final class RandomInvert: RandomAugmentation {
  /// What the probability lies between, from 0 to 1; `0.5` is from 0 to 0.5.
  public let factor: Factor
  /// The range of the values of images.
  public let valueRange: ValueRange
  public let options: LayerOptions

  public static let example = RandomInvert()

  /// Creates a layer that inverts images with a probability of up to `factor`.
  public init(
    _ factor: Factor = 1, valueRange: ValueRange = .bytes, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.factor = factor
    self.valueRange = valueRange
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? { factor.mistake("factor", in: 0...1) ?? valueRange.mistake }

  /// Whether each image is inverted.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    [context.chance(factor.range(notBelow: 0), batch: shape[0])]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    select(drawn[0].perImage, valueRange.high - images, images)
  }
}
