import TensorGraph

/// Keeps only the upper bits of the values of each image in training, as a poster has few colors.
///
///     let poster = RandomPosterization([4, 4])
///
/// The values are brought between 0 and 255, become whole numbers, and lose their lower bits.
///
/// - Input, output: `[batch, height, width, channels]`, or one image
/// - Reference: [Cubuk et al., 2019](https://arxiv.org/abs/1805.09501)
public final class RandomPosterization: RandomAugmentation {
  /// The number of bits that are kept, from 1 to 8: `[2, 5]` is one of 2, 3 and 4 for each image,
  /// `[4, 4]` is 4, and `5` is `[1, 5]`.
  public let factor: Factor
  /// The range of the values of images.
  public let valueRange: ValueRange
  public let options: LayerOptions

  public static let example = RandomPosterization(4)

  /// Creates a layer that keeps as many bits as `factor` says.
  public init(
    _ factor: Factor, valueRange: ValueRange = .bytes, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.factor = factor
    self.valueRange = valueRange
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? {
    if let mistake = factor.mistake("factor", in: 1...8) ?? valueRange.mistake { return mistake }
    return factor.values.allSatisfy { $0 == $0.rounded() }
      ? nil : "factor must be a whole number of bits, not \(factor.values)"
  }

  /// How many bits of each image are lost, as `int32`.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    let (least, most) = factor.range(notBelow: 1)
    let kept = context.choices([shape[0]], of: Swift.max(Int(most) - Int(least), 1)) + least
    return [8 - kept]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    let powers = Tensor(TensorType(images.dtype, [9]), numbers: (0..<9).map { Double(1 << $0) })
    let step = images.trace.constant(powers).gathered(at: drawn[0].cast(to: .int32)).perImage
    let whole = floor(clip(valueRange.converted(images, to: .bytes), 0, 255))
    return ValueRange.bytes.converted(floor(whole / step) * step, to: valueRange)
  }
}
