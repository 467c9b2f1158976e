import TensorGraph

/// Images without their borders.
///
///     let inner = Cropping2D([[1, 0], [2, 1]])
///
/// - Input: `[batch, height, width, channels]`
/// - Output: `[batch, height − top − bottom, width − left − right, channels]`
public final class Cropping2D: NamedLayer, DataFormatLayer {
  /// How many pixels are cut off above and below, and to the left and right of, the image.
  public let cropping: BorderSize<2>
  public let options: LayerOptions

  public static let example = Cropping2D()
  public var spatialAxisCount: Int? { 2 }
  public var masking: MaskHandling { windowMasking(2) }

  /// Creates a layer that cuts off borders of `cropping`.
  public init(
    _ cropping: BorderSize<2> = 0, name: String? = nil, options: LayerOptions = []
  ) {
    self.cropping = cropping
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    cropping.cropped(x, by: self, context)
  }
}
