import TensorGraph

/// Blends each image with its shades of gray in training: `x + factor · (gray − x)`, held to the
/// range.
///
///     let pale = RandomColorDegeneration([0, 0.5])
///
/// One factor is drawn for each image: 0 leaves it as it is, 1 makes it gray, and below 0 colors
/// become stronger.
///
/// - Input, output: `[batch, height, width, channels]`, or one image, with 3 channels or 1
public final class RandomColorDegeneration: RandomAugmentation {
  /// What the factor lies between, from −1 to 1; `0.5` is from −0.5 to 0.5, as Keras has it.
  public let factor: Factor
  /// The range of the values of images.
  public let valueRange: ValueRange
  public let options: LayerOptions

  public static let example = RandomColorDegeneration(0.5)

  /// Creates a layer that takes away up to the share `factor` of colors.
  public init(
    _ factor: Factor, valueRange: ValueRange = .bytes, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.factor = factor
    self.valueRange = valueRange
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? { factor.mistake("factor", in: -1...1) ?? valueRange.mistake }

  /// The factor of each image.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    [context.uniform(factor.range(notBelow: -1), [shape[0]])]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    onColors(images, grayscale: true) { images in
      let toGray = images.grayscale() - images
      return valueRange.clipped(images + drawn[0].perImage(of: images) * toGray)
    }
  }
}
