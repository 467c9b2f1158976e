import TensorGraph

/// A change of images that is a function of them and of numbers drawn before.
///
/// The function itself knows no layer and no chance: what is drawn can be given, compared and
/// handed to another layer, such as `RandAugment`, that chooses among several.
public protocol RandomAugmentation: ImageAugmentation, RandomLayer {
  /// How many numbers are drawn for each image; 1 if nothing is said.
  var drawnCount: Int { get }
  /// The numbers drawn for images of `shape`, `[batch, height, width, channels]`: each has the
  /// batch as its first axis.
  func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol]
  /// `images` changed as the numbers `drawn` for them say.
  func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol
}

extension RandomAugmentation {
  public var drawnCount: Int { 1 }
  public func augmented(_ images: Symbol, _ context: LayerContext) -> Symbol {
    guard images.isValid else { return images }
    return transformed(images, by: drawn(for: images.shape, context))
  }

  /// `images` in red, green and blue as `body` changes them; other images are a mistake.
  func onColors(_ images: Symbol, grayscale: Bool = false, _ body: (Symbol) -> Symbol) -> Symbol {
    guard images.isValid else { return images }
    let channels = images.shape[-1]
    guard channels == 3 || grayscale && channels == 1 else {
      return images.trace.fail(
        "\(className) needs images with 3 channels\(grayscale ? " or 1" : ""), not \(channels)",
        operands: [images.type], hint: "it works on red, green and blue")
    }
    return body(images)
  }
}

extension Symbol {
  /// One number for each image, as the element type of `images`, ready to broadcast to them.
  func perImage(of images: Symbol) -> Symbol { cast(to: images.dtype).perImage }
}

extension ValueRange {
  /// How far values can be apart.
  var length: Double { high - low }
}
