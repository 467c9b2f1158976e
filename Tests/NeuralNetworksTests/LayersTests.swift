import Foundation
import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("Layers are good citizens")
struct LayersTests {
  @Test("Dense, Identity, Masking, Embedding, Rescaling")
  func core() throws {
    try checkLayer(
      Dense(4, activation: .tanh), input: [2, 5, 3], output: [2, 5, 4],
      weights: [("kernel", [3, 4]), ("bias", [4])], mask: .passed)
    try checkLayer(
      Dense(4, useBias: false), input: [2, 3], output: [2, 4], weights: [("kernel", [3, 4])])
    try checkLayer(Identity(), input: [2, 5, 3], output: [2, 5, 3], mask: .passed)
    try checkLayer(Masking(maskValue: -1), input: [2, 5, 3], output: [2, 5, 3], mask: .passed)
    try checkLayer(
      Embedding(7, 3), inputs: [TensorType(.int32, [2, 5])], output: [2, 5, 3],
      weights: [("embeddings", [7, 3])], mask: .passed)
    try checkLayer(
      Embedding(7, 3, maskZero: true), inputs: [TensorType(.int64, [2, 5])], output: [2, 5, 3],
      weights: [("embeddings", [7, 3])])
    try checkLayer(
      Rescaling(1 / 255.0, offset: -1), input: [2, 5, 3], output: [2, 5, 3], mask: .passed)
    try checkLayer(
      Rescaling([1, 2, 3], offset: [0, 1, 2]), inputs: [TensorType(.uint8, [2, 4, 4, 3])],
      output: [2, 4, 4, 3])
  }

  @Test("Activations")
  func activations() throws {
    let layers: [any NamedLayer] = [
      ActivationLayer(.silu), ReLU(maxValue: 1.2, negativeSlope: 0.1, threshold: 0.5),
      LeakyReLU(), ELU(alpha: 0.5), Softmax(), Softmax(axis: [1, 2]), Dropout(0.3),
      Dropout(0.3, noiseShape: [nil, 1, nil]),
    ]
    for layer in layers {
      try checkLayer(layer, input: [2, 5, 3], output: [2, 5, 3], mask: .passed)
    }
    try checkLayer(
      PReLU(sharedAxes: [1]), input: [2, 5, 3], output: [2, 5, 3], weights: [("alpha", [1, 3])],
      mask: .passed)
  }

  @Test("Reshaping")
  func reshaping() throws {
    try checkLayer(Flatten(), input: [2, 5, 3], output: [2, 15], mask: .refused)
    try checkLayer(Reshape([5, -1, 3]), input: [2, 5, 6], output: [2, 5, 2, 3], mask: .passed)
    try checkLayer(Reshape([-1]), input: [2, 5, 6], output: [2, 30], mask: .refused)
    try checkLayer(Permute([2, 1]), input: [2, 5, 3], output: [2, 3, 5], mask: .refused)
    try checkLayer(Permute([1, 3, 2]), input: [2, 5, 3, 4], output: [2, 5, 4, 3], mask: .passed)
    try checkLayer(RepeatVector(3), input: [2, 5], output: [2, 3, 5], mask: .refused)
    try checkLayer(
      ZeroPadding2D([[1, 0], [2, 1]]), input: [2, 3, 4, 2], output: [2, 4, 7, 2], mask: .refused)
    try checkLayer(
      UpSampling2D([2, 3]), input: [2, 3, 4, 2], output: [2, 6, 12, 2], mask: .refused)
  }

  @Test("Convolutions")
  func convolutions() throws {
    try checkLayer(
      Conv1D(4, kernelSize: 3, strides: 2, padding: .causal), input: [2, 7, 3],
      output: [2, 4, 4], weights: [("kernel", [3, 3, 4]), ("bias", [4])], mask: .reshaped([2, 4]))
    try checkLayer(
      Conv1D(4, kernelSize: 2, dilationRate: 3), input: [2, 7, 3], output: [2, 4, 4],
      weights: [("kernel", [2, 3, 4]), ("bias", [4])], mask: .reshaped([2, 4]))
    try checkLayer(
      Conv2D(4, kernelSize: [3, 2], padding: .same, groups: 2, activation: .sigmoid),
      input: [2, 5, 4, 2], output: [2, 5, 4, 4],
      weights: [("kernel", [3, 2, 1, 4]), ("bias", [4])], mask: .refused)
    try checkLayer(
      Conv3D(2, kernelSize: 2, useBias: false), input: [1, 3, 3, 3, 2], output: [1, 2, 2, 2, 2],
      weights: [("kernel", [2, 2, 2, 2, 2])], mask: .refused)
  }

