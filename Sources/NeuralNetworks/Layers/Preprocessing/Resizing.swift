import TensorGraph

/// Images of another height and width, in training and inference.
///
///     let square = Resizing(224, 224, cropToAspectRatio: true)
///
/// Integers stay what they are: they are rounded, and held within their type.
///
/// - Input: `[batch, height, width, channels]`, or one image
/// - Output: the same with the new height and width
public final class Resizing: NamedLayer, DataFormatLayer {
  /// The new height.
  public let height: Int
  /// The new width.
  public let width: Int
  /// How pixels between those of the input are found.
  public let interpolation: Interpolation
  /// Whether what does not fit the new shape is cut off evenly on both sides, so that nothing is
  /// distorted.
  public let cropToAspectRatio: Bool
  /// Whether images are padded to the new shape evenly on both sides, so that nothing is distorted.
  public let padToAspectRatio: Bool
  /// What the padding is: `constant` only.
  public let fillMode: FillMode
  /// The value of the padding.
  public let fillValue: Double
  /// Whether smaller images are made of averages, not of single pixels.
  public let antialias: Bool
  public let options: LayerOptions

  public static let example = Resizing(1, 1)
  public var spatialAxisCount: Int? { 2 }
  public var masking: MaskHandling { .refused(hint: imageMaskHint) }

  /// Creates a layer that gives images `height` and `width`.
  public init(
    _ height: Int, _ width: Int, interpolation: Interpolation = .bilinear,
    cropToAspectRatio: Bool = false, padToAspectRatio: Bool = false,
    fillMode: FillMode = .constant, fillValue: Double = 0, antialias: Bool = false,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.height = height
    self.width = width
    self.interpolation = interpolation
    self.cropToAspectRatio = cropToAspectRatio
    self.padToAspectRatio = padToAspectRatio
    self.fillMode = fillMode
    self.fillValue = fillValue
    self.antialias = antialias
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    let target = TargetSize(height: height, width: width)
    if let mistake = target.mistake { return context.fail("Resizing: \(mistake)") }
    guard !(cropToAspectRatio && padToAspectRatio) else {
      return context.fail("Resizing either crops or pads to the aspect ratio, not both")
    }
    guard fillMode == .constant, fillValue.isFinite else {
      return context.fail("Resizing pads with a constant", hint: "use .constant and a number")
    }
    return context.onImages(x, of: self) { images in
      var y = images.floatingPoint
      if cropToAspectRatio { y = target.cropped(y) }
      if padToAspectRatio { y = target.padded(y, with: fillValue) }
      y = resized(
        y, height: height, width: width, interpolation: interpolation, antialias: antialias)
      guard y.isValid, !images.dtype.isFloatingPoint else { return y }
      return round(y).cast(to: images.dtype)
    }
  }
}
