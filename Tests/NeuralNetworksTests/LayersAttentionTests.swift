import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("Attention")
struct LayersAttentionTests {
  private let query = TensorType(.float32, [2, 4, 6]), value = TensorType(.float32, [2, 5, 6])

  private func projection(
    _ name: String, _ shape: [Int], features: Int = 6
  ) -> [(String, Shape)] {
    [("\(name)/kernel", Shape([features] + shape)), ("\(name)/bias", Shape(shape))]
  }

  @Test("Layers with heads are good citizens")
  func heads() throws {
    let output: [(String, Shape)] = [
      ("attention_output/kernel", [4, 3, 6]), ("attention_output/bias", [6]),
    ]
    for window in [nil, 2] {
      try checkLayer(
        GroupQueryAttention(
          headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2, slidingWindow: window, useGate: true,
          name: "group"),
        inputs: [query, value, value], output: [2, 4, 6],
        weights: projection("query", [4, 3]) + projection("key", [2, 3])
          + projection("gate", [4, 3]) + projection("value", [2, 3]) + output, mask: .passed)
    }
    try checkLayer(
      GroupQueryAttention(
        headDim: 3, numQueryHeads: 4, numKeyValueHeads: 1, dropout: 0.3, useBias: false),
      inputs: [query, query], output: [2, 4, 6],
      weights: [
        ("query/kernel", [6, 4, 3]), ("key/kernel", [6, 1, 3]), ("value/kernel", [6, 1, 3]),
        ("attention_output/kernel", [4, 3, 6]),
      ], mask: .passed)
    try checkLayer(
      MultiHeadAttention(
        numHeads: 2, keyDim: 3, outputShape: [2, 2], attentionAxes: 2, useGate: true),
      inputs: [TensorType(.float32, [2, 3, 4, 5]), TensorType(.float32, [2, 3, 2, 5])],
      output: [2, 3, 4, 2, 2],
      weights: projection("query", [2, 3], features: 5) + projection("key", [2, 3], features: 5)
        + projection("gate", [2, 3], features: 5) + projection("value", [2, 3], features: 5)
        + [("attention_output/kernel", [2, 3, 2, 2]), ("attention_output/bias", [2, 2])],
      mask: .passed)
  }

  @Test("Layers without heads are good citizens")
  func lists() throws {
    let layers: [(any NamedLayer, [(String, Shape)])] = [
      (Attention(), []), (Attention(useScale: true, dropout: 0.3), [("scale", [])]),
      (Attention(scoreMode: .concat), [("concat_score_weight", [])]),
      (
        Attention(useScale: true, scoreMode: .concat),
        [("scale", []), ("concat_score_weight", [])]
      ),
      (AdditiveAttention(), [("scale", [6])]), (AdditiveAttention(useScale: false), []),
    ]
    for (layer, weights) in layers {
      try checkLayer(
        layer, inputs: [query, TensorType(.float32, [2, 5, 3]), value], output: [2, 4, 3],
        weights: weights, mask: .passed)
    }
  }

