import TensorGraph

/// The largest element of each window, channel by channel. Padding never wins.
///
///     let half = MaxPooling2D(2)
///
/// - Input: `[batch, height, width, channels]`
/// - Output: `[batch, height′, width′, channels]`, where `height′` is `⌈height / strides⌉` for `.same` and
///   `⌊(height − poolSize) / strides⌋ + 1` for `.valid`
public final class MaxPooling2D: PoolingLayer {
  /// The size of the window, in pixels.
  public let poolSize: WindowSize<2>
  /// How far the window moves, in pixels; by its own size if nothing is said.
  public let strides: WindowSize<2>?
  /// What lies beyond the border.
  public let padding: Padding
  public let name: String?

  public static let example = MaxPooling2D()

  /// Creates a pooling with windows of `poolSize`.
  public init(
    _ poolSize: WindowSize<2> = 2, strides: WindowSize<2>? = nil, padding: Padding = .valid,
    name: String? = nil
  ) {
    self.poolSize = poolSize
    self.strides = strides
    self.padding = padding
    self.name = name
  }

  public var masking: MaskHandling { .refused(hint: imageMaskHint) }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    pooled(x, context) { maxPooling(x, sizes: $0, strides: $1, padding: $2) }
  }
}
