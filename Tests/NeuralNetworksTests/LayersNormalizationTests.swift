import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("Normalizations")
struct LayersNormalizationTests {
  @Test("are good citizens")
  func citizens() throws {
    let scaled: [(String, Shape)] = [("gamma", [4]), ("beta", [4])]
    try checkLayer(
      GroupNormalization(groups: 2), input: [2, 5, 4], output: [2, 5, 4], weights: scaled,
      mask: .refused)
    try checkLayer(
      GroupNormalization(groups: -1, axis: 1, center: false), input: [2, 4, 3],
      output: [2, 4, 3], weights: [("gamma", [4])], mask: .refused)
    try checkLayer(
      LayerNormalization(rmsScaling: true), input: [2, 5, 4], output: [2, 5, 4],
      weights: [("gamma", [4])], mask: .passed)
    try checkLayer(
      LayerNormalization(axis: [1, 2]), input: [2, 5, 4], output: [2, 5, 4],
      weights: [("gamma", [5, 4]), ("beta", [5, 4])], mask: .refused)
    try checkLayer(
      RMSNormalization(), input: [2, 5, 4], output: [2, 5, 4], weights: [("scale", [4])],
      mask: .passed)
    try checkLayer(
      RMSNormalization(axis: [1, 3]), input: [2, 5, 2, 4], output: [2, 5, 2, 4],
      weights: [("scale", [5, 4])], mask: .refused)
    try checkLayer(UnitNormalization(), input: [2, 5, 4], output: [2, 5, 4], mask: .passed)
    try checkLayer(
      UnitNormalization(axis: 1), input: [2, 5, 4], output: [2, 5, 4], mask: .refused)
  }

  @Test("with states of their own are good citizens")
  func states() throws {
    let renorm = ["moving_stddev", "renorm_mean", "renorm_stddev"]
    let moving = ["moving_mean", "moving_variance"]
    try checkLayer(
      BatchNormalization(renorm: true, renormClipping: RenormClipping(rmax: 2, dmax: 1)),
      input: [2, 5, 3], output: [2, 5, 3],
      weights: (["gamma", "beta"] + moving + renorm).map { ($0, [3]) },
      states: ["moving_mean", "moving_stddev", "moving_variance", "renorm_mean", "renorm_stddev"],
      mask: .passed, stopsGradients: true)
    try checkLayer(
      SpectralNormalization(Dense(4), powerIterations: 2), input: [2, 5, 3], output: [2, 5, 4],
      weights: [("vector_u", [1, 4]), ("layer/kernel", [3, 4]), ("layer/bias", [4])],
      states: ["vector_u", "layer/kernel"], mask: .passed, stopsGradients: true)
    try checkLayer(
      SpectralNormalization(Conv1D(2, kernelSize: 2, name: "filter")), input: [2, 5, 3],
      output: [2, 4, 2],
      weights: [("vector_u", [1, 2]), ("filter/kernel", [2, 3, 2]), ("filter/bias", [2])],
      states: ["vector_u", "filter/kernel"], mask: .reshaped([2, 4]), stopsGradients: true)
    try checkLayer(
      SpectralNormalization(Embedding(7, 3, maskZero: true)),
      inputs: [TensorType(.int32, [2, 5])], output: [2, 5, 3],
      weights: [("vector_u", [1, 3]), ("layer/embeddings", [7, 3])],
      states: ["vector_u", "layer/embeddings"], stopsGradients: true)
  }

