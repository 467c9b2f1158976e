import TensorGraph

/// A long short-term memory: a recurrent layer with a gated cell.
///
///     i, f, g, o = split(xₜ · kernel + h · recurrent_kernel + bias)
///     c = σ(f) · c + σ(i) · activation(g)
///     h = σ(o) · activation(c)
///
/// The gates' function σ is `recurrentActivation`.
///
/// - Inputs: `[batch, time, features]`, then, if given, h and c before the first step,
///   `[batch, units]` each
/// - Outputs: h of the last step, `[batch, units]`, or of all steps, `[batch, time, units]`; then,
///   with `returnState`, the last h and c
/// - Weights: `kernel` `[features, 4 · units]`, `recurrent_kernel` `[units, 4 · units]`, `bias`
///   `[4 · units]`, each with its gates in the order i, f, g, o
/// - State: `rnn_state`, `rnn_state_1` `[batch, units]`, if stateful
/// - Reference: [Hochreiter and Schmidhuber, 1997](https://doi.org/10.1162/neco.1997.9.8.1735)
public final class LSTM: RecurrentLayer {
  /// The size of the state.
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
  /// Whether the forget gate starts open, with a bias of 1.
  public let unitForgetBias: Bool
  /// The share of the inputs that are dropped in training, the same at each step.
  public let dropout: Double
  /// The share of the state that is dropped in training, the same at each step.
  public let recurrentDropout: Double
  /// Whether the output has all steps, not the last alone.
  public let returnSequences: Bool
  /// Whether the last states are outputs too.
  public let returnState: Bool
  /// Whether the last step is done first.
  public let goBackwards: Bool
  /// Whether a batch begins with the states that the batch before it left.
  public let stateful: Bool
  /// Whether each step is written out in the graph.
  public let unroll: Bool
  /// Whether the output of a masked step is 0, not that of the step before.
  public let zeroOutputForMask: Bool
  public let name: String?

  public static let example = LSTM(1)
  public static let stateCount = 2

  /// Creates an LSTM with `units` cells.
  public init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal(), biasInitializer: Initializer = .zeros,
    unitForgetBias: Bool = true, dropout: Double = 0, recurrentDropout: Double = 0,
    returnSequences: Bool = false, returnState: Bool = false, goBackwards: Bool = false,
    stateful: Bool = false, unroll: Bool = false, zeroOutputForMask: Bool = false,
    name: String? = nil
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
    self.returnSequences = returnSequences
    self.returnState = returnState
    self.goBackwards = goBackwards
    self.stateful = stateful
    self.unroll = unroll
    self.zeroOutputForMask = zeroOutputForMask
    self.name = name
  }

  public func steps(
    of x: Symbol, mask: Symbol?, from states: () -> [Symbol], _ context: LayerContext
  ) -> (sequence: Symbol, states: [Symbol]) {
    let (activation, gate) = (activation, recurrentActivation)
    let kernel = context.weight("kernel", [x.shape[2], 4 * units], kernelInitializer)
    let recurrent = context.weight("recurrent_kernel", [units, 4 * units], recurrentInitializer)
    let masks = dropoutMasks(for: x, gates: 4, context)
    var projected = product(x, kernel, masks: masks.input)  // one product for all steps
    if useBias {
      guard !unitForgetBias || biasInitializer == .zeros else {
        return (
          context.fail(
            "LSTM cannot open the forget gate of a bias that does not start with zeros",
            hint: "set unitForgetBias: false"), []
        )
      }
      let initializer = unitForgetBias ? .unitForgetGate : biasInitializer
      projected = projected + context.weight("bias", [4 * units], initializer)
    }
    let states = states()
    if activation == .tanh, gate == .sigmoid, masks.state.isEmpty, !unroll {
      let y = lstm(
        projected, recurrentKernel: recurrent, h: states[0], c: states[1], mask: mask)
      return (y.sequence, [y.h, y.c])
    }
    return looped(over: projected, mask: mask, from: states) { step, states in
      let gates = (step + product(states[0], recurrent, masks: masks.state)).split(4, axis: -1)
      let (i, f, g, o) = (gate(gates[0]), gate(gates[1]), activation(gates[2]), gate(gates[3]))
      let c = f * states[1] + i * g
      return [o * activation(c), c]
    }
  }
}
