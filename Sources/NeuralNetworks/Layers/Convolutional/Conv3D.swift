import TensorGraph

/// A 3-D convolution over volumes: `activation(x ∗ kernel + bias)`.
///
///     let shapes = Conv3D(32, kernelSize: 3, padding: .same)
///
/// - Input: `[batch, depth, height, width, channels]`
/// - Output: `[batch, depth′, height′, width′, filters]`, where `depth′` is `⌈depth / strides⌉` for `.same` and
///   `⌊(depth − dilationRate · (kernelSize − 1) − 1) / strides⌋ + 1` for `.valid`
/// - Weights: `kernel` `[kernelSize…, channels / groups, filters]`, `bias` `[filters]`
public final class Conv3D: ConvolutionLayer {
  /// The number of output channels.
  public let filters: Int
  /// The size of the window, in voxels.
  public let kernelSize: WindowSize<3>
  /// How far the window moves, in voxels.
  public let strides: WindowSize<3>
  /// What lies beyond the border.
  public let padding: Padding
  /// The distance between neighbors in the window, in voxels.
  public let dilationRate: WindowSize<3>
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

  public static let example = Conv3D(1, kernelSize: 1)

  /// Creates a convolution with `filters` output channels.
  public init(
    _ filters: Int, kernelSize: WindowSize<3>, strides: WindowSize<3> = 1,
    padding: Padding = .valid, dilationRate: WindowSize<3> = 1, groups: Int = 1,
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
