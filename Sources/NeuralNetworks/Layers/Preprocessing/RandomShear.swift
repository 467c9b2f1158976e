import TensorGraph

/// Images slanted by random shares, in training.
///
///     let slanted = RandomShear(0.2, 0.1)
///
/// - Input, output: `[batch, height, width, channels]`, or one image
public final class RandomShear: AffineAugmentation {
  /// How far a row is moved for each row above it: between 0 and 1. One number stands for the
  /// range from its negative.
  public let xFactor: Factor
  /// How far a column is moved for each column to its left, likewise.
  public let yFactor: Factor
  public let interpolation: SamplingInterpolation
  public let fillMode: FillMode
  public let fillValue: Double
  public let options: LayerOptions

  public static let example = RandomShear()
  public var drawnCount: Int { 2 }

  /// Creates a shear by shares between those given.
  public init(
    _ xFactor: Factor = 0, _ yFactor: Factor = 0,
    interpolation: SamplingInterpolation = .bilinear, fillMode: FillMode = .reflect,
    fillValue: Double = 0, name: String? = nil, options: LayerOptions = []
  ) {
    self.xFactor = xFactor
    self.yFactor = yFactor
    self.interpolation = interpolation
    self.fillMode = fillMode
    self.fillValue = fillValue
    self.options = LayerOptions(name, options)
  }

  /// Keras writes the range that one number stands for, so `[-0.2, 0.2]` is allowed as well.
  public var mistake: String? {
    for (name, factor) in [("x_factor", xFactor), ("y_factor", yFactor)] {
      let isOneNumber = factor.values.count == 2 && factor.values[0] == -factor.values[1]
      let given = isOneNumber ? Factor(Swift.max(factor.values[0], factor.values[1])) : factor
      if let mistake = given.mistake(name, in: 0...1) { return mistake }
    }
    return fillMistake
  }

  /// How far each image is slanted along the width and along the height.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    let y = context.uniform(yFactor.range(), [shape[0]])
    let x = context.uniform(xFactor.range(), [shape[0]])
    let sign = select(context.uniform((0, 1), [shape[0]]) .> 0.5, x.constant(-1), 1)
    return [x * sign, y * sign]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    let (x, y) = (drawn[0], drawn[1]), zero = x * 0
    return mapped(images, [zero + 1, x, zero, y, zero + 1, zero])
  }
}
