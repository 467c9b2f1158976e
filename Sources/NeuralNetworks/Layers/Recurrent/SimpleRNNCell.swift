import TensorGraph

/// One step of `SimpleRNN`: `h = activation(x · kernel + h · recurrent_kernel + bias)`.
///
/// - Inputs: `[batch, features]`, then h before the step, `[batch, units]`
/// - Outputs: h after the step, twice: as output and as state
/// - Weights: `kernel` `[features, units]`, `recurrent_kernel` `[units, units]`, `bias` `[units]`
public final class SimpleRNNCell: GatedCell {
  /// The size of the state.
  public let units: Int
  /// What is applied to the sum.
  public let activation: Activation
  /// Whether there is a bias.
  public let useBias: Bool
  /// How `kernel` starts.
  public let kernelInitializer: Initializer
  /// How `recurrent_kernel` starts.
  public let recurrentInitializer: Initializer
  /// How `bias` starts.
  public let biasInitializer: Initializer
  /// The share of the inputs that are dropped in training, the same at each step.
  public let dropout: Double
  /// The share of the state that is dropped in training, the same at each step.
  public let recurrentDropout: Double
  public let options: LayerOptions

  public static let example = SimpleRNNCell(1)
  public static let gateCount = 1
  public static let stateCount = 1
  public var width: Int { units }

  /// Creates a cell with `units` outputs.
  public init(
    _ units: Int, activation: Activation = .tanh, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal(), biasInitializer: Initializer = .zeros,
    dropout: Double = 0, recurrentDropout: Double = 0, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.units = units
    self.activation = activation
    self.useBias = useBias
    self.kernelInitializer = kernelInitializer
    self.recurrentInitializer = recurrentInitializer
    self.biasInitializer = biasInitializer
    self.dropout = dropout
    self.recurrentDropout = recurrentDropout
    self.options = LayerOptions(name, options)
  }

  public func next(_ input: Symbol, _ states: [Symbol], _ weights: CellWeights) -> [Symbol] {
    [activation(input + recurrent(states[0], weights))]
  }
}
