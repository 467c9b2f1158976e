import NeuralNetworks
import TensorGraph
import TestKit
import Testing

@Suite("Recurrent layers")
struct LayersRecurrentTests {
  typealias Weights = [(String, Shape)]

  static func weights(_ features: Int, _ units: Int, gates: Int, in part: String = "") -> Weights {
    [
      (part + "kernel", [features, gates * units]),
      (part + "recurrent_kernel", [units, gates * units]), (part + "bias", [gates * units]),
    ]
  }

  @Test("SimpleRNN, LSTM and GRU", arguments: [false, true])
  func basic(unroll: Bool) throws {
    let rnn = Self.weights(3, 4, gates: 1), lstm = Self.weights(3, 2, gates: 4)
    try checkLayer(
      SimpleRNN(4, dropout: 0.2, recurrentDropout: 0.2, unroll: unroll), input: [2, 5, 3],
      output: [2, 4], weights: rnn, mask: .consumed)
    try checkLayer(
      LSTM(2, dropout: 0.2, returnSequences: true, unroll: unroll), input: [2, 5, 3],
      output: [2, 5, 2], weights: lstm, mask: .passed)
    try checkLayer(
      LSTM(2, recurrentDropout: 0.2, returnState: true, goBackwards: true, unroll: unroll),
      input: [2, 5, 3], output: [2, 2], weights: lstm, mask: .consumed)
    try checkLayer(
      GRU(2, returnSequences: true, unroll: unroll), input: [2, 5, 3], output: [2, 5, 2],
      weights: [("kernel", [3, 6]), ("recurrent_kernel", [2, 6]), ("bias", [2, 6])], mask: .passed)
    try checkLayer(
      GRU(2, dropout: 0.1, recurrentDropout: 0.2, unroll: unroll, resetAfter: false),
      input: [2, 5, 3], output: [2, 2], weights: Self.weights(3, 2, gates: 3), mask: .consumed)
    try checkLayer(
      LSTM(2, stateful: true, unroll: unroll), input: [2, 5, 3], output: [2, 2],
      weights: [("rnn_state", [2, 2]), ("rnn_state_1", [2, 2])] + lstm,
      states: ["rnn_state", "rnn_state_1"], changesStateInInference: true)
    try checkLayer(
      SimpleRNN(4, unroll: unroll),
      inputs: [TensorType(.float32, [2, 5, 3]), TensorType(.float32, [2, 4])], output: [2, 4],
      weights: rnn)
  }

  @Test("Cells")
  func cells() throws {
    func types(_ states: Int, _ units: Int) -> [TensorType] {
      [TensorType(.float32, [2, 3])]
        + (0..<states).map { _ in TensorType(.float32, [2, units]) }
    }
    try checkLayer(
      SimpleRNNCell(4, dropout: 0.3), inputs: types(1, 4), output: [2, 4],
      weights: Self.weights(3, 4, gates: 1))
    try checkLayer(
      LSTMCell(2, recurrentDropout: 0.3), inputs: types(2, 2), output: [2, 2],
      weights: Self.weights(3, 2, gates: 4))
    try checkLayer(
      GRUCell(2, dropout: 0.2, recurrentDropout: 0.2, resetAfter: false), inputs: types(1, 2),
      output: [2, 2], weights: Self.weights(3, 2, gates: 3))
    try checkLayer(
      StackedRNNCells([SimpleRNNCell(2), SimpleRNNCell(2)]), inputs: types(2, 2), output: [2, 2],
      weights: Self.weights(3, 2, gates: 1, in: "cells_0/")
        + Self.weights(2, 2, gates: 1, in: "cells_1/"))
    try checkLayer(
      ConvLSTMCell<1>(2, kernelSize: 3, padding: .same, dropout: 0.2),
      inputs: [TensorType(.float32, [2, 4, 1])] + (0..<2).map { _ in .init(.float32, [2, 4, 2]) },
      output: [2, 4, 2],
      weights: [("kernel", [3, 1, 8]), ("recurrent_kernel", [3, 2, 8]), ("bias", [8])])
  }

  @Test("RNN of any cell", arguments: [false, true])
  func loops(unroll: Bool) throws {
    try checkLayer(
      RNN(LSTMCell(2, dropout: 0.2), returnSequences: true, unroll: unroll), input: [2, 4, 3],
      output: [2, 4, 2], weights: Self.weights(3, 2, gates: 4, in: "cell/"), mask: .passed)
    try checkLayer(
      RNN(
        StackedRNNCells([LSTMCell(2), SimpleRNNCell(3, recurrentDropout: 0.2)]), returnState: true,
        stateful: true, unroll: unroll),
      input: [2, 4, 3], output: [2, 3],
      weights: [("rnn_state", [2, 2]), ("rnn_state_1", [2, 2]), ("rnn_state_2", [2, 3])]
        + Self.weights(3, 2, gates: 4, in: "cell/cells_0/")
        + Self.weights(2, 3, gates: 1, in: "cell/cells_1/"),
      states: ["rnn_state", "rnn_state_1", "rnn_state_2"], mask: .consumed,
      changesStateInInference: true)
  }

