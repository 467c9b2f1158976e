import Foundation
import Strata
import Testing

/// A user's own block: its layers are properties.
private final class ResidualBlock: Layer {
  let first: Dense
  let secondLayer: Dense
  let masking = MaskHandling.passed

  init(_ units: Int) {
    first = Dense(units, activation: .relu)
    secondLayer = Dense(units)
  }

  func call(_ x: Symbol, _ context: LayerContext) -> Symbol { x + secondLayer(first(x)) }
}

private let reference = ReferenceEngine()

@Suite("Models")
struct ModelsTests {
  @Test("Layers are numbered by class, and weights stand in order of declaration")
  func names() throws {
    let model = try Model(input: [4], engine: reference) {
      Dense(3)
      Dense(2, useBias: false, name: "narrow")
      Dense(1)
    }
    #expect(model.name == "sequential")
    #expect(
      Array(model.weights.keys) == [
        "dense/kernel", "dense/bias", "narrow/kernel", "dense_1/kernel", "dense_1/bias",
      ])
    #expect(model.weights["dense/kernel"]?.shape == [4, 3])
    #expect(model.parameterCount == 15 + 6 + 3)
  }

  @Test("A layer called twice has its weights once")
  func shared() throws {
    let dense = Dense(4)
    let model = try Model(input: [4], engine: reference) {
      dense
      dense
    }
    #expect(Array(model.weights.keys) == ["dense/kernel", "dense/bias"])

    let left = Input([3], name: "left"), right = Input([3], name: "right")
    let tower = Dense(2, name: "tower")
    let both = try Model(
      inputs: [left, right], outputs: [Concatenate()([tower(left), tower(right)])],
      engine: reference)
    #expect(Array(both.weights.keys) == ["tower/kernel", "tower/bias"])
    let y = try both.predict([
      Tensor([1, 3], [1, 2, 3] as [Float]), Tensor([1, 3], [1, 2, 3] as [Float]),
    ])[0].numbers
    #expect(y.count == 4)
    #expect(y[0] == y[2] && y[1] == y[3] && y[0] != y[1])
  }

  @Test("A layer shared by two blocks has its weights once, where it was met first")
  func sharedAcrossParents() throws {
    let dense = Dense(4, name: "tied")
    let model = try Model(input: [4], engine: reference) {
      Sequential(name: "a") { dense }
      Sequential(name: "b") { dense }
    }
    #expect(Array(model.weights.keys) == ["a/tied/kernel", "a/tied/bias"])
  }

  @Test("Layers that are properties have the names of the properties")
  func properties() throws {
    let model = try Model(input: [4], ResidualBlock(4), engine: reference)
    #expect(model.name == "residual_block")
    #expect(
      Array(model.weights.keys) == [
        "first/kernel", "first/bias", "second_layer/kernel", "second_layer/bias",
      ])
    let nested = try Model(input: [4], engine: reference) {
      ResidualBlock(4)
      ResidualBlock(4)
    }
    #expect(nested.weights["residual_block_1/second_layer/bias"] != nil)
  }

  @Test("The builder takes if, else, for and arrays")
  func builder() throws {
    func names(_ normalized: Bool, _ deep: Bool) throws -> [String] {
      let model = try Model(input: [4], engine: reference) {
        if normalized { BatchNormalization() }
        if deep {
          for width in [3, 2] { Dense(width) }
        } else {
          Flatten()
        }
        [Dropout(0.5), Dense(1)] as [any Layer]
      }
      return model.summaryValue.layers.map(\.name)
    }
    #expect(
      try names(true, true) == ["batch_normalization", "dense", "dense_1", "dropout", "dense_2"])
    #expect(try names(false, false) == ["flatten", "dropout", "dense"])
  }

  @Test("Open sizes stay open where they reach the output")
  func openSizes() throws {
    let model = try Model(input: [nil, 8], engine: reference) { Dense(3) }
    #expect(model.summaryValue.layers[0].outputShapes == [[nil, nil, 3]])
    for time in [1, 7] {
      let y = try model.predict(Tensor(zeros: TensorType(.float32, [2, time, 8])))
      #expect(y.shape == [2, time, 3])
    }
  }

  @Test("Weights set by path are used, and wrong ones refused as a whole")
  func weights() throws {
    let model = try Model(input: [2], engine: reference) { Dense(1) }
    try model.setWeights([
      "dense/kernel": Tensor([2, 1], [2, 3] as [Float]), "dense/bias": Tensor([1], [1] as [Float]),
    ])
    #expect(try model.predict(Tensor([1, 2], [10, 100] as [Float])).numbers == [321])
    let before = model.weights
    #expect(throws: GraphError("dense/bias has the shape [1], not [2]")) {
      try model.setWeights([
        "dense/kernel": Tensor([2, 1], [0, 0] as [Float]),
        "dense/bias": Tensor([2], [1, 1] as [Float]),
      ])
    }
    #expect(model.weights == before)
    let misspelled = GraphError(
      "sequential has no weight dense/bais", hint: "did you mean dense/bias?")
    #expect(throws: misspelled) {
      try model.setWeights(["dense/bais": Tensor([1], [1] as [Float])])
    }
  }

  @Test("Patterns freeze weights by name, layer and depth")
  func freezing() throws {
    let model = try Model(input: [4], engine: reference) {
      Sequential(name: "stem") {
        Dense(3)
        BatchNormalization()
      }
      Dense(1)
    }
    #expect(model.isTrainable("stem/dense/kernel"))
    #expect(!model.isTrainable("stem/batch_normalization/moving_mean"))
    try model.freeze("stem/**")
    #expect(!model.isTrainable("stem/dense/kernel") && model.isTrainable("dense/kernel"))
    model.unfreeze()
    try model.freeze("**/kernel")
    #expect(!model.isTrainable("stem/dense/kernel") && !model.isTrainable("dense/kernel"))
    #expect(model.isTrainable("dense/bias"))
    model.unfreeze()
    try model.freeze("st*")
    #expect(!model.isTrainable("stem/dense/bias") && model.isTrainable("dense/bias"))
    #expect(throws: GraphError.self) { try model.freeze("stemm/**") }
  }

  @Test("A prediction in batches is that of the whole, the short last batch included")
  func batches() throws {
    let model = try Model(input: [3], engine: reference) { Dense(2, activation: .tanh) }
    let x = Tensor([7, 3], (0..<21).map { Float($0) / 10 })
    let whole = try model.predict(x, batchSize: 7)
    #expect(whole.shape == [7, 2])
    #expect(try model.predict(x, batchSize: 3) == whole)
    #expect(try model.predict(x, batchSize: 100) == whole)
    #expect(try model.predict(Tensor(zeros: TensorType(.float32, [0, 3]))).shape == [0, 2])
  }

  @Test("Bytes are fed as they are, and become floats in the graph")
  func bytes() throws {
    let model = try Model(input: [2], engine: reference) { Rescaling(0.5) }
    #expect(try model.predict(Tensor([1, 2], [3, 200] as [UInt8])).numbers == [1.5, 100])
  }

  @Test("First weights depend on seed and path alone")
  func seeds() throws {
    func kernel(_ seed: UInt64, before: Int) throws -> Tensor? {
      try Model(input: [4], seed: seed, engine: reference) {
        for _ in 0..<before { Flatten() }
        Dense(3, name: "last")
      }.weights["last/kernel"]
    }
    let first = try kernel(1, before: 0)
    #expect(try kernel(1, before: 2) == first)
    #expect(try kernel(2, before: 0) != first)
  }

  @Test("A predictor on many threads gives what the model gave, whatever becomes of the model")
  func predictor() async throws {
    let model = try Model(input: [3], engine: reference) { Dense(2, activation: .tanh) }
    let inputs = (0..<24).map { i in Tensor([2, 3], (0..<6).map { Float($0 * i % 7) }) }
    let expected = try inputs.map { try model.predict($0) }
    let predictor = model.predictor()
    try model.setWeights(["dense/bias": Tensor([2], [9, 9] as [Float])])
    let found = try await withThrowingTaskGroup(of: (Int, Tensor).self) { group in
      for (i, x) in inputs.enumerated() {
        group.addTask { (i, try predictor.predict(x)) }
      }
      return try await group.reduce(into: [Int: Tensor]()) { $0[$1.0] = $1.1 }
    }
    #expect(inputs.indices.allSatisfy { found[$0] == expected[$0] })
  }

  @Test("Callers of a predictor divide the cores, and get what one alone gets")
  func sharedCores() async throws {
    let model = try Model(input: [64]) {
      Dense(256, activation: .relu)
      Dense(10, activation: .softmax)
    }
    let predictor = model.predictor()
    let inputs = (0..<8).map { i in
      Tensor([5, 64], (0..<320).map { Float(($0 * 7 + i) % 11) / 11 })
    }
    let expected = try inputs.map { try predictor.predict($0).numbers }
    let differences = try await withThrowingTaskGroup(of: Double.self) { group in
      for (x, y) in zip(inputs, expected) {
        group.addTask {
          try (0..<50).reduce(0) { worst, _ in
            let found = try predictor.predict(x).numbers
            return zip(found, y).reduce(worst) { max($0, abs($1.0 - $1.1)) }
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(differences.count == 8 && differences.allSatisfy { $0 < 1e-6 }, "\(differences)")
  }

  @Test("Masks pass through nested networks")
  func masks() throws {
    let tokens = Input([5], dtype: .int32)
    let block = Sequential(name: "block") { Dense(3) }
    let model = try Model(
      inputs: tokens,
      outputs: GlobalAveragePooling1D()(block(Embedding(10, 4, maskZero: true)(tokens))),
      engine: reference)
    let short = try model.predict(Tensor([1, 5], [3, 4, 0, 0, 0] as [Int32])).numbers
    let twice = try model.predict(Tensor([1, 5], [3, 4, 3, 4, 0] as [Int32])).numbers
    #expect(zip(short, twice).allSatisfy { abs($0 - $1) < 1e-6 })
  }
}
