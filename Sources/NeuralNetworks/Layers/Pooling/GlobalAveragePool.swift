import TensorGraph

/// A mean over sequences: a `GlobalAveragePool` with one spatial axis.
public typealias GlobalAveragePooling1D = GlobalAveragePool<1>
/// A mean over images: a `GlobalAveragePool` with two spatial axes.
public typealias GlobalAveragePooling2D = GlobalAveragePool<2>
/// A mean over volumes: a `GlobalAveragePool` with three spatial axes.
public typealias GlobalAveragePooling3D = GlobalAveragePool<3>

/// The mean over all of a sequence, an image or a volume, channel by channel.
///
/// Masked steps do not count; a sequence of masked steps only has the mean 0 / 0.
///
/// - Input: `[batch, spatial…, channels]`
/// - Output: `[batch, channels]`, or with 1 for each axis that was pooled
public final class GlobalAveragePool<let rank: Int>: NamedLayer, DataFormatLayer {
  /// Whether the axes that were pooled stay, with size 1.
  public let keepdims: Bool
  public let options: LayerOptions

  public static var example: GlobalAveragePool { GlobalAveragePool() }
  public static var className: String { "GlobalAveragePooling\(rank)D" }
  public var spatialAxisCount: Int? { rank }
  public var masking: MaskHandling {
    rank == 1 ? .consumed : .refused(hint: imageMaskHint)
  }

  /// Creates a pooling over all spatial axes.
  public init(keepdims: Bool = false, name: String? = nil, options: LayerOptions = []) {
    self.keepdims = keepdims
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard x.shape.rank == rank + 2 else {
      return context.fail("\(className) expects \(spatialLayout(rank))", x)
    }
    let axes = Array(1...rank)
    guard rank == 1, let mask = x.mask else { return x.mean(axes: axes, keepDims: keepdims) }
    let counts = mask.expandingDims(at: -1)
    return select(counts, x, 0).sum(axes: axes, keepDims: keepdims)
      / counts.cast(to: x.dtype).sum(axes: axes, keepDims: keepdims)
  }
}