  @Test("Poolings")
  func poolings() throws {
    let one: [any NamedLayer] = [MaxPooling1D(2), AveragePooling1D(2)]
    for layer in one {
      try checkLayer(layer, input: [2, 5, 3], output: [2, 2, 3], mask: .reshaped([2, 2]))
    }
    let two: [any NamedLayer] = [
      MaxPooling2D([2, 3], strides: 2, padding: .same),
      AveragePooling2D([2, 3], strides: 2, padding: .same),
    ]
    for layer in two {
      try checkLayer(layer, input: [2, 5, 4, 3], output: [2, 3, 2, 3], mask: .refused)
    }
    let three: [any NamedLayer] = [MaxPooling3D(), AveragePooling3D()]
    for layer in three {
      try checkLayer(layer, input: [1, 4, 2, 2, 2], output: [1, 2, 1, 1, 2], mask: .refused)
    }
    try checkLayer(GlobalAveragePooling1D(), input: [2, 5, 3], output: [2, 3], mask: .consumed)
    try checkLayer(
      GlobalMaxPooling1D(keepdims: true), input: [2, 5, 3], output: [2, 1, 3], mask: .refused)
    for layer in [GlobalAveragePooling2D(), GlobalMaxPooling2D()] as [any NamedLayer] {
      try checkLayer(layer, input: [2, 5, 4, 3], output: [2, 3], mask: .refused)
    }
    for layer in [GlobalAveragePooling3D(), GlobalMaxPooling3D()] as [any NamedLayer] {
      try checkLayer(layer, input: [1, 3, 2, 2, 2], output: [1, 2], mask: .refused)
    }
  }

  @Test("Normalizations")
  func normalizations() throws {
    let weights: [(String, Shape)] = [
      ("gamma", [3]), ("beta", [3]), ("moving_mean", [3]), ("moving_variance", [3]),
    ]
    try checkLayer(
      BatchNormalization(), input: [2, 5, 3], output: [2, 5, 3], weights: weights,
      states: ["moving_mean", "moving_variance"], mask: .passed)
    try checkLayer(
      BatchNormalization(axis: 1, center: false), input: [2, 3, 5], output: [2, 3, 5],
      weights: weights.filter { $0.0 != "beta" }, states: ["moving_mean", "moving_variance"],
      mask: .refused)
    try checkLayer(
      LayerNormalization(), input: [2, 5, 3], output: [2, 5, 3],
      weights: [("gamma", [3]), ("beta", [3])], mask: .passed)
    try checkLayer(
      LayerNormalization(axis: [1, 3], scale: false), input: [2, 5, 2, 3], output: [2, 5, 2, 3],
      weights: [("beta", [5, 3])])
  }

