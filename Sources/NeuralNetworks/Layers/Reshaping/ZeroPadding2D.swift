import TensorGraph

/// Zeros around images.
///
///     let framed = ZeroPadding2D([[1, 0], [2, 1]])
///
/// - Input: `[batch, height, width, channels]`
/// - Output: `[batch, height + top + bottom, width + left + right, channels]`
public final class ZeroPadding2D: NamedLayer, DataFormatLayer {
  /// How many zeros stand above and below, and to the left and right of, the image.
  public let padding: BorderSize<2>
  public let options: LayerOptions

  public static let example = ZeroPadding2D()
  public var spatialAxisCount: Int? { 2 }
  public var masking: MaskHandling { windowMasking(2) }

  /// Creates a frame of `padding`.
  public init(
    _ padding: BorderSize<2> = 1, name: String? = nil, options: LayerOptions = []
  ) {
    self.padding = padding
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    padding.padded(x, by: self, context)
  }
}
