import TensorGraph

/// Images zoomed out of or into around their center by random factors, in training.
///
///     let zoomed = RandomZoom([-0.3, 0.3])
///
/// - Input, output: `[batch, height, width, channels]`, or one image
public final class RandomZoom: AffineAugmentation {
  /// How much more of the height is seen: 0.2 shows 20 % more, −0.2 20 % less; more than −1, and
  /// at most 1.
  public let heightFactor: Factor
  /// How much more of the width is seen; without one as much as of the height.
  public let widthFactor: Factor?
  public let fillMode: FillMode
  public let interpolation: SamplingInterpolation
  public let fillValue: Double
  public let options: LayerOptions

  public static let example = RandomZoom(0.1)

  /// Creates a zoom by factors between those given.
  public init(
    _ heightFactor: Factor, _ widthFactor: Factor? = nil, fillMode: FillMode = .reflect,
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
    for (name, factor) in [("height_factor", heightFactor), ("width_factor", widthFactor)] {
      guard let factor else { continue }
      if let mistake = factor.mistake(name, in: -1...1) { return mistake }
      if factor.values.contains(-1) { return "\(name) must be more than -1: nothing would be seen" }
    }
    return fillMistake
  }

  public var drawnCount: Int { 2 }

  /// How many times as much of the height and of the width of each image is seen.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    func zooms(_ factor: Factor) -> Symbol {
      let range = factor.range()
      return context.uniform((1 + range.low, 1 + range.high), [shape[0]])
    }
    let height = zooms(heightFactor)
    return [height, widthFactor.map(zooms) ?? height]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    let (x, y) = (Double(images.shape[2] - 1) / 2, Double(images.shape[1] - 1) / 2)
    let (height, width) = (drawn[0], drawn[1]), zero = height * 0
    return mapped(images, [width, zero, x * (1 - width), zero, height, y * (1 - height)])
  }
}
