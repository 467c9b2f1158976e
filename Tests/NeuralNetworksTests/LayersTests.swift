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
      mask: .passed)
    try checkLayer(
      LayerNormalization(), input: [2, 5, 3], output: [2, 5, 3],
      weights: [("gamma", [3]), ("beta", [3])], mask: .passed)
    try checkLayer(
      LayerNormalization(axis: [1, 3], scale: false), input: [2, 5, 2, 3], output: [2, 5, 2, 3],
      weights: [("beta", [5, 3])])
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

  @Test("Every file of a layer has its layer in the registry, and every layer a file")
  func registry() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/NeuralNetworks/Layers")
    var files: Set<String> = []
    for file in try FileManager.default.subpathsOfDirectory(atPath: folder.path()) {
      let url = folder.appending(path: file)
      guard url.pathExtension == "swift",  // what several layers share is no layer
        try String(contentsOf: url, encoding: .utf8).contains(/public static (let|var) example/)
      else { continue }
      files.insert(url.deletingPathExtension().lastPathComponent)
    }
    files.remove("ConvLSTMCell")  // of one layer only, and in no file of Keras
    // A layer of all ranks is one class, `Conv<2>` in `Conv.swift`.
    let registered = Set(LayerRegistry.all.map { String("\($0)".prefix { $0 != "<" }) })
    #expect(files == registered)
  }
}
