import TensorGraph

/// The largest element over the whole image, channel by channel.
///
/// - Input: `[batch, height, width, channels]`
/// - Output: `[batch, channels]`, or with 1 for each axis that was pooled
public final class GlobalMaxPooling2D: NamedLayer {
  /// Whether the axes that were pooled stay, with size 1.
  public let keepdims: Bool
  public let name: String?

  public static let example = GlobalMaxPooling2D()

  /// Creates a pooling over the whole image.
  public init(keepdims: Bool = false, name: String? = nil) {
    self.keepdims = keepdims
    self.name = name
  }

  public var masking: MaskHandling { .refused(hint: imageMaskHint) }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard x.shape.rank == 4 else {
      return context.fail("GlobalMaxPooling2D expects [batch, height, width, channels]", x)
    }
    return x.max(axes: [1, 2], keepDims: keepdims)
  }
}
