import TensorGraph

/// A long short-term memory: a recurrent layer with a gated cell.
///
///     i, f, g, o = split(xₜ · kernel + h · recurrent_kernel + bias)
///     c = σ(f) · c + σ(i) · activation(g)
///     h = σ(o) · activation(c)
///
/// `LSTMCell` has its hyperparameters, `RNN` says what becomes of masked steps.
///
/// - Inputs: `[batch, time, features]`, then, if given, h and c before the first step,
///   `[batch, units]` each
/// - Outputs: h of the last step, `[batch, units]`, or of all steps, `[batch, time, units]`; then,
///   with `returnState`, the last h and c
/// - Weights: `kernel` `[features, 4 · units]`, `recurrent_kernel` `[units, 4 · units]`, `bias`
///   `[4 · units]`, each with its gates in the order i, f, g, o
/// - State: `rnn_state`, `rnn_state_1` `[batch, units]`, if stateful
/// - Reference: [Hochreiter and Schmidhuber, 1997](https://doi.org/10.1162/neco.1997.9.8.1735)
public final class LSTM: CellLayer {
  public let cell: LSTMCell
  public let recurrence: Recurrence
  public let options: LayerOptions

  public static let example = LSTM(1)

  /// Creates a layer of its parts.
  public init(cell: LSTMCell, recurrence: Recurrence, options: LayerOptions) {
    self.cell = cell
    self.recurrence = recurrence
    self.options = options
  }

  /// Creates an LSTM with `units` cells.
  public convenience init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal(), biasInitializer: Initializer = .zeros,
    unitForgetBias: Bool = true, dropout: Double = 0, recurrentDropout: Double = 0,
    returnSequences: Bool = false, returnState: Bool = false, goBackwards: Bool = false,
    stateful: Bool = false, unroll: Bool = false, zeroOutputForMask: Bool = false,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.init(
      cell: LSTMCell(
        units, activation: activation, recurrentActivation: recurrentActivation,
        useBias: useBias, kernelInitializer: kernelInitializer,
        recurrentInitializer: recurrentInitializer, biasInitializer: biasInitializer,
        unitForgetBias: unitForgetBias, dropout: dropout, recurrentDropout: recurrentDropout),
      recurrence: Recurrence(
        returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
        stateful: stateful, unroll: unroll, zeroOutputForMask: zeroOutputForMask),
      options: LayerOptions(name, options))
  }
}
