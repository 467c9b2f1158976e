import TensorGraph

/// The largest element over the whole time, channel by channel.
///
/// - Input: `[batch, time, channels]`
/// - Output: `[batch, channels]`, or with 1 for each axis that was pooled
public final class GlobalMaxPooling1D: NamedLayer {
  /// Whether the axes that were pooled stay, with size 1.
  public let keepdims: Bool
  public let name: String?

  public static let example = GlobalMaxPooling1D()

  /// Creates a pooling over the whole time.
  public init(keepdims: Bool = false, name: String? = nil) {
    self.keepdims = keepdims
    self.name = name
  }

  public var masking: MaskHandling {
    .refused(hint: "use GlobalAveragePooling1D, which leaves masked steps out")
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard x.shape.rank == 3 else {
      return context.fail("GlobalMaxPooling1D expects [batch, time, channels]", x)
    }
    return x.max(axes: [1], keepDims: keepdims)
  }
}
