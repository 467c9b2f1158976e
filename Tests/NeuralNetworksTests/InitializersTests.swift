import Foundation
import ModelFormats
import Strata
import TestKit
import Testing

@Suite("Initializers")
struct InitializersTests {
  // Arguments of a test cannot throw.
  // swift-format-ignore: NeverUseForceTry
  static let golden = try! TrainingGolden.all("initializers")

  private func values(
    _ initializer: Initializer, _ shape: Shape, seed: UInt64 = 3, path: String = "w"
  ) -> [Double] {
    initializer.tensor(TensorType(.float64, shape), seed: seed, path: path).numbers
  }

  private func variance(_ x: [Double]) -> Double {
    let mean = x.reduce(0, +) / Double(x.count)
    return x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
  }

  @Test("Values without chance are Keras's", arguments: golden)
  func certain(_ golden: TrainingGolden) throws {
    let archive = TrainingGolden.folder("initializers").appending(path: "values.npz").path()
    let arrays = Dictionary(
      uniqueKeysWithValues: try NumPy.archive(path: archive).map { ($0.name, $0.tensor) })
    let expected = try arrays.array(golden.name)
    let json = try #require(golden.entry["config"])
    let initializer = try JSONDecoder().decode(Initializer.self, from: json.serialized())
    let got = initializer.tensor(TensorType(.float32, expected.shape), seed: 1, path: "w")
    for (a, b) in zip(got.numbers, expected.numbers) { #expect(abs(a - b) < 2e-6) }
    let written = try JSONDecoder().decode(
      Initializer.self, from: JSONEncoder().encode(initializer))
    #expect(written == initializer)
  }

  @Test("A seed makes values that follow from it alone")
  func seeds() {
    let seeded = Initializer.heNormal.seeded(7)
    #expect(values(seeded, [4, 5]) == values(seeded, [4, 5], seed: 9, path: "other"))
    #expect(values(seeded, [4, 5]) != values(.heNormal.seeded(8), [4, 5]))
    #expect(values(.heNormal, [4, 5]) != values(.heNormal, [4, 5], path: "other"))
    #expect(values(.heNormal, [4, 5]) != values(.heNormal, [4, 5], seed: 9))
    #expect(values(.heNormal.seeded(-1), [4, 5]) == values(.heNormal.seeded(-1), [4, 5]))
    #expect(values(.ones.seeded(1), [3]) == [1, 1, 1])
  }

  @Test("Inputs and outputs can be counted along any axes")
  func axes() {
    let x = values(
      .varianceScaling(
        scale: 2, mode: .fanIn, distribution: .untruncatedNormal, inputAxes: [1, -1],
        outputAxes: [0]), [50, 20, 5])
    #expect(abs(variance(x) / (2.0 / 100) - 1) < 0.06)
    let y = values(
      .varianceScaling(mode: .fanAverage, distribution: .uniform, inputAxes: [0], outputAxes: [1]),
      [100, 60])
    #expect(abs(variance(y) / (1.0 / 80) - 1) < 0.06)
    #expect(y.allSatisfy { abs($0) <= (3.0 / 80).squareRoot() })
  }

  static let mistakes: [(Initializer, Shape, String)] = [
    (.identity(), [3], "the identity is a matrix, and the shape is [3]"),
    (.identity(), [3, 3, 3], "the identity is a matrix, and the shape is [3, 3, 3]"),
    (.orthogonal(), [3], "an orthogonal start needs 2 axes, and the shape is [3]"),
    (.orthogonal().seeded(1), [3], "an orthogonal start needs 2 axes, and the shape is [3]"),
    (.randomNormal(stddev: -1), [3], "a standard deviation is at least 0, not -1.0"),
    (.truncatedNormal(stddev: .nan), [3], "a standard deviation is at least 0, not nan"),
    (.randomUniform(minval: 2, maxval: 1), [3], "there are no numbers from 2.0 up to 1.0"),
    (.varianceScaling(scale: 0), [3], "a scale is above 0, not 0.0"),
    (.varianceScaling(inputAxes: [2], outputAxes: [0]), [3, 3], "[3, 3] has no axis 2"),
    (.stft(), [3, 3], "a Fourier kernel is [frame, 1, bins], not [3, 3]"),
    (
      .stft(window: .values([1, 2])), [3, 1, 3],
      "the window has 2 values, and a frame 3 steps"
    ),
  ]

  @Test("Starts that a weight cannot have are mistakes")
  func mistakes() throws {
    final class One: Layer {
      let initializer: Initializer
      let shape: Shape
      init(_ initializer: Initializer, _ shape: Shape) {
        self.initializer = initializer
        self.shape = shape
      }
      func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
        context.weight("kernel", shape, initializer).sum() * x
      }
    }
    for (initializer, shape, text) in Self.mistakes {
      let error = #expect(throws: GraphError.self, "\(text)") {
        try Model(input: [3], One(initializer, shape))
      }
      #expect(error?.message == "kernel cannot start so: \(text)")
    }
  }

  static let badFiles: [(String, String)] = [
    (#""glorot""#, "there is no initializer glorot; known are Zeros, Ones, Constant"),
    (#""ons""#, "there is no initializer ons; did you mean Ones?"),
    (
      #"{"class_name": "HeNormal", "config": {"sede": 1}}"#,
      "HeNormal has no hyperparameter sede; did you mean seed?"
    ),
    (
      #"{"class_name": "VarianceScaling", "config": {"mode": "fan_inn"}}"#,
      "there is no mode fan_inn of VarianceScaling; did you mean fan_in?"
    ),
    (
      #"{"class_name": "STFT", "config": {"window": "hamm1ng"}}"#,
      "there is no window hamm1ng; did you mean hamming?"
    ),
    (
      #"{"class_name": "RandomNormal", "config": {"mean": []}}"#,
      "mean of RandomNormal is not a number"
    ),
  ]

  @Test("What files have wrong is said", arguments: badFiles)
  func badFile(_ text: String, _ says: String) {
    let error = #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Initializer.self, from: Data(text.utf8))
    }
    guard case .dataCorrupted(let context)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(context.debugDescription.hasPrefix(says), "\(context.debugDescription)")
  }
}
