import TensorGraph

/// Makes each image brighter or darker in training: `x + factor · (high − low)`, held to the range.
///
///     let lit = RandomBrightness(0.2)
///
/// One factor is drawn for each image.
///
/// - Input, output: `[batch, height, width, channels]`, or one image
public final class RandomBrightness: RandomAugmentation {
  /// What the factor lies between, from −1, black, to 1, white; `0.2` is from −0.2 to 0.2.
  public let factor: Factor
  /// The range of the values of images.
  public let valueRange: ValueRange
  public let options: LayerOptions

  public static let example = RandomBrightness(0.2)

  /// Creates a layer that changes the brightness by up to `factor`.
  public init(
    _ factor: Factor, valueRange: ValueRange = .bytes, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.factor = factor
    self.valueRange = valueRange
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? { factor.mistake("factor", in: -1...1) ?? valueRange.mistake }

  /// What is added to each image.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    [context.uniform(factor.range(notBelow: -1), [shape[0]]) * valueRange.length]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    valueRange.clipped(images + drawn[0].perImage(of: images))
  }
}
