import TensorGraph

/// A maximum over sequences: a `GlobalMaxPool` with one spatial axis.
public typealias GlobalMaxPooling1D = GlobalMaxPool<1>
/// A maximum over images: a `GlobalMaxPool` with two spatial axes.
public typealias GlobalMaxPooling2D = GlobalMaxPool<2>
/// A maximum over volumes: a `GlobalMaxPool` with three spatial axes.
public typealias GlobalMaxPooling3D = GlobalMaxPool<3>

/// The largest element over all of a sequence, an image or a volume, channel by channel.
///
/// Masked steps never win; in a sequence of masked steps only, −∞ does.
///
/// - Input: `[batch, spatial…, channels]`
/// - Output: `[batch, channels]`, or with 1 for each axis that was pooled
public final class GlobalMaxPool<let rank: Int>: NamedLayer, DataFormatLayer {
  /// Whether the axes that were pooled stay, with size 1.
  public let keepdims: Bool
  public let options: LayerOptions

  public static var example: GlobalMaxPool { GlobalMaxPool() }
  public static var className: String { "GlobalMaxPooling\(rank)D" }
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
    guard rank == 1, let mask = x.mask else { return x.max(axes: axes, keepDims: keepdims) }
    return select(mask.expandingDims(at: -1), x.floatingPoint, -.infinity)
      .max(axes: axes, keepDims: keepdims)
  }
}
