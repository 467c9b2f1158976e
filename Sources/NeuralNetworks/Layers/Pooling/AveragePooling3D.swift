import TensorGraph

/// The mean of each window, channel by channel. Padding does not count.
///
///     let half = AveragePooling3D(2)
///
/// - Input: `[batch, depth, height, width, channels]`
/// - Output: `[batch, depth′, height′, width′, channels]`, where `depth′` is `⌈depth / strides⌉` for `.same` and
///   `⌊(depth − poolSize) / strides⌋ + 1` for `.valid`
public final class AveragePooling3D: PoolingLayer {
  /// The size of the window, in voxels.
  public let poolSize: WindowSize<3>
  /// How far the window moves, in voxels; by its own size if nothing is said.
  public let strides: WindowSize<3>?
  /// What lies beyond the border.
  public let padding: Padding
  public let name: String?

  public static let example = AveragePooling3D()

  /// Creates a pooling with windows of `poolSize`.
  public init(
    _ poolSize: WindowSize<3> = 2, strides: WindowSize<3>? = nil, padding: Padding = .valid,
    name: String? = nil
  ) {
    self.poolSize = poolSize
    self.strides = strides
    self.padding = padding
    self.name = name
  }

  public var masking: MaskHandling { .refused(hint: imageMaskHint) }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    pooled(x, context) { averagePooling(x, sizes: $0, strides: $1, padding: $2) }
  }
}