  @Test("What does not fit is reported")
  func mistakes() throws {
    let image = TensorType(.float32, [2, 3, 4, 6]), short = TensorType(.float32, [2, 3, 6])
    let narrow = TensorType(.float32, [2, 5, 2]), other = TensorType(.float32, [3, 5, 6])
    func heads(
      _ count: Int = 2, _ dim: Int = 3, dropout: Double = 0, output: OneOrMany<Int>? = nil,
      axes: OneOrMany<Int>? = nil, window: Int? = nil
    ) -> any NamedLayer {
      MultiHeadAttention(
        numHeads: count, keyDim: dim, dropout: dropout, outputShape: output, attentionAxes: axes,
        slidingWindow: window)
    }
    func groups(_ dim: Int, _ heads: Int, _ groups: Int) -> any NamedLayer {
      GroupQueryAttention(headDim: dim, numQueryHeads: heads, numKeyValueHeads: groups)
    }
    let mistakes: [(any NamedLayer, [TensorType], String)] = [
      (heads(0), [query, value], "sizes above 0"),
      (heads(2, .max), [query, value], "sizes above 0"),
      (heads(output: [2, 0]), [query, value], "sizes above 0"),
      (heads(dropout: .nan), [query, value], "dropout from 0 to 1"),
      (heads(window: 0), [query, value], "sliding window of at least 1, not 0"),
      (heads(axes: 2), [query, value], "cannot attend along the axes [2]"),
      (heads(axes: [1, 1]), [query, value], "cannot attend along the axes [1, 1]"),
      (heads(axes: 0), [query, value], "cannot attend along"),
      (heads(axes: -1), [query, value], "cannot attend along"),
      (heads(axes: .init(.min)), [query, value], "cannot attend along"),
      (heads(window: 2), [image, image], "knows no order of 2 axes"),
      (heads(), [query], "query, value and perhaps key"),
      (heads(), [query, image], "query, value and perhaps key"),
      (heads(), [query, value, short], "a key for each value"),
      (heads(), [query, other], "one batch for all"),
      (heads(axes: 2), [image, TensorType(.float32, [2, 5, 4, 6])], "one batch for all"),
      (groups(3, 4, 3), [query, value], "4 heads of size 3 into 3 groups"),
      (groups(3, 4, 0), [query, value], "into 0 groups"),
      (groups(.max, 4, 2), [query, value], "sizes are above 0"),
      (groups(3, 4, 2), [image, image], "[batch, time, features]"),
      (Attention(), [query], "takes query, value and perhaps key"),
      (Attention(), [query, value, value, value], "takes query, value"),
      (Attention(), [query, other], "takes query, value"),
      (Attention(), [query, narrow], "with the features of the query"),
      (Attention(), [query, value, short], "a key for each value"),
      (Attention(dropout: 2), [query, value], "dropout from 0 to 1, not 2.0"),
      (AdditiveAttention(dropout: -0.1), [query, value], "dropout from 0 to 1"),
      (AdditiveAttention(), [TensorType(.float32, [2, 3]), value], "takes query, value"),
    ]
    for (layer, inputs, says) in mistakes {
      let error = #expect(throws: GraphError.self) { try LayerTrace(layer, inputs) }
      let message = error.map { "\($0)" } ?? "no error"
      #expect(message.contains(says), "\(layer.className): \(says): \(message)")
    }
    let error = #expect(throws: GraphError.self) {
      try LayerTrace(
        heads(), [query, value, TensorType(.bool, [2, 4, 4])],
        arguments: ["attention_mask": .input(2)])
    }
    #expect(error?.message.contains("has to broadcast to [2, 1, 4, 5]") == true)
  }

  /// Outputs and gradients for random inputs, with the given masks.
  private func results(
    _ layer: any NamedLayer, _ types: [TensorType], masks: [Int: [Double]],
    arguments: [String: CallArgument] = [:]
  ) throws -> LayerTrace.Results<ReferenceTensor> {
    let trace = try LayerTrace(
      layer, types, masks: masks.mapValues { [2, $0.count / 2] }, arguments: arguments)
    var random = SeededGenerator(seed: 5)
    let values = (trace.graph.inputs + trace.graph.variables).enumerated().map { index, id in
      let type = trace.graph.type(id)
      guard type.dtype == .bool else { return random.tensor(type.shape) }
      let position = masks.keys.sorted()[index - types.count]
      return ReferenceTensor(type.shape, masks[position] ?? [])
    }
    return trace.results(ReferenceEngine.evaluate(trace.graph, values))
  }

  @Test("A sample of padding alone has finite outputs and gradients")
  func padding() throws {
    let layers: [any NamedLayer] = [
      MultiHeadAttention(numHeads: 2, keyDim: 3),
      MultiHeadAttention(numHeads: 2, keyDim: 3, dropout: 0.4, slidingWindow: 1, useGate: true),
      GroupQueryAttention(headDim: 3, numQueryHeads: 2, numKeyValueHeads: 1), Attention(),
      Attention(useScale: true, scoreMode: .concat), AdditiveAttention(),
    ]
    for layer in layers {
      for arguments in [
        [:], ["use_causal_mask": CallArgument.bool(true)],
        ["return_attention_scores": .bool(true)],
      ] {
        let found = try results(
          layer, [query, query],
          masks: [0: [1, 1, 1, 0, 0, 0, 0, 0], 1: [1, 1, 1, 0, 0, 0, 0, 0]],
          arguments: arguments)
        let all =
          found.outputs + found.inputGradients.values + found.weightGradients.values
        #expect(all.allSatisfy { $0.numbers.allSatisfy(\.isFinite) }, "\(layer.className)")
      }
    }
  }

  @Test("The mask of the key counts as that of the value does")
  func keyMask() throws {
    for layer in [Attention(), AdditiveAttention()] as [any NamedLayer] {
      let mask: [Double] = [1, 0, 1, 1, 0, 1, 1, 0, 1, 1]
      let types = [query, value, value]
      let byKey = try results(layer, types, masks: [2: mask]).outputs[0]
      let byValue = try results(layer, types, masks: [1: mask]).outputs[0]
      let free = try results(layer, types, masks: [:]).outputs[0]
      #expect(byKey.numbers == byValue.numbers)
      #expect(byKey.numbers != free.numbers)
    }
  }

  @Test("One group for each head is multi-head attention")
  func groups() throws {
    let many = try results(
      MultiHeadAttention(numHeads: 2, keyDim: 3), [query, value],
      masks: [1: [1, 1, 0, 1, 1, 1, 1, 1, 0, 0]])
    let group = try results(
      GroupQueryAttention(headDim: 3, numQueryHeads: 2, numKeyValueHeads: 2), [query, value],
      masks: [1: [1, 1, 0, 1, 1, 1, 1, 1, 0, 0]])
    #expect(many.outputs[0].numbers == group.outputs[0].numbers)
  }

  @Test("Scores are an output of their own, also of symbolic tensors")
  func scores() throws {
    let x = Input([4, 6]), y = Input([5, 6])
    let layers: [any AttentionLayer] = [
      MultiHeadAttention(numHeads: 2, keyDim: 3), Attention(), AdditiveAttention(),
      GroupQueryAttention(headDim: 3, numQueryHeads: 2, numKeyValueHeads: 1),
    ]
    for layer in layers {
      let (output, scores) = layer.withScores(x, y, useCausalMask: true)
      let model = try Model(inputs: [x, y], outputs: [output, scores], engine: CPUEngine())
      let results = try model.predict([
        Tensor([1, 4, 6], (0..<24).map { Float($0 % 7) / 7 }),
        Tensor([1, 5, 6], (0..<30).map { Float($0 % 5) / 5 }),
      ])
      #expect(results[0].shape == [1, 4, 6])
      #expect(results[1].shape.dims.suffix(2) == [4, 5])
      let rows = results[1].numbers
      for row in stride(from: 0, to: rows.count, by: 5) {
        #expect(abs(rows[row..<row + 5].reduce(0, +) - 1) < 1e-5)
        #expect(rows[row + row / 5 % 4 + 1..<row + 5].allSatisfy { $0 == 0 })
      }
      let written = try model.configuration()
      let again = try Model(NetworkConfiguration(written), engine: CPUEngine())
      #expect(try again.configuration() == written, "\(layer.className)")
    }
  }
}
