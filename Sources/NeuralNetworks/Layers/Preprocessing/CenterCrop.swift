import TensorGraph

/// The middle of images, in training and inference.
///
///     let middle = CenterCrop(224, 224)
///
/// Of images that are too small, the largest part with the new shape is made larger.
///
/// - Input: `[batch, height, width, channels]`, or one image
/// - Output: the same with the new height and width, as floats
public final class CenterCrop: ImageAugmentation {
  /// The new height.
  public let height: Int
  /// The new width.
  public let width: Int
  public let options: LayerOptions

  public static let example = CenterCrop(1, 1)
  public var isActiveInInference: Bool { true }

  /// Creates a layer that cuts images to `height` and `width`.
  public init(_ height: Int, _ width: Int, name: String? = nil, options: LayerOptions = []) {
    self.height = height
    self.width = width
    self.options = LayerOptions(name, options)
  }

  private var target: TargetSize { TargetSize(height: height, width: width) }
  public var mistake: String? { target.mistake }

  public func augmented(_ images: Symbol, _ context: LayerContext) -> Symbol {
    let (rows, columns) = (images.shape[1] - height, images.shape[2] - width)
    guard rows >= 0, columns >= 0 else {
      return resized(
        target.cropped(images), height: height, width: width, interpolation: .bilinear)
    }
    return images.sliced(axis: 1, rows / 2..<rows / 2 + height)
      .sliced(axis: 2, columns / 2..<columns / 2 + width)
  }
}
