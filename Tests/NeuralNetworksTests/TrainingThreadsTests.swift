import CPUEngine
import NeuralNetworks
import TensorGraph
import Testing

@Suite struct TrainingThreadsTests {
  private func model(threads: Int) throws -> Model {
    let model = try Model(input: [64], seed: 9, engine: CPUEngine(threads: threads)) {
      Dropout(0.5)
      Dense(32, activation: .relu)
      Dropout(0.5)
      Dense(4, activation: .softmax)
    }
    try model.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy)
    return model
  }

  @Test("first weights, shuffling and dropout do not depend on the number of threads")
  func independent() throws {
    var generator = SeededGenerator(seed: 5)
    let x = Tensor([96, 64], (0..<96 * 64).map { _ in Float(generator.uniform()) })
    let y = Tensor([96], (0..<96).map { Int32($0 % 4) })
    let one = try model(threads: 1), two = try model(threads: 2)
    #expect(one.weights == two.weights)
    // Other samples or other dropped units would give quite another loss.
    let losses = try [one, two].map {
      try $0.fit(x, y, batchSize: 16, epochs: 3, verbose: .silent)["loss"]
    }
    #expect(zip(losses[0], losses[1]).allSatisfy { ($0 - $1).magnitude < 1e-5 })
    for (path, weight) in one.weights {
      let other = try #require(two.weights[path])
      #expect(zip(weight.numbers, other.numbers).allSatisfy { ($0 - $1).magnitude < 1e-4 })
    }
  }

  @Test("the same seed and threads give the same bits", arguments: [1, 2])
  func repeatable(_ threads: Int) throws {
    let x = Tensor([64, 64], (0..<64 * 64).map { Float($0 % 17) / 17 })
    let y = Tensor([64], (0..<64).map { Int32($0 % 4) })
    let runs = try (0..<3).map { _ in
      let model = try model(threads: threads)
      try model.fit(x, y, batchSize: 16, epochs: 3, verbose: .silent)
      return model.weights
    }
    #expect(runs[0] == runs[1] && runs[1] == runs[2])
  }
}
