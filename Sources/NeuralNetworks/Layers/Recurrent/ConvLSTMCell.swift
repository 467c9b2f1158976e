import TensorGraph

/// One step of a `ConvLSTM1D`, `ConvLSTM2D` or `ConvLSTM3D`: that of an LSTM whose products are
/// convolutions.
///
///     i, f, g, o = split(x ∗ kernel + bias + h ∗ recurrent_kernel)
///     c = σ(f) · c + σ(i) · activation(g)
///     h = σ(o) · activation(c)
///
/// The convolution of h has the padding `same`, and neither strides nor dilation.
///
/// - Inputs: `[batch, spatial…, channels]`, then h and c, `[batch, spatial′…, filters]` each
/// - Outputs: h as output, then h and c after the step
/// - Weights: `kernel` `[kernelSize…, channels, 4 · filters]`, `recurrent_kernel`
///   `[kernelSize…, filters, 4 · filters]`, `bias` `[4 · filters]`
/// - Reference: [Shi et al., 2015](https://arxiv.org/abs/1506.04214)
public final class ConvLSTMCell<let rank: Int>: GatedCell {
  /// The number of channels of h and c.
  public let filters: Int
  /// The size of the window.
  public let kernelSize: WindowSize<rank>
  /// How far the window moves over the input.
  public let strides: WindowSize<rank>
  /// What lies beyond the border of the input.
  public let padding: Padding
  /// The distance between neighbors in the window over the input.
  public let dilationRate: WindowSize<rank>
  /// What is applied to the candidate and to the cell.
  public let activation: Activation
  /// What is applied to the gates.
  public let recurrentActivation: Activation
  /// Whether there is a bias.
  public let useBias: Bool
  /// How `kernel` starts.
  public let kernelInitializer: Initializer
  /// How `recurrent_kernel` starts.
  public let recurrentInitializer: Initializer
  /// How `bias` starts.
  public let biasInitializer: Initializer
  /// Whether the forget gate starts open: with a bias of 1, whatever the others start with.
  public let unitForgetBias: Bool
  /// The share of the inputs that are dropped in training, the same at each step.
  public let dropout: Double
  /// The share of h that is dropped in training, the same at each step.
  public let recurrentDropout: Double
  public let options: LayerOptions

  public static var example: ConvLSTMCell { ConvLSTMCell(1, kernelSize: 1) }
  public static var gateCount: Int { 4 }
  public static var stateCount: Int { 2 }
  public static var className: String { "ConvLSTMCell" }
  public var width: Int { filters }
  public var dropsByGate: Bool { true }
  public var spatialAxes: [String] { Array(["depth", "height", "width"].suffix(rank)) }

  /// Creates a cell with `filters` output channels.
  public init(
    _ filters: Int, kernelSize: WindowSize<rank>, strides: WindowSize<rank> = 1,
    padding: Padding = .valid, dilationRate: WindowSize<rank> = 1, activation: Activation = .tanh,
    recurrentActivation: Activation = .sigmoid, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal(), biasInitializer: Initializer = .zeros,
    unitForgetBias: Bool = true, dropout: Double = 0, recurrentDropout: Double = 0,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.filters = filters
    self.kernelSize = kernelSize
    self.strides = strides
    self.padding = padding
    self.dilationRate = dilationRate
    self.activation = activation
    self.recurrentActivation = recurrentActivation
    self.useBias = useBias
    self.kernelInitializer = kernelInitializer
    self.recurrentInitializer = recurrentInitializer
    self.biasInitializer = biasInitializer
    self.unitForgetBias = unitForgetBias
    self.dropout = dropout
    self.recurrentDropout = recurrentDropout
    self.options = LayerOptions(name, options)
  }

  private func window(_ spatial: [Int]) -> Window {
    Window(sizes: kernelSize.sizes, strides: strides.sizes, dilations: dilationRate.sizes)
      .padded(padding, for: spatial)
  }

  public func stateShapes(for step: Shape) -> [Shape] {
    let spatial = step.spatial
    let shape = Shape([step[0]] + window(spatial).outputSizes(spatial) + [filters])
    return [shape, shape]
  }

  public func mistake(for step: Shape) -> String? {
    guard step.rank == rank + 2 else { return "expects \(spatialLayout(rank))" }
    for (name, size) in [
      ("kernel_size", kernelSize), ("strides", strides), ("dilation_rate", dilationRate),
    ] {
      if let mistake = size.mistake(name) { return "cannot have this window: \(mistake)" }
    }
    guard isSize(filters), (0...1).contains(dropout), (0...1).contains(recurrentDropout) else {
      return "needs filters above 0, and dropouts from 0 to 1"
    }
    guard padding != .causal else { return "has no causal padding; use .same or .valid" }
    guard strides.sizes.allSatisfy({ $0 == 1 }) || dilationRate.sizes.allSatisfy({ $0 == 1 })
    else { return "cannot have both strides and a dilation rate above 1" }
    let spatial = step.spatial
    guard window(spatial).outputSizes(spatial).allSatisfy({ $0 > 0 }) else {
      return "has a window \(window(spatial).effectiveSizes) that does not fit into \(spatial)"
    }
    return nil
  }

  public var bias: (shape: Shape, initializer: Initializer) {
    ([4 * filters], unitForgetBias ? .unitForgetGate(others: biasInitializer) : biasInitializer)
  }

  public func kernelShapes(_ features: Int) -> (input: Shape, state: Shape) {
    (
      Shape(kernelSize.sizes + [features, 4 * filters]),
      Shape(kernelSize.sizes + [filters, 4 * filters])
    )
  }

  public func inputProduct(_ x: Symbol, _ kernel: Symbol) -> Symbol {
    let steps = x.shape.dims.prefix(x.shape.rank - rank - 1)  // batch, and time for a sequence
    let images = x.reshaped(Shape([-1] + Array(x.shape.dims.dropFirst(steps.count))))
    let y = convolution(
      images, kernel, strides: strides.sizes, padding: padding, dilations: dilationRate.sizes)
    return y.isValid ? y.reshaped(Shape(Array(steps) + y.shape.dims.dropFirst())) : y
  }

  public func stateProduct(_ h: Symbol, _ kernel: Symbol) -> Symbol {
    convolution(h, kernel, padding: .same)
  }

  public func next(_ input: Symbol, _ states: [Symbol], _ weights: CellWeights) -> [Symbol] {
    lstmStep(
      gates(states[0], adding: input, weights), c: states[1], activation,
      gate: recurrentActivation)
  }
}