  @Test("Recurrent layers", arguments: [false, true])
  func recurrent(unroll: Bool) throws {
    let rnn: [(String, Shape)] = [
      ("kernel", [3, 4]), ("recurrent_kernel", [4, 4]), ("bias", [4]),
    ]
    let lstm: [(String, Shape)] = [
      ("kernel", [3, 8]), ("recurrent_kernel", [2, 8]), ("bias", [8]),
    ]
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
      input: [2, 5, 3], output: [2, 2],
      weights: [("kernel", [3, 6]), ("recurrent_kernel", [2, 6]), ("bias", [6])], mask: .consumed)
    try checkLayer(
      LSTM(2, stateful: true, unroll: unroll), input: [2, 5, 3], output: [2, 2],
      weights: lstm + [("rnn_state", [2, 2]), ("rnn_state_1", [2, 2])],
      states: ["rnn_state", "rnn_state_1"], changesStateInInference: true)
    let state = TensorType(.float32, [2, 4])
    try checkLayer(
      SimpleRNN(4, unroll: unroll), inputs: [TensorType(.float32, [2, 5, 3]), state],
      output: [2, 4], weights: rnn)
  }

  @Test("Bidirectional")
  func bidirectional() throws {
    func weights(_ direction: String) -> [(String, Shape)] {
      [
        ("\(direction)_gru/kernel", [3, 6]), ("\(direction)_gru/recurrent_kernel", [2, 6]),
        ("\(direction)_gru/bias", [2, 6]),
      ]
    }
    let all = weights("forward") + weights("backward")
    try checkLayer(
      Bidirectional(GRU(2, returnSequences: true)), input: [2, 5, 3], output: [2, 5, 4],
      weights: all, mask: .passed)
    try checkLayer(
      Bidirectional(GRU(2, dropout: 0.2), mergeMode: nil), input: [2, 5, 3], output: [2, 2],
      weights: all, mask: .consumed)
    #expect(throws: GraphError.self) {
      try LayerTrace(
        Bidirectional(GRU(2), backwardLayer: GRU(2)), [TensorType(.float32, [2, 5, 3])])
    }
  }

  @Test("MultiHeadAttention")
  func attention() throws {
    let query = TensorType(.float32, [2, 4, 6]), value = TensorType(.float32, [2, 5, 6])
    func projection(_ name: String, _ dim: Int) -> [(String, Shape)] {
      [("\(name)/kernel", [6, 2, dim]), ("\(name)/bias", [2, dim])]
    }
    let weights: [(String, Shape)] =
      projection("query", 3) + projection("key", 3) + projection("value", 4) + [
        ("attention_output/kernel", [2, 4, 6]), ("attention_output/bias", [6]),
      ]
    for dropout in [0, 0.3] {
      try checkLayer(
        MultiHeadAttention(numHeads: 2, keyDim: 3, valueDim: 4, dropout: dropout),
        inputs: [query, value, value], output: [2, 4, 6], weights: weights, mask: .passed)
    }
  }

  @Test("Merging layers")
  func merging() throws {
    let x = TensorType(.float32, [2, 5, 3])
    for layer in [Add(), Average(), Maximum(), Minimum(), Multiply(), Subtract()]
      as [any NamedLayer]
    {
      try checkLayer(layer, inputs: [x, x], output: [2, 5, 3], mask: .consumed)
    }
    try checkLayer(Concatenate(), inputs: [x, x, x], output: [2, 5, 9], mask: .passed)
    try checkLayer(
      Concatenate(axis: 1), inputs: [x, x], output: [2, 10, 3], mask: .reshaped([2, 10]))
    try checkLayer(
      Dot(axes: [2, 1], normalize: true), inputs: [x, TensorType(.float32, [2, 3, 4])],
      output: [2, 5, 4], mask: .refused)
    try checkLayer(
      Dot(axes: 1), inputs: [TensorType(.float32, [2, 3]), TensorType(.float32, [2, 3])],
      output: [2, 1])
    let both = try LayerTrace(Add(), [x, x], masks: [0: [2, 5], 1: [2, 5]])
    #expect(both.isMasked == [true])
  }

  @Test("A step of a window's output counts if one that it sees does")
  func windowMasks() throws {
    let layers: [(any NamedLayer, [Double])] = [
      (MaxPooling1D(2), [1, 0, 1]),
      (AveragePooling1D(2, strides: 3), [1, 0]),
      (MaxPooling1D(3, strides: 2, padding: .same), [1, 0, 1]),
      (Conv1D(1, kernelSize: 2, dilationRate: 4), [1, 1]),
      (Conv1D(1, kernelSize: 3, padding: .causal), [1, 1, 1, 0, 0, 1]),
      (Conv1D(1, kernelSize: 3, padding: .same), [1, 1, 0, 0, 1, 1]),
    ]
    for (layer, expected) in layers {
      let trace = try LayerTrace(layer, [TensorType(.float32, [1, 6, 1])], masks: [0: [1, 6]])
      let values = trace.graph.inputs.dropFirst(2) + trace.graph.variables
      let results = ReferenceEngine.evaluate(
        trace.graph,
        [
          ReferenceTensor([1, 6, 1], repeating: 1),
          ReferenceTensor([1, 6], [1, 0, 0, 0, 0, 1]),
        ] + values.map { ReferenceTensor(trace.graph.type($0).shape, repeating: 1) })
      #expect(trace.results(results).masks[0]?.numbers == expected, "\(layer.className)")
    }
  }

  @Test("Every file of a layer has its layer in the registry, and every layer a file")
  func registry() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/NeuralNetworks/Layers")
    // What several layers share is no layer.
    let shared: Set<String> = [
      "ConvolutionLayer", "PoolingLayer", "RecurrentLayer", "MergingLayer",
    ]
    var files: Set<String> = []
    for group in try FileManager.default.contentsOfDirectory(atPath: folder.path()) {
      let path = folder.appending(path: group).path()
      guard !group.hasSuffix(".swift") else { continue }
      for file in try FileManager.default.contentsOfDirectory(atPath: path) {
        files.insert(String(file.dropLast(".swift".count)))
      }
    }
    let registered = Set(LayerRegistry.all.map { String(describing: $0) })
    #expect(files.subtracting(shared) == registered)
  }
}
