import Foundation
import NeuralNetworks
import TensorGraph
import Testing

@Suite struct LossesTests {
  /// The loss of `target` for probabilities made of `logits` by `activation`.
  private func loss(
    _ loss: any Loss, _ target: Tensor, _ logits: Tensor, _ activation: @escaping (Symbol) -> Symbol
  ) throws -> (value: Double, gradient: [Double], graph: Graph) {
    let trace = Trace()
    let x = trace.input("x", logits.type), y = trace.input("y", target.type)
    let value = loss(y, activation(x))
    let graph = try trace.graph(returning: [value] + gradients(of: value, with: [x]))
    let results = try ReferenceEngine().compile(graph).run([logits, target])
    return (results[0].number, results[1].numbers, graph)
  }

  @Test("behind a softmax the loss is exact, however small the probability")
  func softmax() throws {
    let logits = Tensor([2, 3], [0, 40, 0, 1, 2, 3] as [Float])
    let (value, gradient, _) = try loss(
      SparseCategoricalCrossentropy(), Tensor([2], [Int32(0), 2]), logits
    ) { TensorGraph.softmax($0) }
    let second = Foundation.log(Foundation.exp(-2.0) + Foundation.exp(-1.0) + 1)
    #expect((value - (40 + second) / 2).magnitude < 1e-6)
    #expect((gradient[1] - 0.5).magnitude < 1e-6)
    let hot = Tensor([2, 3], [1, 0, 0, 0, 0, 1] as [Float])
    let same = try loss(CategoricalCrossentropy(), hot, logits) { TensorGraph.softmax($0) }
    #expect((same.value - value).magnitude < 1e-6)
    #expect(zip(same.gradient, gradient).allSatisfy { ($0 - $1).magnitude < 1e-6 })
  }

  @Test("behind a sigmoid the loss is exact, and its gradient at 0 too")
  func sigmoid() throws {
    let logits = Tensor([3, 1], [-50, 0, 2] as [Float])
    let (value, gradient, _) = try loss(
      BinaryCrossentropy(), Tensor([3], [UInt8(1), 1, 0]), logits
    ) { TensorGraph.sigmoid($0) }
    // softplus(50), softplus(0) and softplus(−2) + 2
    let terms: [Double] = [50, 0.6931471805599453, 2.1269280110429727]
    #expect((value - terms.reduce(0, +) / 3).magnitude < 1e-6)
    #expect((gradient[1] - (-0.5 / 3)).magnitude < 1e-7)
  }

  @Test("a label that is no class makes the loss NaN, never 0", arguments: [-1, 3, 37])
  func labelOutOfRange(_ label: Int) throws {
    let target = Tensor([1], [Int32(label)]), x = Tensor([1, 3], [1, 2, 3] as [Float])
    for activation in [{ $0 }, { TensorGraph.softmax($0) }] as [(Symbol) -> Symbol] {
      #expect(try loss(SparseCategoricalCrossentropy(), target, x, activation).value.isNaN)
    }
    #expect(
      try loss(SparseCategoricalCrossentropy(fromLogits: true), target, x) { $0 }.value.isNaN)
  }

  @Test("targets of another shape are a mistake, not a broadcast")
  func shapes() throws {
    func mistake(_ loss: any Loss, _ target: Shape, _ prediction: Shape) -> String? {
      let trace = Trace()
      _ = loss(
        trace.input("y", TensorType(.float32, target)),
        trace.input("p", TensorType(.float32, prediction)))
      return trace.errors.first?.description
    }
    #expect(mistake(MeanSquaredError(), [8], [8, 1]) == nil)
    #expect(mistake(MeanSquaredError(), [8, 1], [8]) == nil)
    #expect(mistake(SparseCategoricalCrossentropy(), [8, 1], [8, 3]) == nil)
    #expect(
      mistake(MeanSquaredError(), [8, 4], [8, 1])
        == """
        error: targets of shape [8, 4] do not fit predictions of shape [8, 1]
          got   float32[8, 4], float32[8, 1]
          help  the last layer needs 4 units
        """)
    #expect(
      mistake(SparseCategoricalCrossentropy(), [8, 3], [8, 3])
        == """
        error: targets of shape [8, 3] do not fit predictions of shape [8, 3]: expected [8]
          got   float32[8, 3], float32[8, 3]
          help  one-hot targets go with categorical_crossentropy
        """)
    #expect(
      mistake(CategoricalCrossentropy(), [8], [8, 3])
        == """
        error: targets of shape [8] do not fit predictions of shape [8, 3]
          got   float32[8], float32[8, 3]
          help  labels go with sparse_categorical_crossentropy
        """)
  }

  @Test("one weight a sample counts for all its steps")
  func weights() throws {
    let trace = Trace()
    let p = trace.input("p", TensorType(.float32, [2, 3, 1]))
    let y = trace.input("y", TensorType(.float32, [2, 3, 1]))
    let w = trace.input("w", TensorType(.float32, [2]))
    let graph = try trace.graph(returning: [MeanSquaredError()(y, p, sampleWeight: w)])
    let value = try ReferenceEngine().compile(graph).run([
      Tensor([2, 3, 1], [1, 1, 1, 2, 2, 2] as [Float]),
      Tensor([2, 3, 1], [Float](repeating: 0, count: 6)),
      Tensor([2], [Float(1), 0.5]),
    ])[0].number
    #expect(value == 1.5)  // (3 · 1 + 3 · 4 · ½) / 6
  }

  @Test("names, and what is like them")
  func names() throws {
    #expect(try LossChoice.named("mse").resolved() is MeanSquaredError)
    #expect(try LossChoice.named("bce").resolved() is BinaryCrossentropy)
    #expect(
      try LossChoice.named("sparse_categorical_crossentropy").resolved()
        is SparseCategoricalCrossentropy)
    #expect(
      throws: GraphError(
        "there is no loss sparse_categorical_crossentrop",
        hint: "did you mean sparse_categorical_crossentropy?")
    ) { try LossChoice.named("sparse_categorical_crossentrop").resolved() }
    #expect(
      throws: GraphError("BinaryCrossentropy needs a label smoothing from 0 to 1, not 2.0")
    ) { try LossChoice.binaryCrossentropy(labelSmoothing: 2).resolved() }
  }
}
