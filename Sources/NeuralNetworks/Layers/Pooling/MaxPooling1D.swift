import TensorGraph

/// The largest element of each window, channel by channel. Padding never wins.
///
///     let half = MaxPooling1D(2)
///
/// A step of the output counts if one of the steps that it sees does.
///
/// - Input: `[batch, time, channels]`
/// - Output: `[batch, time′, channels]`, where `time′` is `⌈time / strides⌉` for `.same` and
///   `⌊(time − poolSize) / strides⌋ + 1` for `.valid`
public final class MaxPooling1D: PoolingLayer {
  /// The size of the window, in steps.
  public let poolSize: WindowSize<1>
  /// How far the window moves, in steps; by its own size if nothing is said.
  public let strides: WindowSize<1>?
  /// What lies beyond the border.
  public let padding: Padding
  public let name: String?

  public static let example = MaxPooling1D()

  /// Creates a pooling with windows of `poolSize`.
  public init(
    _ poolSize: WindowSize<1> = 2, strides: WindowSize<1>? = nil, padding: Padding = .valid,
    name: String? = nil
  ) {
    self.poolSize = poolSize
    self.strides = strides
    self.padding = padding
    self.name = name
  }

  public var masking: MaskHandling { .explicit }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    pooled(x, context) { maxPooling(x, sizes: $0, strides: $1, padding: $2) }
  }
}
