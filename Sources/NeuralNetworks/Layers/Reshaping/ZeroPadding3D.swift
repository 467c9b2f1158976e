import TensorGraph

/// Zeros around volumes.
///
///     let framed = ZeroPadding3D([[1, 0], [2, 1], [0, 0]])
///
/// - Input: `[batch, depth, height, width, channels]`
/// - Output: `[batch, depth + front + back, height + top + bottom, width + left + right, channels]`
public final class ZeroPadding3D: NamedLayer, DataFormatLayer {
  /// How many zeros stand at both ends of depth, height and width.
  public let padding: BorderSize<3>
  public let options: LayerOptions

  public static let example = ZeroPadding3D()
  public var spatialAxisCount: Int? { 3 }
  public var masking: MaskHandling { windowMasking(3) }

  /// Creates a frame of `padding`.
  public init(
    _ padding: BorderSize<3> = 1, name: String? = nil, options: LayerOptions = []
  ) {
    self.padding = padding
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    padding.padded(x, by: self, context)
  }
}
