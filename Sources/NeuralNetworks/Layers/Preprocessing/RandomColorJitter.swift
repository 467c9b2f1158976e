import TensorGraph

/// Changes brightness, contrast, saturation and hue of each image in training, in this order;
/// each of them if it has a factor.
///
///     let varied = RandomColorJitter(brightnessFactor: 0.2, hueFactor: 0.1)
///
/// Each change is that of `RandomBrightness`, `RandomContrast`, `RandomSaturation`, `RandomHue`.
///
/// - Input, output: `[batch, height, width, channels]`, or one image, with 3 channels
public final class RandomColorJitter: RandomAugmentation {
  /// The range of the values of images.
  public let valueRange: ValueRange
  /// The factor of `RandomBrightness`, from −1 to 1.
  public let brightnessFactor: Factor?
  /// The factor of `RandomContrast`, from 0 to 1.
  public let contrastFactor: Factor?
  /// The factor of `RandomSaturation`, from −1 to 1.
  public let saturationFactor: Factor?
  /// The factor of `RandomHue`, from 0 to 1.
  public let hueFactor: Factor?
  public let options: LayerOptions

  public static let example = RandomColorJitter()

  /// Creates a layer that changes what has a factor.
  public init(
    valueRange: ValueRange = .bytes, brightnessFactor: Factor? = nil,
    contrastFactor: Factor? = nil, saturationFactor: Factor? = nil, hueFactor: Factor? = nil,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.valueRange = valueRange
    self.brightnessFactor = brightnessFactor
    self.contrastFactor = contrastFactor
    self.saturationFactor = saturationFactor
    self.hueFactor = hueFactor
    self.options = LayerOptions(name, options)
  }

  private var steps: [any RandomAugmentation] {
    let steps: [(any RandomAugmentation)?] = [
      brightnessFactor.map { RandomBrightness($0, valueRange: valueRange) },
      contrastFactor.map { RandomContrast($0, valueRange: valueRange) },
      saturationFactor.map { RandomSaturation($0, valueRange: valueRange) },
      hueFactor.map { RandomHue($0, valueRange: valueRange) },
    ]
    return steps.compactMap(\.self)
  }

  public var mistake: String? {
    brightnessFactor?.mistake("brightness_factor", in: -1...1)
      ?? contrastFactor?.mistake("contrast_factor", in: 0...1)
      ?? saturationFactor?.mistake("saturation_factor", in: -1...1)
      ?? hueFactor?.mistake("hue_factor", in: 0...1) ?? valueRange.mistake
  }

  /// What each change draws: one number for each image.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    steps.flatMap { $0.drawn(for: shape, context) }
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    zip(steps, drawn).reduce(images) { $1.0.transformed($0, by: [$1.1]) }
  }
}
