import TensorGraph

/// Blends images in training with several of their own variants, each changed by a chain of
/// augmentations chosen at random.
///
///     y = w · x + (1 − w) · Σ wᵢ · chainᵢ(x),  held to the range
///
/// Here w is of the distribution Beta(alpha, alpha), and the wᵢ, which are 1 together, of a
/// Dirichlet distribution with the same parameter, both for the whole batch. Each link of a chain
/// is shear, translation, rotation, posterization, solarization, auto contrast, equalization, with
/// `allOps` brightness, color degeneration, contrast or sharpness as well, or nothing. The choice
/// is that of the batch, the amounts are drawn for each image.
///
/// - Input, output: `[batch, height, width, channels]`, or one image, with 3 channels or 1
/// - Reference: [Hendrycks et al., 2020](https://arxiv.org/abs/1912.02781)
public final class AugMix: RandomAugmentation {
  /// The range of the values of images.
  public let valueRange: ValueRange
  /// The number of variants.
  public let numChains: Int
  /// The number of links of a chain.
  public let chainDepth: Int
  /// What the strengths lie between, from 0 to 1; `0.3` is from 0 to 0.3.
  public let factor: Factor
  /// The parameter of the distributions: the larger, the more equal are the shares.
  public let alpha: Double
  /// Whether brightness, color, contrast and sharpness are changed too.
  public let allOps: Bool
  /// How values between pixels are found.
  public let interpolation: SamplingInterpolation
  public let options: LayerOptions

  public static let example = AugMix()

  /// Creates a layer that blends images with `numChains` variants.
  public init(
    valueRange: ValueRange = .bytes, numChains: Int = 3, chainDepth: Int = 3,
    factor: Factor = 0.3, alpha: Double = 1, allOps: Bool = true,
    interpolation: SamplingInterpolation = .bilinear, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.valueRange = valueRange
    self.numChains = numChains
    self.chainDepth = chainDepth
    self.factor = factor
    self.alpha = alpha
    self.allOps = allOps
    self.interpolation = interpolation
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? {
    guard (1...100).contains(numChains) else {
      return "num_chains must be from 1 to 100, not \(numChains)"
    }
    guard (1...100).contains(chainDepth) else {
      return "chain_depth must be from 1 to 100, not \(chainDepth)"
    }
    guard (1e-6...1e6).contains(alpha) else {
      return "alpha must be from 1e-6 to 1e6, not \(alpha)"
    }
    return factor.mistake("factor", in: 0...1) ?? valueRange.mistake
  }

  private var policy: AugmentationPolicy {
    let (low, high) = factor.range(notBelow: 0)
    let factor: Factor = [low, high]
    let lighting = allOps ? AugmentationPolicy.lighting(factor, valueRange) : []
    return AugmentationPolicy(
      steps: AugmentationPolicy.places(factor, interpolation)
        + AugmentationPolicy.grading(factor, valueRange) + lighting)
  }

  /// The share of the images themselves, a scalar; the shares of the chains `[chains]`; the
  /// augmentation of each link `int32[chains, depth]`, where the number after the last is none;
  /// then the numbers of each of all augmentations, `[chains, depth, batch]`.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    let policy = policy
    let links: Shape = [numChains, chainDepth]
    let choices = context.choices(links, of: policy.steps.count + 1)
    let alpha = choices.trace.constant(alpha)
    var all = shape
    all[0] *= links.count
    let amounts = policy.drawn(for: all, context).joined().map {
      $0.reshaped([numChains, chainDepth, shape[0]])
    }
    return [context.beta([], alpha: alpha), context.dirichlet(numChains, alpha: alpha), choices]
      + amounts
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    guard images.isValid else { return images }
    let policy = policy
    let (own, shares) = (drawn[0].cast(to: images.dtype), drawn[1].cast(to: images.dtype))
    let mixed = scan(over: [shares] + drawn.dropFirst(2), from: [images * 0]) { chain, sum in
      let variant = scan(over: Array(chain.dropFirst()), from: [images]) { link, image in
        ([policy.applied(link[0], image[0], by: policy.separated(link.dropFirst()))], [])
      }.state[0]
      return ([sum[0] + variant * chain[0]], [])
    }.state[0]
    return valueRange.clipped(own * images + (1 - own) * mixed)
  }
}
