import Foundation
import Strata
import TestKit
import Testing

@Suite("Layers that prepare numbers")
struct PreprocessingTabularTests {
  @Test("They are good citizens")
  func citizens() throws {
    try checkLayer(
      Normalization(), input: [3, 4], output: [3, 4],
      weights: [("mean", [4]), ("variance", [4]), ("count", [])], mask: nil)
    try checkLayer(
      Normalization(mean: [1, 2], variance: [4, 9]), input: [3, 5, 2], output: [3, 5, 2],
      mask: .passed)
    try checkLayer(
      Normalization(axis: nil, mean: 1, variance: 4, invert: true), input: [3], output: [3])
    try checkLayer(Discretization(binBoundaries: [0.5, 1]), input: [3, 4], output: [3, 4])
    try checkLayer(
      Discretization(binBoundaries: [0.5, 1], outputMode: .oneHot), input: [3, 1], output: [3, 3])
    try checkLayer(
      CategoryEncoding(numTokens: 3), inputs: [TensorType(.int32, [3, 4])], output: [3, 3])
    try checkLayer(
      CategoryEncoding(numTokens: 3, outputMode: .count),
      inputs: [TensorType(.int32, [3, 4]), TensorType(.float32, [3, 4])], output: [3, 3])
    try checkLayer(
      Pipeline([Rescaling(2), Dense(3)]), input: [2, 4], output: [2, 3],
      weights: [("layers_1/kernel", [4, 3]), ("layers_1/bias", [3])])
  }

  @Test("A layer is called on tensors, from many threads at once")
  func eager() async throws {
    let layer = try Normalization().adapted(to: Tensor([3, 1], [Float(1), 2, 3]))
    let expected = try layer(Tensor([1, 1], [Float(4)])).numbers
    #expect(abs(expected[0] - 2.449489) < 1e-5)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<64 {
        group.addTask {
          let rows = index % 3 + 1
          let y = try layer(Tensor([rows, 1], [Float](repeating: 4, count: rows)))
          return y.numbers == Array(repeating: expected[0], count: rows)
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
    let crossed = try HashedCrossing(5)(Tensor(["A", "B"]), Tensor([2], [Int64(101), 101]))
    #expect(crossed.numbers == [1, 4])
    #expect(throws: GraphError.self) { try Dense(3)(Tensor([1, 2], [Float(1), 2])) }
  }

  @Test("Adapting to batches finds what all of the data have")
  func batches() throws {
    let numbers = (0..<300).map { Float(($0 * 7919) % 101) / 7 + 100 }
    let data = Tensor([100, 3], numbers)
    let parts = [data.rows(0..<13), data.rows(13..<80), data.rows(80..<100)]
    let whole = try Normalization().adapted(to: data)
    let merged = try Normalization().adapted(to: parts)
    let (a, b) = (try #require(whole.variance?.values), try #require(merged.variance?.values))
    for (x, y) in zip(a, b) { #expect(abs(x - y) < 1e-9 * x) }
    let again = try Normalization().adapted(to: parts)
    #expect(merged.mean == again.mean && merged.variance == again.variance)
    // What Keras's Discretization finds in the same batches of 0, 1, …, 59.
    let count = Tensor([60], (0..<60).map { Float($0) })
    let bins = try Discretization(numBins: 4).adapted(
      to: [count.rows(0..<20), count.rows(20..<60)])
    #expect(bins.binBoundaries == [14, 29, 44])
  }

  @Test("An adapted layer is read as it is written")
  func files() throws {
    let data = Tensor([4, 2], [Float(1), 5, 2, 5, 4, 5, 3, 9])
    for layer: any NamedLayer in [
      try Normalization(name: "n").adapted(to: data),
      try Discretization(numBins: 3, outputMode: .count).adapted(to: data),
    ] {
      let object = try LayerRegistry.object(of: layer)
      let read = try LayerRegistry.standard.layer(
        className: layer.className, config: #require(object["config"]))
      #expect(try LayerRegistry.object(of: read) == object)
      let (x, y) = (try layer(data), try read(data))
      #expect(x == y)
    }
  }

  @Test("Training with an adapted normalization has the same bits every time")
  func training() throws {
    let random = (0..<400).map { Float(($0 * 7919) % 1009) }
    let x = Tensor([100, 4], random.map { $0 * 50 + 3000 })
    let y = Tensor([100, 1], (0..<100).map { random[$0 * 4] / 500 - 1 })
    func loss(_ layers: [any Layer]) throws -> (Double, Model) {
      let model = try Model(input: [4], seed: 3) {
        layers
        Dense(8, activation: .tanh)
        Dense(1)
      }
      try model.compile(optimizer: .init(Adam(learningRate: 0.01)), loss: "mse")
      let history = try model.fit(x, y, batchSize: 16, epochs: 5, verbose: .silent)
      return (try #require(history["loss"].last), model)
    }
    let normalize = try Normalization().adapted(to: x)
    let (first, a) = try loss([normalize]), (second, b) = try loss([normalize])
    #expect(first == second)
    #expect(a.weights.values.elementsEqual(b.weights.values))
    #expect(a.parameterCount == 4 * 8 + 8 + 8 + 1)
    let (without, _) = try loss([])
    #expect(first < without)
  }

  @Test("Samples are prepared in the background, the same as before training")
  func mapped() throws {
    let x = Tensor([50, 3], (0..<150).map { Int32($0 % 7) })
    let y = Tensor([50, 1], (0..<50).map { Float($0 % 2) })
    let encode = CategoryEncoding(numTokens: 7)
    func weights(_ data: TrainingData) throws -> [Tensor] {
      let model = try Model(input: [7], seed: 1) { Dense(1) }
      try model.compile(optimizer: .init(SGD()), loss: "mse")
      try model.fit(data, batchSize: 16, epochs: 2, verbose: .silent)
      return Array(model.weights.values)
    }
    let mapped = try weights(TrainingData(x: x, y: y).mapped(by: encode))
    let before = try weights(TrainingData(x: encode(x), y: y))
    #expect(mapped == before)
    let texts = try TrainingData(
      x: Tensor((0..<50).map { "word\($0 % 5) and more" }), y: y
    ).mapped(by: TextVectorization(outputMode: .multiHot, vocabulary: (0..<7).map { "word\($0)" }))
    #expect(try texts.split(validationFraction: 0.2).validation.sampleCount == 10)
    let model = try Model(input: [7]) { Dense(1) }
    #expect(throws: (any Error).self) { try texts.mapped(by: encode) }
    try model.compile(optimizer: .init(SGD()), loss: "mse")
    #expect(throws: (any Error).self) { try model.fit(texts, verbose: .silent) }  // 8 words
    #expect(throws: (any Error).self) { try TrainingData(x: x, y: y).mapped(by: Dense(2)) }
  }
}
