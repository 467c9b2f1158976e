import TensorGraph

/// A recurrent layer with one product per step: `h = activation(xₜ · kernel + h · recurrent_kernel + bias)`.
///
/// - Inputs: `[batch, time, features]`, then, if given, h before the first step, `[batch, units]`
/// - Outputs: h of the last step, `[batch, units]`, or of all steps, `[batch, time, units]`; then,
///   with `returnState`, the last h
/// - Weights: `kernel` `[features, units]`, `recurrent_kernel` `[units, units]`, `bias` `[units]`
/// - State: `rnn_state` `[batch, units]`, if stateful
public final class SimpleRNN: RecurrentLayer {
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

  public static let example = SimpleRNN(1)
  public static let stateCount = 1

  /// Creates a recurrent layer with `units` outputs.
  public init(
    _ units: Int, activation: Activation = .tanh, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal(), biasInitializer: Initializer = .zeros,
    dropout: Double = 0, recurrentDropout: Double = 0, returnSequences: Bool = false,
    returnState: Bool = false, goBackwards: Bool = false, stateful: Bool = false,
    unroll: Bool = false, zeroOutputForMask: Bool = false, name: String? = nil
  ) {
    self.units = units
    self.activation = activation
    self.useBias = useBias
    self.kernelInitializer = kernelInitializer
    self.recurrentInitializer = recurrentInitializer
    self.biasInitializer = biasInitializer
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
    let (units, activation) = (units, activation)
    let kernel = context.weight("kernel", [x.shape[2], units], kernelInitializer)
    let recurrent = context.weight("recurrent_kernel", [units, units], recurrentInitializer)
    let masks = dropoutMasks(for: x, gates: 1, context)
    var projected = product(x, kernel, masks: masks.input)
    if useBias { projected = projected + context.weight("bias", [units], biasInitializer) }
    return looped(over: projected, mask: mask, from: states()) { step, states in
      [activation(step + product(states[0], recurrent, masks: masks.state))]
    }
  }
}
