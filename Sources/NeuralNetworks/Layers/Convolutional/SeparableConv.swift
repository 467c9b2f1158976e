import TensorGraph

/// A separable convolution over sequences: a `SeparableConv` with one spatial axis.
public typealias SeparableConv1D = SeparableConv<1>
/// A separable convolution over images: a `SeparableConv` with two spatial axes.
///
///     let edges = SeparableConv2D(64, kernelSize: 3, padding: .same, activation: .relu)
public typealias SeparableConv2D = SeparableConv<2>

/// A convolution of each channel on its own, then a mixture of all channels at each place:
/// `activation((x ∗ depthwise_kernel) · pointwise_kernel + bias)`.
///
/// It has far fewer weights than a `Conv`. A step of a sequence of outputs counts if one of the
/// steps that it sees does.
///
/// - Input: `[batch, spatial…, channels]`
/// - Output: `[batch, spatial′…, filters]`, with the sizes that `Conv` gives
/// - Weights: `depthwise_kernel` `[kernelSize…, channels, depthMultiplier]`, `pointwise_kernel`
///   `[1…, channels · depthMultiplier, filters]`, `bias` `[filters]`
/// - Reference: [Chollet, 2017](https://arxiv.org/abs/1610.02357)
public final class SeparableConv<let rank: Int>: NamedLayer, DataFormatLayer {
  /// The number of output channels.
  public let filters: Int
  /// The size of the window, in steps or pixels.
  public let kernelSize: WindowSize<rank>
  /// How far the window moves.
  public let strides: WindowSize<rank>
  /// What lies beyond the border.
  public let padding: Padding
  /// The distance between neighbors in the window.
  public let dilationRate: WindowSize<rank>
  /// The number of channels that each input channel gives before they are mixed.
  public let depthMultiplier: Int
  /// What is applied to the sum.
  public let activation: Activation
  /// Whether there is a bias.
  public let useBias: Bool
  /// How `depthwise_kernel` starts.
  public let depthwiseInitializer: Initializer
  /// How `pointwise_kernel` starts.
  public let pointwiseInitializer: Initializer
  /// How `bias` starts.
  public let biasInitializer: Initializer
  public let options: LayerOptions

  public static var example: SeparableConv { SeparableConv(1, kernelSize: 1) }
  public static var className: String { "SeparableConv\(rank)D" }
  public var spatialAxisCount: Int? { rank }
  public var masking: MaskHandling { windowMasking(rank) }

  /// Creates a convolution with `filters` output channels.
  public init(
    _ filters: Int, kernelSize: WindowSize<rank>, strides: WindowSize<rank> = 1,
    padding: Padding = .valid, dilationRate: WindowSize<rank> = 1, depthMultiplier: Int = 1,
    activation: Activation = .linear, useBias: Bool = true,
    depthwiseInitializer: Initializer = .glorotUniform,
    pointwiseInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.filters = filters
    self.kernelSize = kernelSize
    self.strides = strides
    self.padding = padding
    self.dilationRate = dilationRate
    self.depthMultiplier = depthMultiplier
    self.activation = activation
    self.useBias = useBias
    self.depthwiseInitializer = depthwiseInitializer
    self.pointwiseInitializer = pointwiseInitializer
    self.biasInitializer = biasInitializer
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    let part = DepthwisePart(
      kernelSize: kernelSize, strides: strides, padding: padding,
      depthMultiplier: depthMultiplier, dilationRate: dilationRate)
    if let mistake = part.mistake(of: self, on: x, context) { return mistake }
    guard isSize(filters) else {
      return context.fail("\(className) needs at least 1 filter, not \(filters)")
    }
    let depthwise = context.weight("depthwise_kernel", part.kernelShape(x), depthwiseInitializer)
    let pointwise = context.weight(
      "pointwise_kernel",
      Shape([Int](repeating: 1, count: rank) + [x.shape[-1] * depthMultiplier, filters]),
      pointwiseInitializer)
    var y = convolution(part.convolved(x, depthwise), pointwise)
    if useBias { y = y + context.weight("bias", [filters], biasInitializer) }
    return activation(y).masked(by: part.mask(x))
  }
}
