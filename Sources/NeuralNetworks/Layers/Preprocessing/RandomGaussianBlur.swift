import TensorGraph

/// Images blurred by Gauss functions of random widths, in training.
///
///     let blurred = RandomGaussianBlur(1, kernelSize: 5, sigma: [0.5, 1])
///
/// Images are held within the range of values afterwards.
///
/// - Input, output: `[batch, height, width, channels]`, or one image
public final class RandomGaussianBlur: RandomAugmentation {
  /// The probability that an image is changed is drawn between these, from 0 to 1; one number
  /// stands for the range from 0.
  public let factor: Factor
  /// The size of the window along width and height, odd numbers.
  public let kernelSize: WindowSize<2>
  /// The widths in pixels, from 0 to 1, drawn once for a batch along width and height; one number
  /// stands for the range from 0.
  public let sigma: Factor
  /// The least and the largest value of images.
  public let valueRange: ValueRange
  public let options: LayerOptions

  public static let example = RandomGaussianBlur()

  /// Creates a layer that blurs images by windows of `kernelSize`.
  public init(
    _ factor: Factor = 1, kernelSize: WindowSize<2> = 3, sigma: Factor = 1,
    valueRange: ValueRange = .bytes, name: String? = nil, options: LayerOptions = []
  ) {
    self.factor = factor
    self.kernelSize = kernelSize
    self.sigma = sigma
    self.valueRange = valueRange
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? {
    if let mistake = factor.mistake("factor", in: 0...1) ?? sigma.mistake("sigma", in: 0...1)
      ?? kernelSize.mistake("kernel_size")
    {
      return mistake
    }
    guard kernelSize.sizes.allSatisfy({ $0 % 2 == 1 }) else {
      return "kernel_size must be odd, not \(kernelSize.sizes)"
    }
    return valueRange.mistake
  }

  public var drawnCount: Int { 2 }

  /// Which images are changed, `bool[batch]`, and the widths along width and height, `[2]`.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    let isBlurred = context.chance(factor.range(notBelow: 0), batch: shape[0])
    return [isBlurred, context.uniform(sigma.range(notBelow: 0), [2]) + 1e-6]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    let columns = gaussianWindow(size: kernelSize.sizes[0], sigma: drawn[1].entry(0, axis: 0))
    let rows = gaussianWindow(size: kernelSize.sizes[1], sigma: drawn[1].entry(1, axis: 0))
    let blurred = windowed(images, rows: rows, columns: columns)
    return valueRange.clipped(select(drawn[0].perImage, blurred, images))
  }
}
