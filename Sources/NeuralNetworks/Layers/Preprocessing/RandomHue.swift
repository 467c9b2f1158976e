import TensorGraph

/// Turns the colors of each image around the circle of hues in training: `hue ± factor / 2`.
///
///     let tinted = RandomHue(0.1)
///
/// One factor and one direction are drawn for each image. The hue is that of hue, saturation and
/// value, with the lowest value of the range for black.
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
      // Black becomes 0, and the rest is as good in one scale as in another.
      let x = images.cast(to: .float32)
      let colors = Colors(valueRange.low == 0 ? x : x - valueRange.low)
      let y = clip(colors.turned(by: drawn[0].perImage(of: x)), 0, valueRange.length)
      return (valueRange.low == 0 ? y : y + valueRange.low).cast(to: images.dtype)
    }
  }
}
