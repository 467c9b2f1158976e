import TensorGraph

/// Turns the colors of each image around the circle of hues in training: `hue ± factor / 2`.
///
///     let tinted = RandomHue(0.1)
///
/// One factor and one direction are drawn for each image. The hue is that of the image in hue,
/// saturation and value, with its values brought between 0 and 1 before and back afterwards.
///
/// - Input, output: `[batch, height, width, channels]`, or one image, with 3 channels
public final class RandomHue: RandomAugmentation {
  /// What the factor lies between, from 0 to 1, half the circle; `0.1` is from 0 to 0.1.
  public let factor: Factor
  /// The range of the values of images.
  public let valueRange: ValueRange
  public let options: LayerOptions

  public static let example = RandomHue(0.5)

  /// Creates a layer that turns hues by up to `factor` of half the circle.
  public init(
    _ factor: Factor, valueRange: ValueRange = .bytes, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.factor = factor
    self.valueRange = valueRange
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? { factor.mistake("factor", in: 0...1) ?? valueRange.mistake }

  /// What is added to the hue of each image, from −1/2 to 1/2.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    let turn = context.uniform(factor.range(notBelow: 0), [shape[0]]) * 0.5
    return [select(context.uniform((0, 1), [shape[0]]) .> 0.5, -turn, turn)]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    onColors(images) { images in
      let scaled = valueRange == .unit ? images : images.cast(to: .float32)
      var colors = HSV(rgb: valueRange.converted(scaled, to: .unit))
      // The way back to red, green and blue takes hues from any turn of the circle.
      colors.hue = colors.hue + drawn[0].perImage(of: scaled)
      return ValueRange.unit.converted(clip(colors.rgb, 0, 1), to: valueRange)
        .cast(to: images.dtype)
    }
  }
}
