import TensorGraph

/// A 1-D convolution over sequences: `activation(x ∗ kernel + bias)`.
///
///     let edges = Conv1D(32, kernelSize: 3, padding: .causal)
///
/// A step of the output counts if one of the steps that it sees does.
///
/// - Input: `[batch, time, channels]`
/// - Output: `[batch, time′, filters]`, where `time′` is `⌈time / strides⌉` for `.same` and
///   `⌊(time − dilationRate · (kernelSize − 1) − 1) / strides⌋ + 1` for `.valid`
/// - Weights: `kernel` `[kernelSize, channels / groups, filters]`, `bias` `[filters]`
public final class Conv1D: ConvolutionLayer {
  /// The number of output channels.
  public let filters: Int
  /// The size of the window, in steps.
  public let kernelSize: WindowSize<1>
  /// How far the window moves, in steps.
  public let strides: WindowSize<1>
  /// What lies beyond the border; `.causal` lets no output see a later input.
  public let padding: Padding
  /// The distance between neighbors in the window, in steps.
  public let dilationRate: WindowSize<1>
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

  public static let example = Conv1D(1, kernelSize: 1)

  /// Creates a convolution with `filters` output channels.
  public init(
    _ filters: Int, kernelSize: WindowSize<1>, strides: WindowSize<1> = 1,
    padding: Padding = .valid, dilationRate: WindowSize<1> = 1, groups: Int = 1,
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

  public var masking: MaskHandling { .explicit }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol { convolved(x, context) }
}
