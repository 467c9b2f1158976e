import TensorGraph

/// What the convolutions of all ranks share.
public protocol ConvolutionLayer: NamedLayer {
  /// A window of the layer's rank.
  associatedtype Size: WindowSizes
  /// The number of output channels.
  var filters: Int { get }
  /// The size of the window.
  var kernelSize: Size { get }
  /// How far the window moves.
  var strides: Size { get }
  /// What lies beyond the border.
  var padding: Padding { get }
  /// The distance between neighbors in the window.
  var dilationRate: Size { get }
  /// Into how many groups the channels are cut.
  var groups: Int { get }
  /// What is applied to the sum.
  var activation: Activation { get }
  /// Whether there is a bias.
  var useBias: Bool { get }
  /// How the kernel starts.
  var kernelInitializer: Initializer { get }
  /// How the bias starts.
  var biasInitializer: Initializer { get }
}

extension ConvolutionLayer {
  /// `activation(x ∗ kernel + bias)`, with the mask of a sequence seen through the window.
  func convolved(_ x: Symbol, _ context: LayerContext) -> Symbol {
    let rank = Size.axisCount
    guard x.shape.rank == rank + 2 else {
      return context.fail("\(className) expects \(spatialLayout(rank))", x)
    }
    for (name, size) in [
      ("kernel_size", kernelSize), ("strides", strides), ("dilation_rate", dilationRate),
    ] {
      if let mistake = size.mistake(name) { return context.fail("\(className): \(mistake)") }
    }
    let channels = x.shape[-1]
    guard isSize(filters), isSize(groups), filters % groups == 0, channels % groups == 0 else {
      return context.fail(
        "\(className) cannot cut \(channels) channels and \(filters) filters into \(groups) groups",
        x)
    }
    guard padding != .causal || rank == 1 else {
      return context.fail("\(className) has no causal padding", hint: "use .same or .valid")
    }
    let x = x.floatingPoint.masked(by: x.mask)
    let kernel = context.weight(
      "kernel", Shape(kernelSize.sizes + [channels / groups, filters]), kernelInitializer)
    var y = convolution(
      x, kernel, strides: strides.sizes, padding: padding, dilations: dilationRate.sizes,
      groups: groups)
    if useBias { y = y + context.weight("bias", [filters], biasInitializer) }
    let window = Window(
      sizes: kernelSize.sizes, strides: strides.sizes, dilations: dilationRate.sizes)
    return activation(y).masked(by: x.mask.map { seen($0, through: window, padding) })
  }
}

/// What a layer expects: `[batch, time, channels]` for one spatial axis, and so on.
func spatialLayout(_ rank: Int) -> String {
  let axes = rank == 1 ? ["time"] : Array(["depth", "height", "width"].suffix(rank))
  return "[" + (["batch"] + axes + ["channels"]).joined(separator: ", ") + "]"
}

/// What to do where layers over images meet a mask.
let imageMaskHint = "a mask tells steps of a sequence apart, not pixels; mask after this layer"

/// The mask of the places of `window` over time: one counts if a step that it sees does.
///
/// - Input: `bool[batch, time]`
/// - Output: `bool[batch, time′]`
func seen(_ mask: Symbol, through window: Window, _ padding: Padding) -> Symbol {
  let time = mask.shape[1]
  let window = window.padded(padding, for: [time])
  let places = window.outputSizes([time])[0]
  guard places > 0 else { return mask.trace.invalid }  // the layer itself has reported it
  let padded = mask.padded(low: [0, window.low[0]], high: [0, window.high[0]])
  let taps = (0..<window.sizes[0]).map { tap in
    let start = tap * window.dilations[0]
    return padded.sliced(
      axis: 1, start..<start + (places - 1) * window.strides[0] + 1, stride: window.strides[0])
  }
  return taps.dropFirst().reduce(taps[0]) { $0 .| $1 }
}
