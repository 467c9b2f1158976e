import TensorGraph

/// A transposed convolution over sequences: a `ConvTranspose` with one spatial axis.
///
///     let longer = Conv1DTranspose(16, kernelSize: 4, strides: 2, padding: .same)
public typealias Conv1DTranspose = ConvTranspose<1>
/// A transposed convolution over images: a `ConvTranspose` with two spatial axes.
///
///     let larger = Conv2DTranspose(16, kernelSize: 3, strides: 2, padding: .same)
public typealias Conv2DTranspose = ConvTranspose<2>
/// A transposed convolution over volumes: a `ConvTranspose` with three spatial axes.
public typealias Conv3DTranspose = ConvTranspose<3>

/// A transposed convolution, also called deconvolution: each input is spread over the window of
/// its place, weighted by the kernel, and what meets is added.
///
/// It is the gradient of a convolution with respect to its input, so it goes the opposite way:
/// strides make the output larger. A step of a sequence of outputs counts if a step that counts
/// reaches it.
///
/// - Input: `[batch, spatial…, channels]`
/// - Output: `[batch, spatial′…, filters]`. With the window's extent
///   `e = dilationRate · (kernelSize − 1) + 1`, `size′` is `(size − 1) · strides + max(e, strides)`
///   for `.valid`, and `size · strides` for `.same`; with `outputPadding`,
///   `(size − 1) · strides + e + outputPadding` for `.valid`, and
///   `(size − 1) · strides + e mod 2 + outputPadding` for `.same`
/// - Weights: `kernel` `[kernelSize…, filters, channels]`, `bias` `[filters]`
/// - Reference: [Zeiler et al., 2010](https://doi.org/10.1109/CVPR.2010.5539957)
public final class ConvTranspose<let rank: Int>: NamedLayer, DataFormatLayer {
  /// The number of output channels.
  public let filters: Int
  /// The size of the window, in steps, pixels or voxels of the output.
  public let kernelSize: WindowSize<rank>
  /// How far apart the windows of neighboring inputs are.
  public let strides: WindowSize<rank>
  /// How much of the windows at the border is cut off: nothing, or as much as `.same` needs.
  public let padding: Padding
  /// How much is added to the end of the output, less than `strides`; nothing for as much as the
  /// padding wants.
  public let outputPadding: WindowSize<rank>?
  /// The distance between neighbors in the window.
  public let dilationRate: WindowSize<rank>
  /// What is applied to the sum.
  public let activation: Activation
  /// Whether there is a bias.
  public let useBias: Bool
  /// How `kernel` starts.
  public let kernelInitializer: Initializer
  /// How `bias` starts.
  public let biasInitializer: Initializer
  public let options: LayerOptions

  public static var example: ConvTranspose { ConvTranspose(1, kernelSize: 1) }
  public static var className: String { "Conv\(rank)DTranspose" }
  public var spatialAxisCount: Int? { rank }
  public var masking: MaskHandling { windowMasking(rank) }

  /// Creates a transposed convolution with `filters` output channels.
  public init(
    _ filters: Int, kernelSize: WindowSize<rank>, strides: WindowSize<rank> = 1,
    padding: Padding = .valid, outputPadding: WindowSize<rank>? = nil,
    dilationRate: WindowSize<rank> = 1, activation: Activation = .linear, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.filters = filters
    self.kernelSize = kernelSize
    self.strides = strides
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilationRate = dilationRate
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
    if let mistake = outputPadding?.mistake("output_padding", atLeast: 0) {
      return context.fail("\(className): \(mistake)")
    }
    guard isSize(filters) else {
      return context.fail("\(className) needs at least 1 filter, not \(filters)")
    }
    guard padding != .causal else { return context.noCausalPadding(self) }
    if let mistake = context.mistake(of: self, strides: strides, dilationRate: dilationRate) {
      return mistake
    }
    let kernel = context.weight(
      "kernel", Shape(kernelSize.sizes + [filters, x.shape[-1]]), kernelInitializer)
    var y = spread(x.floatingPoint, by: kernel)
    if useBias { y = y + context.weight("bias", [filters], biasInitializer) }
    return activation(y).masked(by: x.mask.map(reached))
  }

  private func spread(_ x: Symbol, by kernel: Symbol) -> Symbol {
    transposedConvolution(
      x, kernel, strides: strides.sizes, padding: padding, outputPadding: outputPadding?.sizes,
      dilations: dilationRate.sizes)
  }

  /// The mask of the steps that those of `mask` reach.
  private func reached(_ mask: Symbol) -> Symbol {
    let kernel = mask.trace.constant(1, Shape(kernelSize.sizes + [1, 1]))
    return spread(mask.cast(to: .float32).expandingDims(at: -1), by: kernel).squeezed(-1) .> 0
  }
}
