import TensorGraph

/// Blends each image of a batch with another one in training, and their labels alike.
///
///     y = λ · x + (1 − λ) · x',   λ of the distribution Beta(alpha, alpha)
///
/// One λ is drawn for each image, and one order of the batch for the others.
///
/// - Inputs: images `[batch, height, width, channels]`, and perhaps labels `[batch, classes]`
/// - Outputs: the same, as floats
/// - Reference: [Zhang et al., 2018](https://arxiv.org/abs/1710.09412)
public final class MixUp: ImageMixing {
  /// How much images are blended: near 0 hardly, with 1 any share is as likely.
  public let alpha: Double
  public let options: LayerOptions

  public static let example = MixUp()

  /// Creates a layer that blends images.
  public init(alpha: Double = 0.2, name: String? = nil, options: LayerOptions = []) {
    self.alpha = alpha
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? {
    (1e-6...1e6).contains(alpha) ? nil : "alpha must be from 1e-6 to 1e6, not \(alpha)"
  }

  /// The other image of each, and its own share.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    let order = context.permutation(shape[0])
    return [order, context.beta([shape[0]], alpha: order.trace.constant(alpha))]
  }

  public func weight(_ drawn: [Symbol], _ shape: Shape) -> Symbol { drawn[1] }

  public func mixed(images: Symbol, by drawn: [Symbol]) -> Symbol {
    let weight = drawn[1].perImage(of: images)
    return weight * images + (1 - weight) * images.gathered(at: drawn[0])
  }
}
