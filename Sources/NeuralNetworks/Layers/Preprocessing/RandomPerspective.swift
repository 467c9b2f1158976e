import TensorGraph

/// Images seen at random angles, in training: each corner but the first is moved.
///
///     let slanted = RandomPerspective(0.5, scale: 0.3)
///
/// A corner is moved along both axes by up to half of `scale`, as a share of how far it is from
/// the corner above left.
///
/// - Input, output: `[batch, height, width, channels]`, or one image
public final class RandomPerspective: RandomAugmentation {
  /// The probability that an image is changed is drawn between these, from 0 to 1; one number
  /// stands for the range from 0.
  public let factor: Factor
  /// How far corners are moved, from 0 to 1.
  public let scale: Double
  /// How a value between pixels is found.
  public let interpolation: SamplingInterpolation
  /// What stands beyond the border.
  public let fillValue: Double
  public let options: LayerOptions

  public static let example = RandomPerspective()

  /// Creates a layer that moves the corners of images by up to `scale` / 2.
  public init(
    _ factor: Factor = 1, scale: Double = 1, interpolation: SamplingInterpolation = .bilinear,
    fillValue: Double = 0, name: String? = nil, options: LayerOptions = []
  ) {
    self.factor = factor
    self.scale = scale
    self.interpolation = interpolation
    self.fillValue = fillValue
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? {
    if let mistake = factor.mistake("factor", in: 0...1) { return mistake }
    guard (0...1).contains(scale) else { return "scale must be between 0 and 1, not \(scale)" }
    return fillValue.isFinite ? nil : "fill_value must be a number, not \(fillValue)"
  }

  public var drawnCount: Int { 2 }

  /// Which images are changed, `bool[batch]`, and where their corners are moved, `[batch, 4, 2]`.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    let isChanged = context.chance(factor.range(notBelow: 0), batch: shape[0])
    let moves = context.uniform((-0.5 * scale, 0.5 * scale), [shape[0], 4, 2])
    let start = corners(of: shape, moves)
    return [isChanged, start + start * moves]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    guard images.shape[1] > 1, images.shape[2] > 1 else {
      return images.trace.fail(
        "RandomPerspective needs images of at least 2 by 2 pixels", operands: [images.type])
    }
    let changed = perspectiveTransform(
      images, from: corners(of: images.shape, images), to: drawn[1], interpolation: interpolation,
      fillValue: fillValue)
    return select(drawn[0].perImage, changed, images)
  }

  /// The corners of images of `shape`, each x and y, `[batch, 4, 2]`, in the trace of `symbol`.
  private func corners(of shape: Shape, _ symbol: Symbol) -> Symbol {
    let (right, bottom) = (Double(shape[2] - 1), Double(shape[1] - 1))
    let corners = Tensor(
      TensorType(.float32, [1, 4, 2]), numbers: [0, 0, right, 0, 0, bottom, right, bottom])
    return symbol.trace.constant(corners).broadcast(to: [shape[0], 4, 2])
  }
}
