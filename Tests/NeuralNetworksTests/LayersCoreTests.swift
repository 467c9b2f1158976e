import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("Core layers")
struct LayersCoreTests {
  @Test("EinsumDense and ReversibleEmbedding are good citizens")
  func citizens() throws {
    try checkLayer(
      EinsumDense("abc,cde->abde", outputShape: [nil, 2, 3], activation: .tanh, biasAxes: "e"),
      input: [2, 5, 4], output: [2, 5, 2, 3], weights: [("kernel", [4, 2, 3]), ("bias", [3])],
      mask: .passed)
    try checkLayer(
      EinsumDense("...x,xy->...y", outputShape: [3], biasAxes: "y"), input: [2, 5, 4],
      output: [2, 5, 3], weights: [("kernel", [4, 3]), ("bias", [3])], mask: .passed)
    try checkLayer(
      EinsumDense("abc,bd->adc", outputShape: [3, nil]), input: [2, 5, 4], output: [2, 3, 4],
      weights: [("kernel", [5, 3])], mask: .refused)
    try checkLayer(
      EinsumDense("ab...,bc->ac...", outputShape: [3], biasAxes: "c"), input: [2, 5, 4],
      output: [2, 3, 4], weights: [("kernel", [5, 3]), ("bias", [3, 1])], mask: .refused)
    try checkLayer(
      ReversibleEmbedding(7, 3, tieWeights: false, maskZero: true),
      inputs: [TensorType(.int32, [2, 5])], output: [2, 5, 3],
      weights: [("embeddings", [7, 3]), ("reverse_embeddings", [3, 7])])
    try checkLayer(
      Dense(4), input: [2, 3, 1, 5], output: [2, 3, 1, 4],
      weights: [("kernel", [5, 4]), ("bias", [4])], mask: .passed)
  }

