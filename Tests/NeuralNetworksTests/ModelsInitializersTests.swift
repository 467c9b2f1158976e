import Foundation
import Strata
import Testing

@Suite("Initializers and activations")
struct ModelsInitializersTests {
  private func values(_ initializer: Initializer, _ shape: Shape) -> [Double] {
    initializer.tensor(TensorType(.float64, shape), seed: 3, path: "w").numbers
  }

  private func moments(_ x: [Double]) -> (mean: Double, variance: Double) {
    let mean = x.reduce(0, +) / Double(x.count)
    return (mean, x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count))
  }

  static let variances: [(Initializer, Double)] = [
    (.glorotUniform, 2.0 / 300), (.glorotNormal, 2.0 / 300), (.heNormal, 2.0 / 100),
    (.heUniform, 2.0 / 100), (.lecunNormal, 1.0 / 100), (.lecunUniform, 1.0 / 100),
    (.varianceScaling(scale: 3, mode: .fanOut, distribution: .untruncatedNormal), 3.0 / 200),
    (.randomNormal(mean: 0, stddev: 0.1), 0.01), (.randomUniform(minval: -1, maxval: 1), 1.0 / 3),
  ]

  @Test("Variance scaling has its variance, after truncation too", arguments: variances)
  func variance(_ initializer: Initializer, _ expected: Double) {
    let (mean, variance) = moments(values(initializer, [100, 200]))
    #expect(abs(mean) < 4 * (expected / 20000).squareRoot())
    #expect(abs(variance / expected - 1) < 0.05)
  }

  @Test("A kernel of a convolution counts each place of its window")
  func fans() {
    let limit = values(.glorotUniform, [3, 3, 4, 8]).map(abs).max() ?? 0
    let expected = (6.0 / (9 * 4 + 9 * 8)).squareRoot()
    #expect(limit <= expected && limit > 0.95 * expected)
  }

  @Test("Truncated normal numbers end at two standard deviations")
  func truncation() {
    let x = values(.truncatedNormal(mean: 1, stddev: 0.5), [5000])
    #expect(x.allSatisfy { abs($0 - 1) <= 1 })
    #expect(abs(moments(x).variance / (0.25 * 0.7737) - 1) < 0.06)
  }

  @Test("Orthogonal matrices are orthonormal", arguments: [[6, 3], [3, 6], [2, 2, 5], [4, 4]])
  func orthogonal(_ dims: [Int]) {
    let columns = dims[dims.count - 1], rows = dims.dropLast().reduce(1, *)
    let q = values(.orthogonal(gain: 2), Shape(dims))
    func element(_ i: Int, _ k: Int) -> Double {
      rows < columns ? q[i * columns + k] : q[k * columns + i]
    }
    for i in 0..<min(rows, columns) {
      for j in 0..<min(rows, columns) {
        let dot = (0..<max(rows, columns)).reduce(0.0) { $0 + element(i, $1) * element(j, $1) }
        #expect(abs(dot - (i == j ? 4 : 0)) < 1e-12)
      }
    }
  }

  @Test("The forget gate's bias starts at 1")
  func forgetGate() {
    #expect(values(.unitForgetGate(), [8]) == [0, 0, 1, 1, 0, 0, 0, 0])
  }

  @Test("Initializers survive a file, and are read from strings")
  func files() throws {
    let all: [Initializer] = [
      .zeros, .ones, .constant(2), .randomNormal(mean: 1, stddev: 2),
      .randomUniform(minval: 1, maxval: 2), .truncatedNormal(mean: 1, stddev: 2),
      .varianceScaling(scale: 3, mode: .fanAverage, distribution: .uniform), .glorotUniform,
      .glorotNormal, .heUniform, .heNormal, .lecunUniform, .lecunNormal, .orthogonal(gain: 3),
      .identity(gain: 2), .heNormal.seeded(-3),
      .varianceScaling(inputAxes: [0], outputAxes: [1, 2]), .stft(), .unitForgetGate(),
      .unitForgetGate(others: .constant(2)),
      .stft(side: .imag, window: nil, scaling: nil, periodic: true),
      .stft(window: .values([1, 2]), scaling: .spectrum),
    ]
    for initializer in all {
      let data = try JSONEncoder().encode([initializer])
      #expect(try JSONDecoder().decode([Initializer].self, from: data) == [initializer])
    }
    func read(_ text: String) throws -> Initializer {
      try JSONDecoder().decode(Initializer.self, from: Data(text.utf8))
    }
    #expect(try read(#""glorot_uniform""#) == .glorotUniform)
    #expect(try read(#""uniform""#) == .randomUniform())
    #expect(try read(#"{"class_name": "HeNormal", "config": {"seed": 3}}"#) == .heNormal.seeded(3))
    #expect(throws: DecodingError.self) { try read(#""glorot_unifrom""#) }
  }

  @Test("Activations are read from names, aliases, objects and nothing")
  func activations() throws {
    func read(_ text: String) throws -> [Activation] {
      try JSONDecoder().decode([Activation].self, from: Data("[\(text)]".utf8))
    }
    #expect(
      try read(#""relu", "swish", "hard_swish", null"#) == [.relu, .silu, .hardSilu, .linear])
    let function = #"{"class_name": "function", "config": "gelu"}"#
    func layer(_ name: String, _ config: String = "") -> String {
      #"{"class_name": "\#(name)", "config": {\#(config)}}"#
    }
    #expect(
      try read("\(function), \(layer("LeakyReLU", #""negative_slope": 0.2"#)), \(layer("ReLU"))")
        == [.gelu, .leakyReLU, .relu])
    #expect(
      try read("\(layer("ReLU", #""max_value": 6.0"#)), \(layer("Softmax", #""axis": -1"#))")
        == [.relu6, .softmax])
    // A layer's own numbers are not those of the function.
    for text in [
      #""rellu""#, #""threshold""#, layer("LeakyReLU"), layer("ELU", #""alpha": 0.5"#),
      layer("Softmax", #""axis": 1"#),
    ] {
      #expect(throws: DecodingError.self, "\(text)") { try read(text) }
    }
  }

  @Test("Each activation gives a number of the right size", arguments: Activation.allCases)
  func call(_ activation: Activation) throws {
    let model = try Model(input: [4], engine: ReferenceEngine()) { ActivationLayer(activation) }
    let y = try model.predict(Tensor([1, 4], [-2, -0.25, 0.25, 2] as [Float]))
    #expect(y.shape == [1, activation == .glu ? 2 : 4])
    #expect(y.numbers.allSatisfy { $0.isFinite })
    if activation == .softmax { #expect(abs(y.numbers.reduce(0, +) - 1) < 1e-6) }
  }
}
