import TensorGraph

/// A 2-D convolution over images: `activation(x ∗ kernel + bias)`.
///
///     let edges = Conv2D(32, kernelSize: 3, padding: .same, activation: .relu)
///
/// - Input: `[batch, height, width, channels]`
/// - Output: `[batch, height′, width′, filters]`, where `height′` is `⌈height / strides⌉` for `.same` and
///   `⌊(height − dilationRate · (kernelSize − 1) − 1) / strides⌋ + 1` for `.valid`
/// - Weights: `kernel` `[kernelSize…, channels / groups, filters]`, `bias` `[filters]`
public final class Conv2D: ConvolutionLayer {
  /// The number of output channels.
  public let filters: Int
  /// The size of the window, in pixels.
  public let kernelSize: WindowSize<2>
  /// How far the window moves, in pixels.
  public let strides: WindowSize<2>
  /// What lies beyond the border.
  public let padding: Padding
  /// The distance between neighbors in the window, in pixels.
  public let dilationRate: WindowSize<2>
  /// Into how many groups the channels are cut, each with filters of its own.
  public let groups: Int
  /// What is applied to the sum.
  public let activation: Activation
  /// Whether there is a bias.
  public let useBias: Bool
  /// How `kernel` starts.
  public let kernelInitializer: Initializer
  /// How `bias` starts.
  public let biasInitializer: Initializer
  public let name: String?

  public static let example = Conv2D(1, kernelSize: 1)

  /// Creates a convolution with `filters` output channels.
  public init(
    _ filters: Int, kernelSize: WindowSize<2>, strides: WindowSize<2> = 1,
    padding: Padding = .valid, dilationRate: WindowSize<2> = 1, groups: Int = 1,
    activation: Activation = .linear, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    name: String? = nil
  ) {
    self.filters = filters
    self.kernelSize = kernelSize
    self.strides = strides
    self.padding = padding
    self.dilationRate = dilationRate
    self.groups = groups
    self.activation = activation
    self.useBias = useBias
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
    self.name = name
  }

  public var masking: MaskHandling { .refused(hint: imageMaskHint) }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol { convolved(x, context) }
}
