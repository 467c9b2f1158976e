import TensorGraph

/// Images made larger, by repeating each pixel or by finding pixels between those there are.
///
///     let twice = UpSampling2D(2, interpolation: .bilinear)
///
/// - Input: `[batch, height, width, channels]`
/// - Output: `[batch, height · size, width · size, channels]`
public final class UpSampling2D: NamedLayer, DataFormatLayer {
  /// How many times as high and as wide the images become.
  public let size: WindowSize<2>
  /// How pixels between those of the input are found.
  public let interpolation: Interpolation
  public let options: LayerOptions

  public static let example = UpSampling2D()
  public var spatialAxisCount: Int? { 2 }
  public var masking: MaskHandling { windowMasking(2) }

  /// Creates a layer that makes images `size` times as large.
  public init(
    _ size: WindowSize<2> = 2, interpolation: Interpolation = .nearest, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.size = size
    self.interpolation = interpolation
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    if let mistake = context.mistake(of: self, on: x, ["size": size]) { return mistake }
    let (rows, columns) = (size.sizes[0], size.sizes[1])
    if interpolation == .nearest { return x.repeated(rows, axis: 1).repeated(columns, axis: 2) }
    let (height, width) = (x.shape[1], x.shape[2])
    guard isSize(height), isSize(width) else {
      return context.fail("UpSampling2D expects images with pixels", x)
    }
    return resized(
      x, height: height * rows, width: width * columns, interpolation: interpolation)
  }
}
