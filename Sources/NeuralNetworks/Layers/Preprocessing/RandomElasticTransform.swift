import TensorGraph

/// Images warped at random, as if they were of rubber, in training.
///
///     let warped = RandomElasticTransform(1, scale: 0.5)
///
/// Each pixel is moved by smoothed noise. With `f` drawn between `scale`, σ is 5 % of the shorter
/// side times f, and noise of width σ is blurred by σ and multiplied by 10 % of the longer side
/// times f. Images are held within the range of values afterwards.
///
/// - Input, output: `[batch, height, width, channels]`, or one image
/// - Reference: [Simard et al., 2003](https://doi.org/10.1109/ICDAR.2003.1227801)
public final class RandomElasticTransform: RandomAugmentation {
  /// The probability that an image is changed is drawn between these, from 0 to 1; one number
  /// stands for the range from 0.
  public let factor: Factor
  /// How strong it is, from 0 to 1, drawn once for a batch; one number stands for the range from 0.
  public let scale: Factor
  /// How a value between pixels is found.
  public let interpolation: SamplingInterpolation
  /// What stands beyond the border.
  public let fillMode: FillMode
  /// What stands beyond the border if that is a constant.
  public let fillValue: Double
  /// The least and the largest value of images.
  public let valueRange: ValueRange
  public let options: LayerOptions

  public static let example = RandomElasticTransform()

  /// Creates a layer that warps images as strongly as `scale` says.
  public init(
    _ factor: Factor = 1, scale: Factor = 1, interpolation: SamplingInterpolation = .bilinear,
    fillMode: FillMode = .reflect, fillValue: Double = 0, valueRange: ValueRange = .bytes,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.factor = factor
    self.scale = scale
    self.interpolation = interpolation
    self.fillMode = fillMode
    self.fillValue = fillValue
    self.valueRange = valueRange
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? {
    if let mistake = factor.mistake("factor", in: 0...1) ?? scale.mistake("scale", in: 0...1) {
      return mistake
    }
    if !fillValue.isFinite { return "fill_value must be a number, not \(fillValue)" }
    return valueRange.mistake
  }

  public var drawnCount: Int { isIdle ? 0 : 3 }

  /// Whether nothing is ever changed.
  private var isIdle: Bool {
    factor.range(notBelow: 0).high == 0 || scale.range(notBelow: 0).high == 0
  }

  /// Which images are changed, `bool[batch]`, how strongly, a scalar, and the noise along width
  /// and height, `[batch, height, width, 2]`.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    guard !isIdle else { return [] }
    let isChanged = context.chance(factor.range(notBelow: 0), batch: shape[0])
    let strength = context.uniform(scale.range(notBelow: 0), [])
    let (key, stream) = context.random
    let noise = randomNormal(key, stream: stream, [shape[0], shape[1], shape[2], 2])
    return [isChanged, strength, noise]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    guard !isIdle else { return images }
    let (isChanged, strength, noise) = (drawn[0], drawn[1], drawn[2])
    let (height, width) = (Double(images.shape[1]), Double(images.shape[2]))
    let sigma = strength * (min(height, width) * 0.05)
    // As wide as it can become: the window itself is cut off where this σ says.
    let widest = min(height, width) * 0.05 * scale.range(notBelow: 0).high
    let window = gaussianWindow(
      size: 2 * Int(3 * widest + 1) + 1, sigma: sigma, reach: floor(0.5 * floor(6 * sigma)))
    let smooth = windowed(noise * sigma, rows: window, columns: window)
    let moves = smooth * (strength * (max(height, width) * 0.1))
    let changed = displaced(
      images, dx: moves.entry(0, axis: 3), dy: moves.entry(1, axis: 3),
      interpolation: interpolation, fillMode: fillMode, fillValue: fillValue)
    return valueRange.clipped(select(isChanged.perImage, changed, images))
  }
}
