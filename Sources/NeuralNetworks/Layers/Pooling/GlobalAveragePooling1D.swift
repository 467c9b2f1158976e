import TensorGraph

/// The mean over the whole time, channel by channel.
///
/// Masked steps do not count; a sequence of masked steps only has the mean 0 / 0.
///
/// - Input: `[batch, time, channels]`
/// - Output: `[batch, channels]`, or with 1 for each axis that was pooled
public final class GlobalAveragePooling1D: NamedLayer {
  /// Whether the axes that were pooled stay, with size 1.
  public let keepdims: Bool
  public let name: String?

  public static let example = GlobalAveragePooling1D()

  /// Creates a pooling over the whole time.
  public init(keepdims: Bool = false, name: String? = nil) {
    self.keepdims = keepdims
    self.name = name
  }

  public var masking: MaskHandling { .consumed }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard x.shape.rank == 3 else {
      return context.fail("GlobalAveragePooling1D expects [batch, time, channels]", x)
    }
    guard let mask = x.mask else { return x.mean(axes: [1], keepDims: keepdims) }
    let counts = mask.expandingDims(at: -1)
    return select(counts, x, 0).sum(axes: [1], keepDims: keepdims)
      / counts.cast(to: x.dtype).sum(axes: [1], keepDims: keepdims)
  }
}
