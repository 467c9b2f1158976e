import TensorGraph

/// Inverts the values of each image that are not below a threshold, in training.
///
///     x' = x + addition, held to the range
///     y = x' if x' < threshold else high + low − x'
///
/// An addition and a threshold are drawn for each image, as shares of the range. With a threshold
/// of 0 all values are inverted. As Keras draws them, only the upper end of a factor is a share:
/// the lower end counts in units of 1/255 of the range.
///
/// - Input, output: `[batch, height, width, channels]`, or one image
public final class Solarization: RandomAugmentation {
  /// What is added, as a share of the range, from 0 to 1; `0.5` is from 0 to 0.5.
  public let additionFactor: Factor
  /// The threshold, as a share of the range, from 0 to 1; `0.5` is from 0 to 0.5.
  public let thresholdFactor: Factor
  /// The range of the values of images.
  public let valueRange: ValueRange
  public let options: LayerOptions

  public static let example = Solarization()
  public var drawnCount: Int { 2 }

  /// Creates a layer that inverts what is not below a threshold.
  public init(
    additionFactor: Factor = 0, thresholdFactor: Factor = 0, valueRange: ValueRange = .bytes,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.additionFactor = additionFactor
    self.thresholdFactor = thresholdFactor
    self.valueRange = valueRange
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? {
    additionFactor.mistake("addition_factor", in: 0...1)
      ?? thresholdFactor.mistake("threshold_factor", in: 0...1) ?? valueRange.mistake
  }

  /// The addition and the threshold of each image, from 0 to 255.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    [additionFactor, thresholdFactor].map { factor in
      let (low, high) = factor.range(notBelow: 0)
      return context.uniform((low, high * 255), [shape[0]])
    }
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    let (addition, threshold) = (drawn[0].perImage(of: images), drawn[1].perImage(of: images))
    let x = clip(valueRange.converted(images, to: .bytes) + addition, 0, 255)
    return ValueRange.bytes.converted(select(x .< threshold, x, 255 - x), to: valueRange)
  }
}
