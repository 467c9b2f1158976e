import TensorGraph

/// A gated recurrent unit: a recurrent layer that mixes its state with a candidate.
///
///     z, r, n = split(xₜ · kernel + bias[0]);  z′, r′, n′ = split(h · recurrent_kernel + bias[1])
///     z = σ(z + z′);  r = σ(r + r′);  n = activation(n + r · n′)
///     h = z · h + (1 − z) · n
///
/// The gates' function σ is `recurrentActivation`. With `resetAfter` false, r multiplies h before
/// the product, and there is one bias.
///
/// - Inputs: `[batch, time, features]`, then, if given, h before the first step, `[batch, units]`
/// - Outputs: h of the last step, `[batch, units]`, or of all steps, `[batch, time, units]`; then,
///   with `returnState`, the last h
/// - Weights: `kernel` `[features, 3 · units]`, `recurrent_kernel` `[units, 3 · units]`, `bias`
///   `[2, 3 · units]`, or `[3 · units]` with `resetAfter` false, each with its gates in the order
///   z, r, n
/// - State: `rnn_state` `[batch, units]`, if stateful
/// - Reference: [Cho et al., 2014](https://arxiv.org/abs/1406.1078)
public final class GRU: RecurrentLayer {
  /// The size of the state.
  public let units: Int
  /// What is applied to the candidate.
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
  /// Whether the reset gate multiplies after the product with the recurrent kernel.
  public let resetAfter: Bool
  /// Whether the output of a masked step is 0, not that of the step before.
  public let zeroOutputForMask: Bool
  public let name: String?

  public static let example = GRU(1)
  public static let stateCount = 1

  /// Creates a GRU with `units` outputs.
  public init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal(), biasInitializer: Initializer = .zeros,
    dropout: Double = 0, recurrentDropout: Double = 0, returnSequences: Bool = false,
    returnState: Bool = false, goBackwards: Bool = false, stateful: Bool = false,
    unroll: Bool = false, resetAfter: Bool = true, zeroOutputForMask: Bool = false,
    name: String? = nil
  ) {
    self.units = units
    self.activation = activation
    self.recurrentActivation = recurrentActivation
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
    self.resetAfter = resetAfter
    self.zeroOutputForMask = zeroOutputForMask
    self.name = name
  }

  public func steps(
    of x: Symbol, mask: Symbol?, from states: () -> [Symbol], _ context: LayerContext
  ) -> (sequence: Symbol, states: [Symbol]) {
    let kernel = context.weight("kernel", [x.shape[2], 3 * units], kernelInitializer)
    let recurrent = context.weight("recurrent_kernel", [units, 3 * units], recurrentInitializer)
    let masks = dropoutMasks(for: x, gates: 3, context)
    var projected = product(x, kernel, masks: masks.input)  // one product for all steps
    var inner: Symbol?
    if useBias, resetAfter {
      let bias = context.weight("bias", [2, 3 * units], biasInitializer)
      projected = projected + bias.entry(0, axis: 0)
      inner = bias.entry(1, axis: 0)
    } else if useBias {
      projected = projected + context.weight("bias", [3 * units], biasInitializer)
    }
    let states = states()
    guard resetAfter else {
      return resetBefore(
        projected, recurrent, mask: mask, from: states, dropping: masks.state)
    }
    let (activation, gate) = (activation, recurrentActivation)
    let innerBias = inner ?? x.trace.constant(0, [3 * units], dtype: x.dtype)
    if activation == .tanh, gate == .sigmoid, masks.state.isEmpty, !unroll {
      let y = gru(
        projected, recurrentKernel: recurrent, recurrentBias: innerBias, h: states[0], mask: mask)
      return (y.sequence, [y.h])
    }
    return looped(over: projected, mask: mask, from: states) { step, states in
      let outer = step.split(3, axis: -1)
      let inner = (product(states[0], recurrent, masks: masks.state) + innerBias)
        .split(3, axis: -1)
      let (z, r) = (gate(outer[0] + inner[0]), gate(outer[1] + inner[1]))
      let n = activation(outer[2] + r * inner[2])
      return [z * states[0] + (1 - z) * n]
    }
  }

  /// The steps with the reset gate before the product: two products a step.
  private func resetBefore(
    _ projected: Symbol, _ recurrent: Symbol, mask: Symbol?, from states: [Symbol],
    dropping masks: [Symbol]
  ) -> (sequence: Symbol, states: [Symbol]) {
    let (units, activation, gate) = (units, activation, recurrentActivation)
    let gates = recurrent.sliced(axis: 1, 0..<2 * units)
    let candidate = recurrent.sliced(axis: 1, 2 * units..<3 * units)
    return looped(over: projected, mask: mask, from: states) { step, states in
      let outer = step.split(3, axis: -1)
      let inner = product(states[0], gates, masks: Array(masks.prefix(2))).split(2, axis: -1)
      let (z, r) = (gate(outer[0] + inner[0]), gate(outer[1] + inner[1]))
      let h = masks.isEmpty ? states[0] : states[0] * masks[2]
      let n = activation(outer[2] + matmul(r * h, candidate))
      return [z * states[0] + (1 - z) * n]
    }
  }
}
