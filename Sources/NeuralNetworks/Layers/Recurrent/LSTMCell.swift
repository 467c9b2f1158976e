import TensorGraph

/// One step of `LSTM`.
///
///     i, f, g, o = split(x · kernel + h · recurrent_kernel + bias)
///     c = σ(f) · c + σ(i) · activation(g)
///     h = σ(o) · activation(c)
///
/// The gates' function σ is `recurrentActivation`.
///
/// - Inputs: `[batch, features]`, then h and c before the step, `[batch, units]` each
/// - Outputs: h as output, then h and c after the step
/// - Weights: `kernel` `[features, 4 · units]`, `recurrent_kernel` `[units, 4 · units]`, `bias`
///   `[4 · units]`, each with its gates in the order i, f, g, o
/// - Reference: [Hochreiter and Schmidhuber, 1997](https://doi.org/10.1162/neco.1997.9.8.1735)
public final class LSTMCell: GatedCell {
  /// The size of each state.
  public let units: Int
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
  /// The share of the state that is dropped in training, the same at each step.
  public let recurrentDropout: Double
  public let options: LayerOptions

  public static let example = LSTMCell(1)
  public static let gateCount = 4
  public static let stateCount = 2
  public var width: Int { units }

  /// Creates a cell with `units` outputs.
  public init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal(), biasInitializer: Initializer = .zeros,
    unitForgetBias: Bool = true, dropout: Double = 0, recurrentDropout: Double = 0,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.units = units
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

  public var bias: (shape: Shape, initializer: Initializer) {
    ([4 * units], unitForgetBias ? .unitForgetGate(others: biasInitializer) : biasInitializer)
  }

  public func next(_ input: Symbol, _ states: [Symbol], _ weights: CellWeights) -> [Symbol] {
    lstmStep(
      gates(states[0], adding: input, weights), c: states[1], activation,
      gate: recurrentActivation)
  }

  public func fused(
    _ inputs: Symbol, mask: Symbol?, from states: [Symbol], _ weights: CellWeights
  ) -> (sequence: Symbol, states: [Symbol])? {
    guard activation == .tanh, recurrentActivation == .sigmoid, weights.stateMasks.isEmpty else {
      return nil
    }
    let y = lstm(
      inputs, recurrentKernel: weights.recurrentKernel, h: states[0], c: states[1], mask: mask)
    return (y.sequence, [y.h, y.c])
  }
}

/// h and c after a step of an LSTM, from its four gates before their activations and from c.
func lstmStep(
  _ gates: [Symbol], c: Symbol, _ activation: Activation, gate: Activation
) -> [Symbol] {
  let (i, f, g, o) = (gate(gates[0]), gate(gates[1]), activation(gates[2]), gate(gates[3]))
  let c = f * c + i * g
  return [o * activation(c), c]
}
