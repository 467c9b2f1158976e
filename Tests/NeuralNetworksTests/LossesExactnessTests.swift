import NeuralNetworks
import TensorGraph
import Testing

@Suite("Losses behind a softmax or a sigmoid are exact") struct LossesExactnessTests {
  /// The values of `loss` for a prediction made of `x`, and the gradient of their sum.
  private func values(
    _ loss: any Loss, _ target: Tensor, _ x: Tensor, _ activation: (Symbol) -> Symbol
  ) throws -> (values: [Double], gradient: [Double]) {
    let trace = Trace()
    let y = trace.input("y", target.type)
    let input = trace.input("x", x.type)
    let prediction = activation(input)
    let values = loss.values(loss.targets.aligned(y, with: prediction), prediction)
    let graph = try trace.graph(returning: [values] + gradients(of: values.sum(), with: [input]))
    let results = try ReferenceEngine().compile(graph).run([target, x])
    return (results[0].numbers, results[1].numbers)
  }

  private let far = Tensor([1, 3], [-200, 0, 0] as [Float])
  private let hot = Tensor([1, 3], [1, 0, 0] as [Float])

  @Test("A probability that underflows still has a gradient")
  func underflow() throws {
    let softmax: (Symbol) -> Symbol = { TensorGraph.softmax($0) }
    let focal = try values(CategoricalFocalCrossentropy(alpha: 1), hot, far, softmax)
    #expect((focal.values[0] - 200.693147).magnitude < 1e-4)
    #expect((focal.gradient[0] + 1).magnitude < 1e-6)
    let divergence = try values(KLDivergence(), hot, far, softmax)
    #expect((divergence.values[0] - 200.693147).magnitude < 1e-3)
    let sigmoid = try values(
      BinaryFocalCrossentropy(gamma: 0.5), Tensor([1, 2], [1, 0] as [Float]),
      Tensor([1, 2], [-150, -150] as [Float])
    ) { TensorGraph.sigmoid($0) }
    #expect((sigmoid.values[0] - 75).magnitude < 1e-4)
    #expect((sigmoid.gradient[0] + 0.5).magnitude < 1e-6)
    #expect(sigmoid.gradient[1] == 0)
    let generalized = try values(
      CategoricalGeneralizedCrossEntropy(q: 0.01), Tensor([1], [Int32(0)]), far, softmax)
    #expect((generalized.values[0] - 86.556).magnitude < 0.01)
    #expect(generalized.gradient[0] < -0.1)
  }

  @Test("A softmax over another axis is found too")
  func axis() throws {
    let x = Tensor([1, 3, 2], [-200, 1, 0, 2, 0, 3] as [Float])
    let y = Tensor([1, 3, 2], [1, 0, 0, 1, 0, 0] as [Float])
    for loss in [
      CategoricalCrossentropy(axis: 1), CategoricalFocalCrossentropy(alpha: 1, axis: -2),
    ] as [any Loss] {
      let result = try values(loss, y, x) { TensorGraph.softmax($0, axis: 1) }
      #expect((result.values[0] - 200.693147).magnitude < 1e-4, "\(loss.className)")
    }
    let sparse = try values(
      SparseCategoricalCrossentropy(axis: 1), Tensor([1, 2], [0, 1] as [Int32]), x
    ) { TensorGraph.softmax($0, axis: 1) }
    #expect((sparse.values[0] - 200.693147).magnitude < 1e-4)
  }

  @Test("A label that is no class makes the loss NaN", arguments: [-1, 3])
  func labelOutOfRange(_ label: Int32) throws {
    let target = Tensor([1], [label])
    for activation in [{ $0 }, { TensorGraph.softmax($0) }] as [(Symbol) -> Symbol] {
      #expect(
        try values(CategoricalGeneralizedCrossEntropy(), target, hot, activation).values[0].isNaN)
    }
  }

  @Test("Vectors of zeros have a cosine of 0, and a gradient that is finite")
  func zeros() throws {
    let zero = Tensor([1, 3], [0, 0, 0] as [Float])
    let result = try values(CosineSimilarity(), hot, zero) { $0 }
    #expect(result.values == [0])
    #expect(result.gradient.allSatisfy { $0.isFinite })
  }

  @Test("Weights count for a loss of the whole batch")
  func whole() throws {
    let trace = Trace()
    let p = trace.input("p", TensorType(.float32, [2, 2]))
    let w = trace.input("w", TensorType(.float32, [2]))
    let half = p * 0 + 0.5
    let graph = try trace.graph(returning: [
      Dice()(p, half, sampleWeight: w), Dice()(p, half),
      Dice()(p, half.masked(by: w.expandingDims(at: 1).broadcast(to: [2, 2]) .> 0)),
    ])
    let results = try ReferenceEngine().compile(graph).run([
      Tensor([2, 2], [1, 0, 1, 0] as [Float]), Tensor([2], [Float(1), 0.5]),
    ]).map(\.number)
    #expect((results[1] - 0.5).magnitude < 1e-6)
    #expect((results[0] - 0.375).magnitude < 1e-6)
    #expect(results[2] == results[1])
  }

  @Test("A loss of one's own trains")
  func custom() throws {
    let model = try Model(input: [2], seed: 1, engine: ReferenceEngine()) { Dense(1) }
    try model.compile(
      optimizer: .adam(learningRate: 0.1),
      loss: .custom("fourth_power") { target, prediction in
        square(square(prediction - target)).mean(axes: [-1])
      })
    let x = Tensor([4, 2], [0, 1, 1, 0, 1, 1, 0, 0] as [Float])
    let history = try model.fit(
      x, Tensor([4, 1], [1, 1, 2, 0] as [Float]), epochs: 30, verbose: .silent)
    #expect(history["loss"][29] < history["loss"][0] / 4)
    let one = CustomLoss("a") { $0 - $1 }
    #expect(one == one)
    #expect(one != CustomLoss("a") { $0 - $1 })
  }
}
