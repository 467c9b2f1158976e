import TensorGraph

/// Volumes without their borders.
///
///     let inner = Cropping3D([[1, 0], [2, 1], [0, 0]])
///
/// - Input: `[batch, depth, height, width, channels]`
/// - Output: `[batch, depth − front − back, height − top − bottom, width − left − right, channels]`
public final class Cropping3D: NamedLayer, DataFormatLayer {
  /// How many voxels are cut off at both ends of depth, height and width.
  public let cropping: BorderSize<3>
  public let options: LayerOptions

  public static let example = Cropping3D()
  public var spatialAxisCount: Int? { 3 }
  public var masking: MaskHandling { windowMasking(3) }

  /// Creates a layer that cuts off borders of `cropping`.
  public init(
    _ cropping: BorderSize<3> = 1, name: String? = nil, options: LayerOptions = []
  ) {
    self.cropping = cropping
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    cropping.cropped(x, by: self, context)
  }
}
