import TensorGraph

/// A recurrent layer with one product per step: `h = activation(xₜ · kernel + h · recurrent_kernel + bias)`.
///
/// `SimpleRNNCell` has its hyperparameters, `RNN` says what becomes of masked steps.
///
/// - Inputs: `[batch, time, features]`, then, if given, h before the first step, `[batch, units]`
/// - Outputs: h of the last step, `[batch, units]`, or of all steps, `[batch, time, units]`; then,
///   with `returnState`, the last h
/// - Weights: `kernel` `[features, units]`, `recurrent_kernel` `[units, units]`, `bias` `[units]`
/// - State: `rnn_state` `[batch, units]`, if stateful
public final class SimpleRNN: CellLayer {
  public let cell: SimpleRNNCell
  public let recurrence: Recurrence
  public let options: LayerOptions

  public static let example = SimpleRNN(1)

  /// Creates a layer of its parts.
  public init(cell: SimpleRNNCell, recurrence: Recurrence, options: LayerOptions) {
    self.cell = cell
    self.recurrence = recurrence
    self.options = options
  }

  /// Creates a recurrent layer with `units` outputs.
  public convenience init(
    _ units: Int, activation: Activation = .tanh, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal(), biasInitializer: Initializer = .zeros,
    dropout: Double = 0, recurrentDropout: Double = 0, returnSequences: Bool = false,
    returnState: Bool = false, goBackwards: Bool = false, stateful: Bool = false,
    unroll: Bool = false, zeroOutputForMask: Bool = false, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.init(
      cell: SimpleRNNCell(
        units, activation: activation, useBias: useBias, kernelInitializer: kernelInitializer,
        recurrentInitializer: recurrentInitializer, biasInitializer: biasInitializer,
        dropout: dropout, recurrentDropout: recurrentDropout),
      recurrence: Recurrence(
        returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
        stateful: stateful, unroll: unroll, zeroOutputForMask: zeroOutputForMask),
      options: LayerOptions(name, options))
  }
}
