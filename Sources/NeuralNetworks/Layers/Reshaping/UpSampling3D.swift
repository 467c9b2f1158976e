import TensorGraph

/// Volumes made larger by repeating each voxel.
///
///     let twice = UpSampling3D(2)
///
/// - Input: `[batch, depth, height, width, channels]`
/// - Output: `[batch, depth · size, height · size, width · size, channels]`
public final class UpSampling3D: NamedLayer, DataFormatLayer {
  /// How often a voxel is repeated along depth, height and width.
  public let size: WindowSize<3>
  public let options: LayerOptions

  public static let example = UpSampling3D()
  public var spatialAxisCount: Int? { 3 }
  public var masking: MaskHandling { windowMasking(3) }

  /// Creates a layer that makes volumes `size` times as large.
  public init(_ size: WindowSize<3> = 2, name: String? = nil, options: LayerOptions = []) {
    self.size = size
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    if let mistake = context.mistake(of: self, on: x, ["size": size]) { return mistake }
    return zip(1...3, size.sizes).reduce(x) { $0.repeated($1.1, axis: $1.0) }
  }
}
