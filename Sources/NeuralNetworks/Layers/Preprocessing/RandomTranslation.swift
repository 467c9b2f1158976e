import TensorGraph

/// Images moved by random shares of their size, in training.
///
///     let moved = RandomTranslation(0.1, 0.2)
///
/// - Input, output: `[batch, height, width, channels]`, or one image
public final class RandomTranslation: AffineAugmentation {
  /// How far down, as a share of the height, or up if negative: between −1 and 1.
  public let heightFactor: Factor
  /// How far to the right, as a share of the width, or to the left if negative: between −1 and 1.
  public let widthFactor: Factor
  public let fillMode: FillMode
  public let interpolation: SamplingInterpolation
  public let fillValue: Double
  public let options: LayerOptions

  public static let example = RandomTranslation(0.1, 0.1)
  public var drawnCount: Int { 2 }

  /// Creates a translation by shares between those given.
  public init(
    _ heightFactor: Factor, _ widthFactor: Factor, fillMode: FillMode = .reflect,
    interpolation: SamplingInterpolation = .bilinear, fillValue: Double = 0, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.heightFactor = heightFactor
    self.widthFactor = widthFactor
    self.fillMode = fillMode
    self.interpolation = interpolation
    self.fillValue = fillValue
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? {
    heightFactor.mistake("height_factor", in: -1...1)
      ?? widthFactor.mistake("width_factor", in: -1...1) ?? fillMistake
  }

  /// How far each image is moved to the right and down, in pixels.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    let dy = context.uniform(heightFactor.range(), [shape[0]]) * Double(shape[1])
    let dx = context.uniform(widthFactor.range(), [shape[0]]) * Double(shape[2])
    return [dx, dy]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    let (dx, dy) = (drawn[0], drawn[1]), zero = dx * 0
    return mapped(images, [zero + 1, zero, -dx, zero, zero + 1, -dy])
  }
}
