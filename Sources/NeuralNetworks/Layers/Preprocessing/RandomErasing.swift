import TensorGraph

/// A random rectangle of images replaced by noise or a color, in training.
///
///     let erased = RandomErasing(0.5, scale: [0.02, 0.2])
///
/// - Input, output: `[batch, height, width, channels]`, or one image
/// - Reference: [Zhong et al., 2017](https://arxiv.org/abs/1708.04896)
public final class RandomErasing: RandomAugmentation {
  /// The probability that an image is changed is drawn between these, from 0 to 1; one number
  /// stands for the range from 0.
  public let factor: Factor
  /// The squares of the share of width and of height that the rectangle has, each drawn between
  /// these; one number stands for the range from 0.
  public let scale: Factor
  /// The value in the rectangle, or one for each channel; without one, normally distributed noise
  /// as wide as the largest value.
  public let fillValue: OneOrMany<Double>?
  /// The least and the largest value that is filled in.
  public let valueRange: ValueRange
  public let options: LayerOptions

  public static let example = RandomErasing()

  /// Creates a layer that erases a rectangle of images.
  public init(
    _ factor: Factor = 1, scale: Factor = [0.02, 0.33], fillValue: OneOrMany<Double>? = nil,
    valueRange: ValueRange = .bytes, name: String? = nil, options: LayerOptions = []
  ) {
    self.factor = factor
    self.scale = scale
    self.fillValue = fillValue
    self.valueRange = valueRange
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? {
    if let fillValue, fillValue.values.isEmpty || !fillValue.values.allSatisfy(\.isFinite) {
      return "fill_value must be a number, or one for each channel, not \(fillValue.values)"
    }
    return factor.mistake("factor", in: 0...1) ?? scale.mistake("scale", in: 0...1)
      ?? valueRange.mistake
  }

  public var drawnCount: Int { fillValue == nil ? 4 : 3 }

  /// Which images are changed, `bool[batch]`; from where to where rectangles reach along width and
  /// height, each start and length in pixels, `[batch, 2]`; and the noise, if it is needed.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    let shares = sqrt(context.uniform(scale.range(notBelow: 0), [shape[0], 2]))
    let sizes = Tensor([2], [Float(shape[2]), Float(shape[1])])
    let whole = shares.trace.constant(sizes)
    let lengths = shares * whole
    let starts = context.uniform((0, 1), [shape[0], 2]) * (whole - lengths)
    let isErased = context.chance(factor.range(notBelow: 0), batch: shape[0])
    guard fillValue == nil else { return [isErased, starts, lengths] }
    let (key, stream) = context.random
    return [isErased, starts, lengths, randomNormal(key, stream: stream, shape)]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    if let count = fillValue?.values.count, count != 1, count != images.shape[3] {
      return images.trace.fail(
        "RandomErasing has \(count) fill values for the channels", operands: [images.type])
    }
    func isInside(_ axis: Int, _ place: Int) -> Symbol {
      var grid: Shape = [1, 1, 1, 1]
      grid[axis] = images.shape[axis]
      let pixels = images.trace.iota(grid, axis: axis, dtype: .float32)
      let start = drawn[1].entry(place, axis: 1), end = start + drawn[2].entry(place, axis: 1)
      return (pixels .>= start.perImage) .& (pixels .< end.perImage)
    }
    let box = isInside(2, 0) .& isInside(1, 1)
    return select(box .& drawn[0].perImage, fill(images, noise: drawn.last), images)
  }

  /// What a rectangle is filled with, of the shape of the images.
  private func fill(_ images: Symbol, noise: Symbol?) -> Symbol {
    var fill = (noise ?? images) * valueRange.high
    if let fillValue {
      fill = images.trace.constant(
        Tensor(TensorType(.float32, [fillValue.values.count]), numbers: fillValue.values))
    }
    return valueRange.clipped(fill).cast(to: images.dtype).broadcast(to: images.shape)
  }
}
