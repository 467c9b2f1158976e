import TensorGraph

/// Zeros around sequences.
///
///     let framed = ZeroPadding1D([2, 1])
///
/// The zeros are masked if anything is.
///
/// - Input: `[batch, time, channels]`
/// - Output: `[batch, time + before + after, channels]`
public final class ZeroPadding1D: NamedLayer, DataFormatLayer {
  /// How many zeros stand before and after the sequence.
  public let padding: BorderSize<1>
  public let options: LayerOptions

  public static let example = ZeroPadding1D()
  public var spatialAxisCount: Int? { 1 }
  public var masking: MaskHandling { windowMasking(1) }

  /// Creates a frame of `padding`.
  public init(
    _ padding: BorderSize<1> = 1, name: String? = nil, options: LayerOptions = []
  ) {
    self.padding = padding
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    padding.padded(x, by: self, context)
  }
}
