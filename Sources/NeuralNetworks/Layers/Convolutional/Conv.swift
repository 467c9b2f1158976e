import TensorGraph

/// A 1-D convolution over sequences: a `Conv` with one spatial axis.
///
///     let edges = Conv1D(32, kernelSize: 3, padding: .causal)
public typealias Conv1D = Conv<1>
/// A 2-D convolution over images: a `Conv` with two spatial axes.
///
///     let edges = Conv2D(32, kernelSize: 3, padding: .same, activation: .relu)
public typealias Conv2D = Conv<2>
/// A 3-D convolution over volumes: a `Conv` with three spatial axes.
///
///     let shapes = Conv3D(32, kernelSize: 3, padding: .same)
public typealias Conv3D = Conv<3>

/// A convolution over sequences, images or volumes: `activation(x ∗ kernel + bias)`.
///
/// A step of a sequence of outputs counts if one of the steps that it sees does.
///
/// - Input: `[batch, spatial…, channels]`: `[batch, time, channels]` for `Conv1D`,
///   `[batch, height, width, channels]` for `Conv2D`,
///   `[batch, depth, height, width, channels]` for `Conv3D`
/// - Output: `[batch, spatial′…, filters]`, where `size′` is `⌈size / strides⌉` for `.same` and
///   `.causal`, and `⌊(size − dilationRate · (kernelSize − 1) − 1) / strides⌋ + 1` for `.valid`
/// - Weights: `kernel` `[kernelSize…, channels / groups, filters]`, `bias` `[filters]`
public final class Conv<let rank: Int>: NamedLayer, DataFormatLayer {
  /// The number of output channels.
  public let filters: Int
  /// The size of the window, in steps, pixels or voxels.
  public let kernelSize: WindowSize<rank>
  /// How far the window moves.
  public let strides: WindowSize<rank>
  /// What lies beyond the border; `.causal`, for sequences, lets no output see a later input.
  public let padding: Padding
  /// The distance between neighbors in the window.
  public let dilationRate: WindowSize<rank>
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
  public let options: LayerOptions

  public static var example: Conv { Conv(1, kernelSize: 1) }
  public static var className: String { "Conv\(rank)D" }
  public var spatialAxisCount: Int? { rank }
  public var masking: MaskHandling { windowMasking(rank) }

  /// Creates a convolution with `filters` output channels.
  public init(
    _ filters: Int, kernelSize: WindowSize<rank>, strides: WindowSize<rank> = 1,
    padding: Padding = .valid, dilationRate: WindowSize<rank> = 1, groups: Int = 1,
    activation: Activation = .linear, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    name: String? = nil, options: LayerOptions = []
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
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    if let mistake = context.mistake(
      of: self, on: x,
      ["kernel_size": kernelSize, "strides": strides, "dilation_rate": dilationRate])
    {
      return mistake
    }
    let channels = x.shape[-1]
    guard isSize(filters), isSize(groups), filters % groups == 0, channels % groups == 0 else {
      return context.fail(
        "\(className) cannot cut \(channels) channels and \(filters) filters into \(groups) groups",
        x)
    }
    guard padding != .causal || rank == 1 else { return context.noCausalPadding(self) }
    if let mistake = context.mistake(of: self, strides: strides, dilationRate: dilationRate) {
      return mistake
    }
    let kernel = context.weight(
      "kernel", Shape(kernelSize.sizes + [channels / groups, filters]), kernelInitializer)
    var y = convolution(
      x.floatingPoint, kernel, strides: strides.sizes, padding: padding,
      dilations: dilationRate.sizes, groups: groups)
    if useBias { y = y + context.weight("bias", [filters], biasInitializer) }
    let window = Window(
      sizes: kernelSize.sizes, strides: strides.sizes, dilations: dilationRate.sizes)
    return activation(y).masked(by: x.mask.map { seen($0, through: window, padding) })
  }
}

extension LayerContext {
  /// Reports that `layer` pads on both sides only.
  func noCausalPadding(_ layer: any Layer) -> Symbol {
    fail("\(layer.className) has no causal padding", hint: "use .same or .valid")
  }

  /// Reports that strides and dilation exclude each other, as they do in Keras.
  func mistake<let rank: Int>(
    of layer: any Layer, strides: WindowSize<rank>, dilationRate: WindowSize<rank>
  ) -> Symbol? {
    guard strides.sizes.contains(where: { $0 > 1 }), dilationRate.sizes.contains(where: { $0 > 1 })
    else { return nil }
    return fail(
      "\(layer.className) cannot have both strides and a dilation rate above 1",
      hint: "make one of them 1")
  }
}
