import TensorGraph

/// Images turned around their center by random angles, in training.
///
///     let turned = RandomRotation(0.1)                 // up to 36 degrees either way
///
/// - Input, output: `[batch, height, width, channels]`, or one image
public final class RandomRotation: AffineAugmentation {
  /// The angles, in full turns, positive ones counterclockwise: between −1 and 1.
  public let factor: Factor
  public let fillMode: FillMode
  public let interpolation: SamplingInterpolation
  public let fillValue: Double
  public let options: LayerOptions

  public static let example = RandomRotation(0.1)

  /// Creates a rotation by angles between those of `factor`, in full turns.
  public init(
    _ factor: Factor, fillMode: FillMode = .reflect,
    interpolation: SamplingInterpolation = .bilinear, fillValue: Double = 0, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.factor = factor
    self.fillMode = fillMode
    self.interpolation = interpolation
    self.fillValue = fillValue
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? { factor.mistake("factor", in: -1...1) ?? fillMistake }

  /// The angle of each image, in radians.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    [2 * Double.pi * context.uniform(factor.range(notBelow: -1), [shape[0]])]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    let (x, y) = (Double(images.shape[2] - 1) / 2, Double(images.shape[1] - 1) / 2)
    let (c, s) = (cos(drawn[0]), sin(drawn[0]))
    return mapped(images, [c, -s, x - x * c + y * s, s, c, y - x * s - y * c])
  }
}
