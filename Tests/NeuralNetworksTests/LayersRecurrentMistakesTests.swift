import NeuralNetworks
import TensorGraph
import TestKit
import Testing

@Suite("Mistakes in recurrent layers are errors")
struct LayersRecurrentMistakesTests {
  /// A layer, the shapes of its inputs, and what the message has to say.
  typealias Mistake = (layer: any Layer, inputs: [Shape], says: String)

  static let mistakes: [Mistake] = [
    (LSTM(4), [[2, 3]], "LSTM expects [batch, time, features]"),
    (LSTM(4), [[2, 3, 4, 5]], "LSTM expects [batch, time, features]"),
    (LSTM(4), [[2, 0, 4]], "LSTM expects [batch, time, features]"),
    (LSTM(.max), [[2, 5, 3]], "LSTM needs units above 0"),
    (LSTM(1 << 28), [[2, 5, 3]], "cannot have the shape"),
    (GRU(0), [[2, 5, 3]], "GRU needs units above 0"),
    (SimpleRNN(-1), [[2, 5, 3]], "SimpleRNN needs units above 0"),
    (SimpleRNN(4, dropout: 2), [[2, 5, 3]], "dropouts from 0 to 1"),
    (GRU(4, recurrentDropout: .nan), [[2, 5, 3]], "dropouts from 0 to 1"),
    (LSTM(4), [[2, 5, 3], [2, 4]], "LSTM takes 2 states of shapes [2, 4], [2, 4], not 1 state"),
    (LSTM(4), [[2, 5, 3], [2, 4], [2, 5]], "not 2 states of shapes [2, 4], [2, 5]"),
    (GRU(4), [[2, 5, 3], [3, 4]], "GRU takes 1 state of shape [2, 4]"),
    (LSTM(4, unroll: true), [[1, 5000, 1]], "5000 steps are too many to be written out"),
    (RNN(LSTMCell(4)), [[2, 3]], "RNN expects [batch, time, features]"),
    (RNN(LSTMCell(0)), [[2, 5, 3]], "RNN needs units above 0"),
    (RNN(StackedRNNCells([])), [[2, 5, 3]], "RNN needs at least one cell"),
    (
      RNN(StackedRNNCells([GRUCell(2), LSTMCell(.max)])), [[2, 5, 3]],
      "RNN has a LSTMCell that needs units above 0"
    ),
    (RNN(Endless()), [[2, 5, 3]], "RNN needs states of sizes above 0, not [0]"),
    (RNN(Endless(size: .max)), [[2, 5, 3]], "states of sizes above 0"),
    (RNN(Growing()), [[2, 5, 3]], "a step makes"),
    (RNN(Growing(), unroll: true), [[2, 5, 3]], "a step makes"),
    (RNN(Normalizing()), [[2, 5, 3]], "moving_mean cannot change within a loop"),
    (
      RNN(GRUCell(2, options: [.activityRegularizer(.l2(0.1))])), [[2, 5, 3]],
      "has no activity of its own"
    ),
    (LSTMCell(4), [[2, 3]], "LSTMCell takes 2 states of shapes [2, 4], [2, 4], not no states"),
    (LSTMCell(4), [[2, 5, 3], [2, 4], [2, 4]], "LSTMCell expects [batch, features]"),
    (GRUCell(.max), [[2, 3], [2, 4]], "GRUCell needs units above 0"),
    (ConvLSTM2D(4, kernelSize: 3), [[2, 5, 6, 3]], "expects [batch, time, height, width"),
    (ConvLSTM2D(4, kernelSize: 0), [[2, 3, 6, 6, 1]], "kernel_size must be positive"),
    (ConvLSTM2D(4, kernelSize: 3, strides: .init(.max)), [[2, 3, 6, 6, 1]], "at most 65536"),
    (ConvLSTM1D(4, kernelSize: 3, strides: 2, dilationRate: 2), [[2, 3, 6, 1]], "both strides"),
    (ConvLSTM1D(4, kernelSize: 7), [[2, 3, 6, 1]], "does not fit into [6]"),
    (ConvLSTM1D(4, kernelSize: 3, padding: .causal), [[2, 3, 6, 1]], "no causal padding"),
    (ConvLSTM3D(.max, kernelSize: 2), [[2, 3, 3, 3, 3, 1]], "needs filters above 0"),
    (ConvLSTM1D(4, kernelSize: 3, recurrentDropout: -1), [[2, 3, 6, 1]], "dropouts from 0 to 1"),
    (Bidirectional(LSTM(2)), [[2, 3]], "LSTM expects [batch, time, features]"),
    (Bidirectional(LSTM(2)), [[2, 5, 3], [2, 2]], "states for both directions, not 1"),
    (
      Bidirectional(LSTM(2), backwardLayer: LSTM(2, returnState: true, goBackwards: true)),
      [[2, 5, 3]], "agree in returnSequences"
    ),
    (TimeDistributed(Dense(2)), [[2, 3]], "TimeDistributed expects [batch, time, …]"),
    (TimeDistributed(Dense(0)), [[2, 5, 3]], "at least 1 unit"),
    (TimeDistributed(Summing()), [[2, 5, 3]], "keeps the samples apart"),
  ]

