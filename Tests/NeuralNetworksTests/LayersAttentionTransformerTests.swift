import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("A transformer block keeps its padding apart")
struct LayersAttentionTransformerTests {
  /// Token numbers to two classes for each token: 0 is padding.
  private func transformer(_ length: Int?, group: Bool, engine: any Engine) throws -> Model {
    let tokens = Input([length], dtype: .int32)
    let x = Embedding(9, 8, maskZero: true, name: "words")(tokens)
    let normal = RMSNormalization(name: "first")(x)
    let seen =
      group
      ? GroupQueryAttention(
        headDim: 4, numQueryHeads: 2, numKeyValueHeads: 1, name: "attention")(
          normal, normal, useCausalMask: true)
      : MultiHeadAttention(numHeads: 2, keyDim: 4, name: "attention")(normal, normal)
    let sum = Add(name: "residual")([x, seen])
    let hidden = Dense(16, activation: .gelu, name: "hidden")(
      RMSNormalization(name: "second")(sum))
    let y = Add(name: "sum")([sum, Dense(8, name: "narrow")(hidden)])
    let head = Dense(2, activation: .softmax, name: "head")(LayerNormalization(name: "last")(y))
    return try Model(inputs: tokens, outputs: head, seed: 3, engine: engine)
  }

  @Test("Padded and unpadded batches give the same", arguments: [false, true])
  func outputs(group: Bool) throws {
    for engine in [ReferenceEngine(), CPUEngine()] as [any Engine] {
      let model = try transformer(nil, group: group, engine: engine)
      let short = try model.predict(Tensor([1, 3], [4, 1, 7] as [Int32])).numbers
      let padded = try model.predict(
        Tensor([2, 6], [4, 1, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0] as [Int32])
      ).numbers
      for (a, b) in zip(short, padded) { #expect(abs(a - b) < 1e-6) }
      #expect(padded.allSatisfy { $0.isFinite })
    }
  }

  @Test("A sample of padding alone trains without NaN", arguments: [false, true])
  func training(group: Bool) throws {
    let model = try transformer(4, group: group, engine: CPUEngine())
    try model.compile(
      optimizer: .adam(learningRate: 0.05), loss: .sparseCategoricalCrossentropy)
    let x = Tensor([3, 4], [4, 1, 0, 0, 0, 0, 0, 0, 2, 3, 5, 6] as [Int32])
    let y = Tensor([3, 4], [1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1] as [Int32])
    let history = try model.fit(x, y, epochs: 30, verbose: .silent)
    #expect(model.weights.values.allSatisfy { $0.numbers.allSatisfy(\.isFinite) })
    #expect(history["loss"][29] < history["loss"][0] / 3, "\(history["loss"])")
  }

  @Test("The mask reaches the end of the block")
  func mask() throws {
    let trace = try LayerTrace(
      RMSNormalization(), [TensorType(.float32, [2, 3, 4])], masks: [0: [2, 3]])
    #expect(trace.isMasked == [true])
    let x = TensorType(.float32, [2, 3, 4])
    let both = try LayerTrace(
      MultiHeadAttention(numHeads: 1, keyDim: 2), [x, x], masks: [0: [2, 3], 1: [2, 3]])
    #expect(both.isMasked == [true])
  }
}
