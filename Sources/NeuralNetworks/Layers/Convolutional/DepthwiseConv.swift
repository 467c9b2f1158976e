import TensorGraph

/// A depthwise convolution over sequences: a `DepthwiseConv` with one spatial axis.
///
///     let smooth = DepthwiseConv1D(5, padding: .same)
public typealias DepthwiseConv1D = DepthwiseConv<1>
/// A depthwise convolution over images: a `DepthwiseConv` with two spatial axes.
///
///     let smooth = DepthwiseConv2D(3, padding: .same)
public typealias DepthwiseConv2D = DepthwiseConv<2>

/// A convolution of each channel on its own: `activation(x ∗ kernel + bias)`.
///
/// Each channel of the input gives `depthMultiplier` channels of the output, which lie side by
/// side. A step of a sequence of outputs counts if one of the steps that it sees does.
///
/// - Input: `[batch, spatial…, channels]`
/// - Output: `[batch, spatial′…, channels · depthMultiplier]`, with the sizes that `Conv` gives
/// - Weights: `kernel` `[kernelSize…, channels, depthMultiplier]`, `bias`
///   `[channels · depthMultiplier]`
/// - Reference: [Howard et al., 2017](https://arxiv.org/abs/1704.04861)
public final class DepthwiseConv<let rank: Int>: NamedLayer, DataFormatLayer {
  /// The size of the window, in steps or pixels.
  public let kernelSize: WindowSize<rank>
  /// How far the window moves.
  public let strides: WindowSize<rank>
  /// What lies beyond the border.
  public let padding: Padding
  /// The number of output channels for each input channel.
  public let depthMultiplier: Int
  /// The distance between neighbors in the window.
  public let dilationRate: WindowSize<rank>
  /// What is applied to the sum.
  public let activation: Activation
  /// Whether there is a bias.
  public let useBias: Bool
  /// How `kernel` starts.
  public let depthwiseInitializer: Initializer
  /// How `bias` starts.
  public let biasInitializer: Initializer
  public let options: LayerOptions

  public static var example: DepthwiseConv { DepthwiseConv(1) }
  public static var className: String { "DepthwiseConv\(rank)D" }
  public var spatialAxisCount: Int? { rank }
  public var masking: MaskHandling { windowMasking(rank) }

  /// Creates a convolution with windows of `kernelSize`.
  public init(
    _ kernelSize: WindowSize<rank>, strides: WindowSize<rank> = 1, padding: Padding = .valid,
    depthMultiplier: Int = 1, dilationRate: WindowSize<rank> = 1,
    activation: Activation = .linear, useBias: Bool = true,
    depthwiseInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.kernelSize = kernelSize
    self.strides = strides
    self.padding = padding
    self.depthMultiplier = depthMultiplier
    self.dilationRate = dilationRate
    self.activation = activation
    self.useBias = useBias
    self.depthwiseInitializer = depthwiseInitializer
    self.biasInitializer = biasInitializer
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    let part = DepthwisePart(
      kernelSize: kernelSize, strides: strides, padding: padding,
      depthMultiplier: depthMultiplier, dilationRate: dilationRate)
    if let mistake = part.mistake(of: self, on: x, context) { return mistake }
    let kernel = context.weight(
      "kernel", part.kernelShape(x), depthwiseInitializer, role: "depthwise")
    var y = part.convolved(x, kernel)
    if useBias {
      y = y + context.weight("bias", [x.shape[-1] * depthMultiplier], biasInitializer)
    }
    return activation(y).masked(by: part.mask(x))
  }
}

/// What depthwise and separable convolutions do channel by channel.
struct DepthwisePart<let rank: Int> {
  let kernelSize: WindowSize<rank>
  let strides: WindowSize<rank>
  let padding: Padding
  let depthMultiplier: Int
  let dilationRate: WindowSize<rank>

  /// Reports why `layer` cannot have these hyperparameters or the input `x`.
  func mistake(of layer: any Layer, on x: Symbol, _ context: LayerContext) -> Symbol? {
    if let mistake = context.mistake(
      of: layer, on: x,
      ["kernel_size": kernelSize, "strides": strides, "dilation_rate": dilationRate])
    {
      return mistake
    }
    guard isSize(depthMultiplier), isSize(x.shape[-1]) else {
      return context.fail(
        "\(layer.className) needs channels and a depth_multiplier of at least 1, "
          + "not \(depthMultiplier)", x)
    }
    return padding == .causal ? context.noCausalPadding(layer) : nil
  }

  func kernelShape(_ x: Symbol) -> Shape {
    Shape(kernelSize.sizes + [x.shape[-1], depthMultiplier])
  }

  func convolved(_ x: Symbol, _ kernel: Symbol) -> Symbol {
    let channels = x.shape[-1], filters = channels * depthMultiplier
    // Engines are fast where each channel gives one; a single one is all a common convolution has.
    let isSingle = channels == 1
    let x = isSingle ? x.floatingPoint : x.floatingPoint.repeated(depthMultiplier, axis: -1)
    return convolution(
      x, kernel.reshaped(Shape(kernelSize.sizes + [1, filters])), strides: strides.sizes,
      padding: padding, dilations: dilationRate.sizes, groups: isSingle ? 1 : filters)
  }

  /// The mask of a sequence seen through the window.
  func mask(_ x: Symbol) -> Symbol? {
    let window = Window(
      sizes: kernelSize.sizes, strides: strides.sizes, dilations: dilationRate.sizes)
    return x.mask.map { seen($0, through: window, padding) }
  }
}