  @Test("What does not fit is reported")
  func mistakes() throws {
    func einsum(
      _ equation: String, _ shape: OneOrMany<Int?> = [4], bias: String? = nil
    ) -> any NamedLayer {
      EinsumDense(equation, outputShape: shape, biasAxes: bias)
    }
    let x = TensorType(.float32, [2, 3, 5]), matrix = TensorType(.float32, [2, 5])
    let form = "input,kernel->output"
    let mistakes: [(any NamedLayer, TensorType, String)] = [
      (einsum(""), matrix, form), (einsum("ab,bc"), matrix, form),
      (einsum("ab->ac"), matrix, form), (einsum("ab,bc,cd->ad"), matrix, form),
      (einsum("ab,bc->ac->ad"), matrix, form), (einsum("aab,bc->ac"), x, form),
      (einsum("a1,1c->ac"), matrix, form), (einsum("aé,éc->ac"), matrix, form),
      (einsum("...b,bc->ac"), matrix, form), (einsum("a...b,bc->a...c"), x, form),
      (einsum("ab,...c->ac"), matrix, form), (einsum(",->"), matrix, form),
      (einsum("ab,bc->ac"), x, "the input has 3 axes"),
      (einsum("abcd,de->abce", [nil, nil, 4]), x, "the input has 3 axes"),
      (einsum("...abc,cd->...abd", [nil, nil, 4]), x, "the input has 3 axes"),
      (einsum("ab,bc->ac", [3, 4]), matrix, "2 sizes for 1 axes"),
      (einsum("ab,bc->ac", []), matrix, "0 sizes for 1 axes"),
      (einsum("abc,cd->abd", [4, 6]), x, "'b' is 3 in the input and 4 in the output"),
      (einsum("ab,bc->ac", [0]), matrix, "size 0"),
      (einsum("ab,bc->ac", [.max]), matrix, "size 9223372036854775807"),
      (einsum("ab,bc->ad"), matrix, "'d' of the output"),
      (einsum("ab,bd->ab", [5]), matrix, "'d' of the kernel"),
      (einsum("ab,bc->ac", [nil]), matrix, "the size of 'c' is not known"),
      (einsum("ab,bc->ca", [4]), matrix, "first letter"),
      (einsum("ab,bc->ac", bias: "b"), matrix, "bias axes \"b\""),
      (einsum("ab,bc->ac", bias: ""), matrix, "bias axes \"\""),
      (Embedding(3, .max), matrix, "above 0"),
      (ReversibleEmbedding(0, 3), matrix, "above 0"),
      (ReversibleEmbedding(3, 3, reverseDtype: .int32), matrix, "cannot compute in int32"),
      (ReversibleEmbedding(3, 3, logitSoftCap: 0), matrix, "soft cap above 0"),
      (ReversibleEmbedding(3, 3, logitSoftCap: .nan), matrix, "soft cap above 0"),
    ]
    for (layer, input, says) in mistakes {
      let error = #expect(throws: GraphError.self) { try LayerTrace(layer, [input]) }
      let message = error.map { "\($0)" } ?? "no error"
      #expect(message.contains(says), "\(says): \(message)")
    }
    let error = #expect(throws: GraphError.self) {
      try LayerTrace(ReversibleEmbedding(7, 3), [x], arguments: ["reverse": .bool(true)])
    }
    #expect(error?.message.contains("in reverse expects [batch, …, 3]") == true)
  }

  @Test("The kernel of EinsumDense starts by the units that its equation says")
  func fans() throws {
    let trace = try LayerTrace(
      EinsumDense("abc,cde->abde", outputShape: [nil, 8, 16]), [TensorType(.float32, [2, 3, 4])])
    let limit = (6.0 / Double(4 + 8 * 16)).squareRoot()
    #expect(trace.weights[0].initializer == .randomUniform(minval: -limit, maxval: limit))
  }

  @Test("A ReversibleEmbedding has one table for both ways, and passes masks on")
  func reversible() throws {
    let tokens = Input([4], dtype: .int32)
    for tie in [true, false] {
      let words = ReversibleEmbedding(5, 3, tieWeights: tie, maskZero: true, logitSoftCap: 2)
      let model = try Model(
        inputs: tokens, outputs: words.reversed(RMSNormalization()(words(tokens))), seed: 2,
        engine: ReferenceEngine())
      #expect(
        Array(model.weights.keys)
          == ["reversible_embedding/embeddings"]
          + (tie ? [] : ["reversible_embedding/reverse_embeddings"])
          + ["rms_normalization/scale"])
      let y = try model.predict(Tensor([1, 4], [1, 2, 3, 0] as [Int32]))
      #expect(y.shape == [1, 4, 5] && y.numbers.allSatisfy { $0.magnitude < 2 })
      let written = try model.configuration()
      let again = try Model(NetworkConfiguration(written), engine: ReferenceEngine())
      #expect(try again.configuration() == written)
      try again.setWeights(model.weights)
      #expect(try again.predict(Tensor([1, 4], [1, 2, 3, 0] as [Int32])).numbers == y.numbers)
    }
  }

  @Test("A Lambda computes what its function says, and is in no file")
  func lambda() throws {
    let a = Input([2]), b = Input([2])
    let difference = Lambda(name: "difference") { inputs, context in [inputs[0] - inputs[1]] }
    let y = Lambda { x in x * x }(difference.apply(to: [a, b])[0])
    let model = try Model(inputs: [a, b], outputs: [y], engine: ReferenceEngine())
    let x = [Tensor([1, 2], [5, 1] as [Float]), Tensor([1, 2], [2, 3] as [Float])]
    #expect(try model.predict(x)[0].numbers == [9, 4])
    #expect(model.structure.layers.contains { $0.name == "difference" })

    let writing = #expect(throws: ConfigurationError.self) { try model.configuration() }
    #expect(writing?.message == "Lambda is no layer that files can name")
    let reading = #expect(throws: ConfigurationError.self) {
      try LayerRegistry.standard.layer(
        className: "Lambda", config: ["name": "square", "function": [:]])
    }
    #expect(reading?.message.contains("a piece of Python, which cannot be run") == true)
    #expect(throws: GraphError.self) {
      try Model(input: [2], engine: ReferenceEngine()) { Lambda { _, _ in [] } }
    }
  }

  @Test("A Lambda passes the mask on where the output has its axes")
  func lambdaMask() throws {
    let x = TensorType(.float32, [2, 3, 4])
    #expect(try LayerTrace(Lambda { -$0 }, [x], masks: [0: [2, 3]]).isMasked == [true])
    #expect(throws: GraphError.self) {
      try LayerTrace(Lambda { $0.sum(axes: [1]) }, [x], masks: [0: [2, 3]])
    }
    let dropped = Lambda(masking: .consumed) { $0.sum(axes: [1]) }
    #expect(try LayerTrace(dropped, [x], masks: [0: [2, 3]]).isMasked == [false])
  }
}