  @Test("report what does not fit")
  func mistakes() throws {
    let x: Shape = [2, 5, 6]
    let mistakes: [(any NamedLayer, Shape, String)] = [
      (GroupNormalization(groups: 0), x, "0 groups"),
      (GroupNormalization(groups: -2), x, "-2 groups"),
      (GroupNormalization(groups: 4), x, "6 channels into 4 groups"),
      (GroupNormalization(groups: .max), x, "groups of equal size"),
      (GroupNormalization(groups: 2, axis: 3), x, "axis 3"),
      (GroupNormalization(groups: 2, axis: 0), x, "axis 0"),
      (GroupNormalization(groups: 2, epsilon: -1), x, "epsilon of at least 0"),
      (RMSNormalization(axis: 5), x, "cannot normalize along [5]"),
      (RMSNormalization(axis: [1, -2]), x, "cannot normalize along [1, -2]"),
      (RMSNormalization(epsilon: .nan), x, "epsilon of at least 0, not nan"),
      (UnitNormalization(axis: 0), x, "cannot normalize along [0]"),
      (UnitNormalization(axis: []), x, "cannot normalize along []"),
      (LayerNormalization(axis: .init(.max)), x, "cannot normalize along"),
      (LayerNormalization(epsilon: -0.1), x, "epsilon of at least 0"),
      (BatchNormalization(axis: .min), x, "axis"),
      (BatchNormalization(epsilon: -1), x, "epsilon of at least 0"),
      (BatchNormalization(renormClipping: RenormClipping(rmax: 1, rmin: 2)), x, "below rmin"),
      (BatchNormalization(renormClipping: RenormClipping(dmax: -1)), x, "dmax -1.0 is below 0"),
      (
        BatchNormalization(movingVarianceInitializer: .randomUniform(), renorm: true), x,
        "starts as one number"
      ),
      (SpectralNormalization(Dense(2), powerIterations: 0), x, "1 to 1000 power iterations"),
      (SpectralNormalization(Dense(2), powerIterations: .max), x, "1 to 1000 power iterations"),
      (SpectralNormalization(Flatten()), x, "no kernel and no embeddings in Flatten"),
      (SpectralNormalization(Dense(0)), x, "at least 1 unit"),
    ]
    for (layer, shape, says) in mistakes {
      let error = #expect(throws: GraphError.self) {
        try LayerTrace(layer, [TensorType(.float32, shape)])
      }
      #expect(
        error?.message.contains(says) == true,
        "\(layer.className): \(says): \(error?.message ?? "")")
    }
  }

  @Test("read their hyperparameters with a message for what is none")
  func files() throws {
    func layer(_ config: JSONValue) throws -> any NamedLayer {
      try LayerRegistry.standard.layer(className: "BatchNormalization", config: config)
    }
    let read = try layer([
      "renorm": true, "renorm_clipping": ["rmax": 3.0, "dmax": nil], "synchronized": true,
    ])
    let clipping = (read as? BatchNormalization)?.renormClipping
    #expect(clipping == RenormClipping(rmax: 3))
    let error = #expect(throws: ConfigurationError.self) {
      try layer(["renorm": true, "renorm_clipping": ["rmx": 3.0]])
    }
    #expect(error?.message.contains("not rmx") == true)
  }

  @Test("take moments of half types in float32, and keep averages in the type of weights")
  func halfTypes() throws {
    let layers: [any NamedLayer] = [
      BatchNormalization(options: [.dtype(.mixedFloat16)]),
      LayerNormalization(options: [.dtype(.mixedFloat16)]),
      GroupNormalization(groups: 1, options: [.dtype(.mixedFloat16)]),
      RMSNormalization(options: [.dtype(.mixedFloat16)]),
    ]
    for layer in layers {
      let trace = try LayerTrace(layer, [TensorType(.float32, [2, 3])], isTraining: true)
      #expect(trace.outputs == [TensorType(.float16, [2, 3])], "\(layer.className)")
      #expect(trace.weights.allSatisfy { $0.type.dtype == .float32 }, "\(layer.className)")
    }
    // The squares of 300 are beyond float16.
    let model = try Model(input: [2], engine: CPUEngine()) {
      UnitNormalization(options: [.dtype(.float16)])
      RMSNormalization(options: [.dtype(.float16)])
    }
    let y = try model.predict(Tensor([1, 2], [300, 400] as [Float])).numbers
    #expect(abs(y[0] - 0.8485) < 2e-3 && abs(y[1] - 1.1314) < 2e-3, "\(y)")
  }

  @Test("RMSNormalization scales along its own axes, whichever they are")
  func rmsAxes() throws {
    let trace = try LayerTrace(
      RMSNormalization(axis: 1, epsilon: 0), [TensorType(.float32, [1, 2, 3])])
    let y = ReferenceEngine.evaluate(
      trace.forward,
      [ReferenceTensor([1, 2, 3], [3, 3, 3, 4, 4, 4]), ReferenceTensor([2], [1, 10])])[0].numbers
    let rms = 12.5.squareRoot()
    for (a, b) in zip(y, [3, 3, 3, 40, 40, 40].map { $0 / rms }) { #expect(abs(a - b) < 1e-9) }
  }

  @Test("A sample of zeros stays zeros, and has a finite gradient")
  func unitZeros() throws {
    let trace = try LayerTrace(UnitNormalization(), [TensorType(.float32, [1, 2])])
    let results = trace.results(
      ReferenceEngine.evaluate(
        trace.graph, [ReferenceTensor([1, 2], [0, 0]), ReferenceTensor([1, 2], repeating: 1)]))
    #expect(results.outputs[0].numbers == [0, 0])
    #expect(results.inputGradients[0]?.numbers.allSatisfy(\.isFinite) == true)
  }

  @Test("SpectralNormalization keeps the quotient, and the optimizer moves on from it")
  func spectral() throws {
    let model = try Model(input: [2], seed: 1, engine: ReferenceEngine()) {
      SpectralNormalization(
        Dense(2, useBias: false, kernelInitializer: .constant(3)), powerIterations: 3,
        name: "norm")
    }
    let kernel = Tensor([2, 2], [3, 0, 0, 1] as [Float])
    try model.setWeights([
      "norm/layer/kernel": kernel, "norm/vector_u": Tensor([1, 2], [0.5, 0.001] as [Float]),
    ])
    let x = Tensor([1, 2], [1, 1] as [Float])
    #expect(try model.predict(x).numbers == [3, 1])
    try model.compile(optimizer: .sgd(learningRate: 0), loss: .meanSquaredError)
    try model.fit(x, Tensor([1, 2], [0, 0] as [Float]), epochs: 1, verbose: .silent)
    let moved = try #require(model.weights["norm/layer/kernel"]).numbers
    for (a, b) in zip(moved, [1, 0, 0, 1.0 / 3]) { #expect(abs(a - b) < 1e-5, "\(moved)") }
    #expect(try abs(model.predict(x).numbers[0] - 1) < 1e-5)

    // With a learning rate, the step begins at the quotient.
    try model.setWeights(["norm/layer/kernel": kernel])
    try model.compile(optimizer: .sgd(learningRate: 0.1), loss: .meanSquaredError)
    try model.fit(x, Tensor([1, 2], [0, 0] as [Float]), epochs: 1, verbose: .silent)
    let stepped = try #require(model.weights["norm/layer/kernel"]).numbers
    #expect(abs(stepped[0] - 1) < 0.2 && abs(stepped[3] - 1.0 / 3) < 0.2, "\(stepped)")
    #expect(stepped != moved)
  }
}
