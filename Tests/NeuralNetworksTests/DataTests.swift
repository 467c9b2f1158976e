import NeuralNetworks
import TensorGraph
import Testing

/// The printed form of the error that `body` throws.
private func message(_ body: () throws -> some Any) -> String {
  do {
    _ = try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}

@Suite("Training data")
struct TrainingDataTests {
  private func numbers(_ count: Int, width: Int = 2) -> Tensor {
    Tensor([count, width], (0..<count * width).map(Float.init))
  }

  @Test("must have as many targets as inputs")
  func lengths() {
    #expect(
      message { try TrainingData(x: numbers(100), y: numbers(99, width: 1)) } == """
        error: x has 100 samples, y has 99
          got   x float32[100, 2], y float32[99, 1]
          help  every input, target and weight needs one entry for each sample
        """)
    #expect(
      message {
        try TrainingData(
          inputs: [numbers(3), numbers(4)], targets: [], inputNames: ["image", "meta"])
      }.contains("image has 3 samples, meta has 4"))
    #expect(
      message { try TrainingData(inputs: [Tensor(Float(1))]) }.contains("has no axis of samples"))
    #expect(
      message { try TrainingData(inputs: [numbers(1)], inputNames: ["a", "b"]) }.contains("names"))
    #expect(message { try TrainingData(inputs: []) } == "error: training data needs an input")
    #expect(
      message {
        try TrainingData(
          inputs: [numbers(2)], targets: [numbers(2), numbers(2), numbers(2)],
          sampleWeights: [numbers(2), numbers(2)])
      }.contains("sample weights are one tensor for all targets or one for each"))
  }

  @Test("split from the end as Keras does")
  func split() throws {
    let data = try TrainingData(x: numbers(10), y: numbers(10, width: 1))
    let (training, validation) = try data.split(validationFraction: 0.25)
    #expect(training.sampleCount == 7)  // ⌊10 · 0.75⌋
    #expect(validation.inputs[0] == numbers(10).rows(7..<10))
    #expect(validation.targets[0].numbers == [7, 8, 9])
    #expect(throws: FormatError.self) { try data.split(validationFraction: 1) }
    #expect(throws: FormatError.self) { try data.split(validationFraction: .nan) }
    #expect(throws: FormatError.self) { try data.rows(0..<1).split(validationFraction: 0.5) }
  }

  @Test("give the rows that are asked for")
  func subset() throws {
    let data = try TrainingData(x: numbers(5), y: numbers(5, width: 1))
    let part = try data.subset(rows: [4, 0, 4])
    #expect(part.inputs[0].numbers == [8, 9, 0, 1, 8, 9])
    #expect(part.targets[0].numbers == [4, 0, 4])
    #expect(throws: FormatError.self) { try data.subset(rows: [5]) }
    #expect(throws: FormatError.self) { try data.subset(rows: [-1]) }
  }

  @Test("made by a formula depend on the seed alone")
  func synthetic() throws {
    #expect(try SyntheticData.moons(seed: 1) == SyntheticData.moons(seed: 1))
    #expect(try SyntheticData.moons(seed: 1) != SyntheticData.moons(seed: 2))
    let blobs = try SyntheticData.blobs(samples: 31, classes: 4, features: 5)
    #expect(blobs.inputs[0].shape == [31, 5])
    let xor = try SyntheticData.xor(noise: 0)
    let (x, y) = (xor.inputs[0].numbers, xor.targets[0].numbers)
    #expect((0..<1000).allSatisfy { (x[2 * $0] * x[2 * $0 + 1] < 0) == (y[$0] == 1) })
    #expect(throws: FormatError.self) { try SyntheticData.spirals(classes: 0) }
  }

  @Test("misspelled names are recognized")
  func spelling() {
    #expect(nearest("adm", in: ["sgd", "adam", "rmsprop"]) == "adam")
    #expect(nearest("rellu", in: ["relu", "selu"]) == "relu")
    #expect(nearest("Dnese", in: ["Dense", "LSTM"]) == "Dense")
    #expect(nearest("quux", in: ["sgd", "adam"]) == nil)
    #expect(nearest("", in: [""]) == "")
    #expect(spellingHint("quux", in: ["sgd", "adam"]) == "known are sgd, adam")
  }
}
