import TensorGraph

/// A convolutional LSTM over sequences of rows: a `ConvLSTM` with one spatial axis.
public typealias ConvLSTM1D = ConvLSTM<1>
/// A convolutional LSTM over sequences of images: a `ConvLSTM` with two spatial axes.
///
///     let next = ConvLSTM2D(32, kernelSize: 3, padding: .same, returnSequences: true)
public typealias ConvLSTM2D = ConvLSTM<2>
/// A convolutional LSTM over sequences of volumes: a `ConvLSTM` with three spatial axes.
public typealias ConvLSTM3D = ConvLSTM<3>

/// An LSTM over sequences of images, whose products are convolutions.
///
///     i, f, g, o = split(xₜ ∗ kernel + bias + h ∗ recurrent_kernel)
///     c = σ(f) · c + σ(i) · activation(g)
///     h = σ(o) · activation(c)
///
/// `ConvLSTMCell` has its hyperparameters, `RNN` says what becomes of masked steps.
///
/// - Inputs: `[batch, time, spatial…, channels]`, then, if given, h and c before the first step,
///   `[batch, spatial′…, filters]` each
/// - Outputs: h of the last step, `[batch, spatial′…, filters]`, or of all steps,
///   `[batch, time, spatial′…, filters]`; then, with `returnState`, the last h and c
/// - Weights: `kernel` `[kernelSize…, channels, 4 · filters]`, `recurrent_kernel`
///   `[kernelSize…, filters, 4 · filters]`, `bias` `[4 · filters]`, each with its gates in the order
///   i, f, g, o
/// - State: `rnn_state`, `rnn_state_1` `[batch, spatial′…, filters]`, if stateful
/// - Reference: [Shi et al., 2015](https://arxiv.org/abs/1506.04214)
public final class ConvLSTM<let rank: Int>: CellLayer, DataFormatLayer {
  public let cell: ConvLSTMCell<rank>
  public let recurrence: Recurrence
  public let options: LayerOptions

  public static var example: ConvLSTM { ConvLSTM(1, kernelSize: 1) }
  public static var className: String { "ConvLSTM\(rank)D" }
  public var spatialAxisCount: Int? { rank }

  /// Creates a layer of its parts.
  public init(cell: ConvLSTMCell<rank>, recurrence: Recurrence, options: LayerOptions) {
    self.cell = cell
    self.recurrence = recurrence
    self.options = options
  }

  /// Creates a layer with `filters` output channels.
  public convenience init(
    _ filters: Int, kernelSize: WindowSize<rank>, strides: WindowSize<rank> = 1,
    padding: Padding = .valid, dilationRate: WindowSize<rank> = 1, activation: Activation = .tanh,
    recurrentActivation: Activation = .sigmoid, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal(), biasInitializer: Initializer = .zeros,
    unitForgetBias: Bool = true, dropout: Double = 0, recurrentDropout: Double = 0,
    returnSequences: Bool = false, returnState: Bool = false, goBackwards: Bool = false,
    stateful: Bool = false, unroll: Bool = false, zeroOutputForMask: Bool = false,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.init(
      cell: ConvLSTMCell(
        filters, kernelSize: kernelSize, strides: strides, padding: padding,
        dilationRate: dilationRate, activation: activation,
        recurrentActivation: recurrentActivation, useBias: useBias,
        kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
        biasInitializer: biasInitializer, unitForgetBias: unitForgetBias, dropout: dropout,
        recurrentDropout: recurrentDropout),
      recurrence: Recurrence(
        returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
        stateful: stateful, unroll: unroll, zeroOutputForMask: zeroOutputForMask),
      options: LayerOptions(name, options))
  }
}