  @Test("ConvLSTM")
  func convolutional() throws {
    let weights: Weights = [
      ("kernel", [2, 2, 1, 8]), ("recurrent_kernel", [2, 2, 2, 8]), ("bias", [8]),
    ]
    try checkLayer(
      ConvLSTM2D(2, kernelSize: 2, dropout: 0.2, recurrentDropout: 0.2, returnSequences: true),
      input: [1, 3, 3, 4, 1], output: [1, 3, 2, 3, 2], weights: weights, mask: .passed)
    try checkLayer(
      ConvLSTM2D(2, kernelSize: 2, padding: .same, options: [.dataFormat(.channelsFirst)]),
      input: [1, 2, 1, 3, 2], output: [1, 2, 3, 2], weights: weights, mask: .consumed)
    try checkLayer(
      ConvLSTM1D(2, kernelSize: 3, strides: 2, useBias: false), input: [1, 2, 7, 1],
      output: [1, 3, 2], weights: [("kernel", [3, 1, 8]), ("recurrent_kernel", [3, 2, 8])])
    try checkLayer(
      ConvLSTM3D(1, kernelSize: 2, padding: .same, stateful: true), input: [1, 2, 2, 2, 2, 1],
      output: [1, 2, 2, 2, 1],
      weights: [("rnn_state", [1, 2, 2, 2, 1]), ("rnn_state_1", [1, 2, 2, 2, 1])] + [
        ("kernel", [2, 2, 2, 1, 4]), ("recurrent_kernel", [2, 2, 2, 1, 4]), ("bias", [4]),
      ], states: ["rnn_state", "rnn_state_1"], changesStateInInference: true)
  }

  @Test("Bidirectional")
  func bidirectional() throws {
    func both(_ name: String, _ part: String = "") -> Weights {
      ["forward", "backward"].flatMap { direction -> Weights in
        let place = "\(direction)_\(name)/\(part)"
        return [
          (place + "kernel", [3, 6]), (place + "recurrent_kernel", [2, 6]),
          (place + "bias", [2, 6]),
        ]
      }
    }
    try checkLayer(
      Bidirectional(GRU(2, returnSequences: true)), input: [2, 5, 3], output: [2, 5, 4],
      weights: both("gru"), mask: .passed)
    try checkLayer(
      Bidirectional(GRU(2, dropout: 0.2), mergeMode: nil), input: [2, 5, 3], output: [2, 2],
      weights: both("gru"), mask: .consumed)
    // One cell for both directions is two sets of weights, deep in the layer too.
    try checkLayer(
      Bidirectional(RNN(GRUCell(2), returnSequences: true)), input: [2, 5, 3], output: [2, 5, 4],
      weights: both("rnn", "cell/"), mask: .passed)
    #expect(throws: GraphError.self) {
      try LayerTrace(
        Bidirectional(GRU(2), backwardLayer: GRU(2)), [TensorType(.float32, [2, 5, 3])])
    }
  }

  @Test("TimeDistributed")
  func timeDistributed() throws {
    try checkLayer(
      TimeDistributed(Dense(4)), input: [2, 5, 3], output: [2, 5, 4],
      weights: [("layer/kernel", [3, 4]), ("layer/bias", [4])], mask: .passed)
    try checkLayer(
      TimeDistributed(Conv2D(2, kernelSize: 2)), input: [2, 3, 3, 4, 1], output: [2, 3, 2, 3, 2],
      weights: [("layer/kernel", [2, 2, 1, 2]), ("layer/bias", [2])], mask: .passed)
    try checkLayer(
      TimeDistributed(Dropout(0.5)), input: [2, 5, 3], output: [2, 5, 3], mask: .passed)
    try checkLayer(
      TimeDistributed(LSTM(2)), input: [2, 3, 4, 3], output: [2, 3, 2],
      weights: Self.weights(3, 2, gates: 4, in: "layer/"), mask: .passed)
    try checkLayer(
      TimeDistributed(BatchNormalization()), input: [3, 2, 3], output: [3, 2, 3],
      weights: ["gamma", "beta", "moving_mean", "moving_variance"].map { ("layer/\($0)", [3]) },
      states: ["layer/moving_mean", "layer/moving_variance"], mask: .passed)
  }

  @Test("A mask of words makes a mask of sentences")
  func deepMask() throws {
    // [batch, sentences, words, features] with a mask of the words.
    let words = TensorType(.float32, [2, 3, 4, 5])
    let inner = try LayerTrace(
      TimeDistributed(LSTM(2)), [words], masks: [0: [2, 3, 4]])
    #expect(inner.graph.type(inner.graph.outputs[1]) == TensorType(.bool, [2, 3]))
    let tokens = try LayerTrace(
      TimeDistributed(Embedding(9, 5, maskZero: true)), [TensorType(.int32, [2, 3, 4])])
    #expect(tokens.graph.type(tokens.graph.outputs[1]) == TensorType(.bool, [2, 3, 4]))
    let features = try LayerTrace(
      LSTM(2, returnSequences: true), [TensorType(.float32, [2, 3, 5])], masks: [0: [2, 3, 5]])
    #expect(features.graph.type(features.graph.outputs[1]) == TensorType(.bool, [2, 3]))
  }
}
