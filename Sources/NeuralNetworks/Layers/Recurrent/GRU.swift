import TensorGraph

/// A gated recurrent unit: a recurrent layer that mixes its state with a candidate.
///
///     z, r, n = split(xₜ · kernel + bias[0]);  z′, r′, n′ = split(h · recurrent_kernel + bias[1])
///     z = σ(z + z′);  r = σ(r + r′);  n = activation(n + r · n′)
///     h = z · h + (1 − z) · n
///
/// `GRUCell` has its hyperparameters, `RNN` says what becomes of masked steps.
///
/// - Inputs: `[batch, time, features]`, then, if given, h before the first step, `[batch, units]`
/// - Outputs: h of the last step, `[batch, units]`, or of all steps, `[batch, time, units]`; then,
///   with `returnState`, the last h
/// - Weights: `kernel` `[features, 3 · units]`, `recurrent_kernel` `[units, 3 · units]`, `bias`
///   `[2, 3 · units]`, or `[3 · units]` with `resetAfter` false, each with its gates in the order
///   z, r, n
/// - State: `rnn_state` `[batch, units]`, if stateful
/// - Reference: [Cho et al., 2014](https://arxiv.org/abs/1406.1078)
public final class GRU: CellLayer {
  public let cell: GRUCell
  public let recurrence: Recurrence
  public let options: LayerOptions

  public static let example = GRU(1)

  /// Creates a layer of its parts.
  public init(cell: GRUCell, recurrence: Recurrence, options: LayerOptions) {
    self.cell = cell
    self.recurrence = recurrence
    self.options = options
  }

  /// Creates a GRU with `units` outputs.
  public convenience init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal(), biasInitializer: Initializer = .zeros,
    dropout: Double = 0, recurrentDropout: Double = 0, returnSequences: Bool = false,
    returnState: Bool = false, goBackwards: Bool = false, stateful: Bool = false,
    unroll: Bool = false, resetAfter: Bool = true, zeroOutputForMask: Bool = false,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.init(
      cell: GRUCell(
        units, activation: activation, recurrentActivation: recurrentActivation,
        useBias: useBias, kernelInitializer: kernelInitializer,
        recurrentInitializer: recurrentInitializer, biasInitializer: biasInitializer,
        dropout: dropout, recurrentDropout: recurrentDropout, resetAfter: resetAfter),
      recurrence: Recurrence(
        returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
        stateful: stateful, unroll: unroll, zeroOutputForMask: zeroOutputForMask),
      options: LayerOptions(name, options))
  }
}