  @Test(
    "Hyperparameters and inputs that do not fit",
    arguments: LayersRecurrentMistakesTests.mistakes.indices)
  func mistake(_ index: Int) throws {
    let mistake = LayersRecurrentMistakesTests.mistakes[index]
    let error = #expect(throws: GraphError.self) {
      try LayerTrace(mistake.layer, mistake.inputs.map { TensorType(.float32, $0) })
    }
    #expect(
      error?.message.contains(mistake.says) == true,
      "\(mistake.layer.className): \(error?.message ?? "no error"), expected \(mistake.says)")
  }

  @Test("A layer that changes a state in training is written out only so far")
  func longSteps() throws {
    let error = #expect(throws: GraphError.self) {
      try LayerTrace(
        TimeDistributed(BatchNormalization()), [TensorType(.float32, [2, 2000, 3])],
        isTraining: true)
    }
    #expect(error?.message.contains("up to 1024 steps") == true)
    _ = try LayerTrace(TimeDistributed(BatchNormalization()), [.init(.float32, [2, 2000, 3])])
  }

  @Test("A message says where the layer stands, inside a loop too")
  func place() throws {
    let error = #expect(throws: GraphError.self) {
      try LayerTrace(RNN(Failing(), name: "outer"), [TensorType(.float32, [2, 5, 3])])
    }
    #expect(error?.path == ["outer", "cell", "dense"])
    #expect(error?.message.contains("at least 1 unit") == true)
  }
}

/// A cell whose state has no size, or none that can be.
private final class Endless: RNNCell {
  let size: Int
  init(size: Int = 0) { self.size = size }
  var stateSizes: [Int] { [size] }
  func step(
    _ x: Symbol, _ states: [Symbol], _ context: LayerContext
  ) -> (output: Symbol, states: [Symbol]) { (x, states) }
}

/// A cell whose state grows.
private final class Growing: RNNCell {
  var stateSizes: [Int] { [3] }
  func step(
    _ x: Symbol, _ states: [Symbol], _ context: LayerContext
  ) -> (output: Symbol, states: [Symbol]) { (x, [concatenate([x, states[0]], axis: -1)]) }
}

/// A cell with a layer that changes a state in training, and always here.
private final class Normalizing: RNNCell {
  var stateSizes: [Int] { [3] }
  func step(
    _ x: Symbol, _ states: [Symbol], _ context: LayerContext
  ) -> (output: Symbol, states: [Symbol]) {
    let mean = context.state("moving_mean", [3], .zeros)
    context.update("moving_mean", to: mean + x.mean(axes: [0]))
    return (x, states)
  }
}

/// A cell with a layer that cannot be.
private final class Failing: RNNCell {
  let dense = Dense(0)
  var stateSizes: [Int] { [3] }
  func step(
    _ x: Symbol, _ states: [Symbol], _ context: LayerContext
  ) -> (output: Symbol, states: [Symbol]) { (dense(x), states) }
}

/// A layer that sums over the samples.
private final class Summing: Layer {
  func call(_ x: Symbol, _ context: LayerContext) -> Symbol { x.sum(axes: [0]) }
}
