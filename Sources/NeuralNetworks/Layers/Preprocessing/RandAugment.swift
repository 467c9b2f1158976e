import TensorGraph

/// Changes images in training by a few augmentations, one after the other, chosen at random.
///
///     let varied = RandAugment(numOps: 2, factor: 0.5)
///
/// They are chosen among shear, translation, rotation, brightness, color degeneration, contrast,
/// sharpness, posterization, solarization, auto contrast and equalization, for the whole batch;
/// their amounts are drawn for each image. One that is chosen twice has the same amounts.
///
/// - Input, output: `[batch, height, width, channels]`, or one image, with 3 channels or 1
/// - Reference: [Cubuk et al., 2020](https://arxiv.org/abs/1909.13719)
public final class RandAugment: RandomAugmentation {
  /// The range of the values of images.
  public let valueRange: ValueRange
  /// The number of augmentations.
  public let numOps: Int
  /// What the strengths lie between, from 0 to 1; `0.5` is from 0 to 0.5.
  public let factor: Factor
  /// How values between pixels are found.
  public let interpolation: SamplingInterpolation
  public let options: LayerOptions

  public static let example = RandAugment()

  /// Creates a layer that applies `numOps` augmentations of a strength of up to `factor`.
  public init(
    valueRange: ValueRange = .bytes, numOps: Int = 2, factor: Factor = 0.5,
    interpolation: SamplingInterpolation = .bilinear, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.valueRange = valueRange
    self.numOps = numOps
    self.factor = factor
    self.interpolation = interpolation
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? {
    guard (0...100).contains(numOps) else { return "num_ops must be from 0 to 100, not \(numOps)" }
    return factor.mistake("factor", in: 0...1) ?? valueRange.mistake
  }

  private var policy: AugmentationPolicy {
    let (low, high) = factor.range(notBelow: 0)
    let factor: Factor = [low, high]
    let grading = AugmentationPolicy.grading(factor, valueRange)
    return AugmentationPolicy(
      steps: AugmentationPolicy.places(factor, interpolation)
        + AugmentationPolicy.lighting(factor, valueRange) + grading)
  }

  /// Which augmentations are applied, `int32[numOps]`; then the numbers of each of all of them.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    let policy = policy
    return [context.choices([numOps], of: policy.steps.count)]
      + policy.drawn(for: shape, context).joined()
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    guard images.isValid, numOps > 0 else { return images }
    let policy = policy
    let own = policy.separated(drawn.dropFirst())
    return scan(over: [drawn[0]], from: [images]) { step, state in
      ([policy.applied(step[0], state[0], by: own)], [])
    }.state[0]
  }
}
