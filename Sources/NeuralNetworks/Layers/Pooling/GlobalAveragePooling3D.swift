import TensorGraph

/// The mean over the whole volume, channel by channel.
///
/// - Input: `[batch, depth, height, width, channels]`
/// - Output: `[batch, channels]`, or with 1 for each axis that was pooled
public final class GlobalAveragePooling3D: NamedLayer {
  /// Whether the axes that were pooled stay, with size 1.
  public let keepdims: Bool
  public let name: String?

  public static let example = GlobalAveragePooling3D()

  /// Creates a pooling over the whole volume.
  public init(keepdims: Bool = false, name: String? = nil) {
    self.keepdims = keepdims
    self.name = name
  }

  public var masking: MaskHandling { .refused(hint: imageMaskHint) }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard x.shape.rank == 5 else {
      return context.fail(
        "GlobalAveragePooling3D expects [batch, depth, height, width, channels]", x)
    }
    return x.mean(axes: [1, 2, 3], keepDims: keepdims)
  }
}
