import TensorGraph

/// Makes the colors of each image stronger or weaker in training: `saturation · factor / (1 − factor)`.
///
///     let vivid = RandomSaturation([0.4, 0.6])
///
/// One factor is drawn for each image: 0 makes it gray, 0.5 leaves it as it is, 1 makes its
/// colors as strong as can be. As in Keras the saturation, always from 0 to 1, is held to
/// `value_range`: with bytes it can go beyond 1, and the image below 0.
///
/// - Input, output: `[batch, height, width, channels]`, or one image, with 3 channels
public final class RandomSaturation: RandomAugmentation {
  /// What the factor lies between, from −1 to 1; `0.4` is from −0.4 to 0.4, as Keras has it.
  public let factor: Factor
  /// What the saturation is held to.
  public let valueRange: ValueRange
  public let options: LayerOptions

  public static let example = RandomSaturation(0.5)

  /// Creates a layer that changes the saturation by up to `factor`.
  public init(
    _ factor: Factor, valueRange: ValueRange = .bytes, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.factor = factor
    self.valueRange = valueRange
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? { factor.mistake("factor", in: -1...1) ?? valueRange.mistake }

  /// What the saturation of each image is multiplied by.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    let factor = context.uniform(factor.range(notBelow: -1), [shape[0]])
    return [factor / (1 - factor + 1e-7)]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    onColors(images) { images in
      let x = images.cast(to: .float32)
      return Colors(x).saturated(by: drawn[0].perImage(of: x), heldTo: valueRange)
        .cast(to: images.dtype)
    }
  }
}
