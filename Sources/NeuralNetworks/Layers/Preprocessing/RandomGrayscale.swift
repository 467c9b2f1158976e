import TensorGraph

/// Makes some of the images gray in training; their channels stay, all the same.
///
///     gray = 0.2989 red + 0.5870 green + 0.1140 blue
///
/// - Input, output: `[batch, height, width, channels]`, or one image, with 3 channels or 1
public final class RandomGrayscale: RandomAugmentation {
  /// The probability of an image to become gray.
  public let factor: Double
  public let options: LayerOptions

  public static let example = RandomGrayscale()

  /// Creates a layer that makes images gray with the probability `factor`.
  public init(_ factor: Double = 0.5, name: String? = nil, options: LayerOptions = []) {
    self.factor = factor
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? {
    (0...1).contains(factor) ? nil : "factor must be a probability from 0 to 1, not \(factor)"
  }

  /// Whether each image becomes gray.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    [context.uniform((0, 1), [shape[0]]) .< factor]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    onColors(images, grayscale: true) { images in
      select(drawn[0].perImage, images.grayscale(), images)
    }
  }
}
