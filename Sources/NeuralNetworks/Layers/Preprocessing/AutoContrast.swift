import TensorGraph

/// Stretches the values of each channel of each image over the whole range, in training and in
/// inference.
///
///     y = (x − min) / (max − min) · (high − low) + low
///
/// A channel of one value stays as it is.
///
/// - Input, output: `[batch, height, width, channels]`, or one image
public final class AutoContrast: RandomAugmentation {
  /// The range of the values of images.
  public let valueRange: ValueRange
  public let options: LayerOptions

  public static let example = AutoContrast()
  public var drawnCount: Int { 0 }
  public var isActiveInInference: Bool { true }

  /// Creates a layer that stretches values over `valueRange`.
  public init(valueRange: ValueRange = .bytes, name: String? = nil, options: LayerOptions = []) {
    self.valueRange = valueRange
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? { valueRange.mistake }

  /// Nothing is drawn.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] { [] }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    let x = valueRange.converted(images, to: .bytes)
    let low = x.min(axes: [1, 2], keepDims: true), high = x.max(axes: [1, 2], keepDims: true)
    let isFlat = high .== low
    let scale = 255 / select(isFlat, high.constant(1), high - low)
    let stretched = clip(x * scale - low * scale, 0, 255)
    return select(isFlat, images, ValueRange.bytes.converted(stretched, to: valueRange))
  }
}
