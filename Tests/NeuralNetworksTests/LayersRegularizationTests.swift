import Foundation
import Strata
import TestKit
import Testing

@Suite("Layers that are noise in training")
struct LayersRegularizationTests {
  /// What `layer` gives for `x` in the step `step` of training, and the gradient of its sum.
  private func run(
    _ layer: any Layer, _ x: Tensor, seed: Int = 1, step: Int = 0, training: Bool = true,
    on engine: any Engine = CPUEngine()
  ) throws -> (y: [Double], dx: [Double]) {
    let trace = Trace()
    let input = trace.input("x", x.type)
    let key = trace.input("key", TensorType(.int64, [2]))
    let outputs = layer.traced(on: [input], isTraining: training, randomKey: key).outputs
    let slopes = gradients(of: outputs[0].sum(), with: [input])
    let graph = try trace.graph(returning: outputs + slopes)
    var none: [Tensor] = []
    let results = try engine.compile(graph).run(
      [x, Tensor([2], [Int64(seed), Int64(step)])], variables: &none)
    return (results[0].numbers, results[1].numbers)
  }

  private func ones(_ shape: Shape) -> Tensor {
    Tensor(TensorType(.float32, shape), repeating: 1)
  }

  private func moments(_ x: [Double]) -> (mean: Double, variance: Double) {
    let mean = x.reduce(0, +) / Double(x.count)
    return (mean, x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count))
  }

  static let layers: [any NamedLayer] = [
    Dropout(0.3), GaussianDropout(0.3), GaussianNoise(0.3), AlphaDropout(0.3),
    SpatialDropout1D(0.3), Dropout(0.3, noiseShape: [nil, 1, nil]),
    AlphaDropout(0.3, noiseShape: [nil, 1, nil]),
  ]

  @Test("Draws repeat with seed and step, and differ with either", arguments: layers.indices)
  func seeds(_ index: Int) throws {
    let layer = Self.layers[index], x = ones([4, 50, 10])
    let first = try run(layer, x).y
    #expect(try run(layer, x).y == first)
    #expect(try run(layer, x, on: ReferenceEngine()).y.elementsEqual(first) { abs($0 - $1) < 1e-5 })
    #expect(try run(layer, x, seed: 2).y != first)
    #expect(try run(layer, x, step: 1).y != first)
    let other = Sequential([layer, type(of: layer).example])
    #expect(try run(other, x).y != first)
    #expect(try run(layer, x, training: false).y == x.numbers)
  }

  @Test("A dropout drops its share and keeps the mean", arguments: [0.1, 0.5, 0.8])
  func dropout(_ rate: Double) throws {
    let (y, dx) = try run(Dropout(rate), ones([100, 200]))
    let kept = 1 / (1 - rate)
    #expect(y.allSatisfy { $0 == 0 || abs($0 - kept) < 1e-5 })
    let share = Double(y.count { $0 == 0 }) / Double(y.count)
    #expect(abs(share - rate) < 4 * (rate * (1 - rate) / Double(y.count)).squareRoot())
    #expect(dx == y)
    #expect(try run(Dropout(1), ones([3, 4])).y == Array(repeating: 0, count: 12))
  }

  @Test("A noise shape makes one choice for all along its axes of size 1")
  func noiseShape() throws {
    let y = try run(Dropout(0.5, noiseShape: [nil, 1, 10]), ones([20, 30, 10])).y
    for sample in 0..<20 {
      for step in 1..<30 {
        let start = sample * 300
        #expect(y[start..<start + 10].elementsEqual(y[start + 10 * step..<start + 10 * step + 10]))
      }
    }
    #expect(Set(y).count == 2)
    let fixed = Dropout(0.5, noiseShape: [20, 1, 10])
    #expect(try run(fixed, ones([20, 30, 10])).y.count == 6000)
    #expect(throws: GraphError.self) { try run(fixed, ones([19, 30, 10])) }
    #expect(try run(fixed, ones([19, 30, 10]), training: false).y.count == 5700)
  }

  static let spatial: [(any NamedLayer, Shape)] = [
    (SpatialDropout1D(0.4), [50, 7, 20]), (SpatialDropout2D(0.4), [50, 3, 4, 20]),
    (SpatialDropout3D(0.4), [50, 2, 3, 2, 20]),
  ]

  @Test("A spatial dropout drops whole channels", arguments: spatial.indices)
  func spatialDropout(_ index: Int) throws {
    let (layer, shape) = Self.spatial[index]
    let y = try run(layer, ones(shape)).y
    let places = shape.count / 1000
    var dropped = 0
    for sample in 0..<50 {
      for channel in 0..<20 {
        let values = Set((0..<places).map { y[(sample * places + $0) * 20 + channel] })
        #expect(values.count == 1)
        if values == [0] { dropped += 1 }
      }
    }
    #expect(abs(Double(dropped) / 1000 - 0.4) < 0.07)
  }

  @Test("With channels first, they are dropped there")
  func channelsFirst() throws {
    let layer = SpatialDropout2D(0.4, options: [.dataFormat(.channelsFirst)])
    let y = try run(layer, ones([10, 20, 3, 4])).y
    for channel in 0..<200 { #expect(Set(y[channel * 12..<channel * 12 + 12]).count == 1) }
    #expect(Set(y).count == 2)
  }

  @Test("Gaussian noise has its mean and variance")
  func gaussian() throws {
    let x = ones([200, 100])
    let (noise, slope) = try run(GaussianNoise(0.3), x)
    let (mean, variance) = moments(noise)
    #expect(abs(mean - 1) < 4 * 0.3 / 141 && abs(variance / 0.09 - 1) < 0.05)
    #expect(slope.allSatisfy { $0 == 1 })
    let (factors, gradient) = try run(GaussianDropout(0.3), x)
    let other = moments(factors)
    #expect(abs(other.mean - 1) < 0.02 && abs(other.variance / (0.3 / 0.7) - 1) < 0.05)
    #expect(gradient == factors)
  }

  @Test("An alpha dropout keeps mean 0 and variance 1", arguments: [0.1, 0.4])
  func alpha(_ rate: Double) throws {
    let x = Initializer.randomNormal(mean: 0, stddev: 1).tensor(
      TensorType(.float32, [200, 100]), seed: 5, path: "x")
    let (y, dx) = try run(AlphaDropout(rate), x)
    let (mean, variance) = moments(y)
    #expect(abs(mean) < 0.03 && abs(variance - 1) < 0.04)
    let saturated = -1.7580993408473766
    let a = 1 / ((1 - rate) * (1 + rate * saturated * saturated)).squareRoot()
    let dropped = a * saturated * (1 - rate)
    let share = Double(y.count { abs($0 - dropped) < 1e-5 }) / Double(y.count)
    #expect(abs(share - rate) < 0.02)
    #expect(dx.allSatisfy { $0 == 0 || abs($0 - a) < 1e-5 })
  }

  @Test("Layers are good citizens")
  func citizens() throws {
    let others: [any NamedLayer] = [
      ActivityRegularization(l1: 0.1, l2: 0.2), GaussianDropout(0.2), GaussianNoise(0.2),
      AlphaDropout(0.2), SpatialDropout1D(0.2),
    ]
    for layer in others {
      try checkLayer(layer, input: [2, 5, 3], output: [2, 5, 3], mask: .passed)
    }
  }

  @Test("An activity regularization adds the mean penalty over the batch")
  func activity() throws {
    let model = try Model(input: [3]) { ActivityRegularization(l1: 0.5, l2: 0.25) }
    try model.compile(optimizer: .sgd(), loss: .meanSquaredError)
    let x = Tensor([2, 3], [1, -2, 3, 0, 1, -1] as [Float])
    let logs = try model.evaluate(x, x)
    #expect(abs((logs["loss"] ?? 0) - (0.5 * 8 + 0.25 * 16) / 2) < 1e-6)
  }

  static let mistakes: [(any NamedLayer, Shape, String)] = [
    (Dropout(1.5), [2, 3], "Dropout needs a rate from 0 to 1, not 1.5"),
    (Dropout(.nan), [2, 3], "Dropout needs a rate from 0 to 1, not nan"),
    (Dropout(0.5, noiseShape: [nil]), [2, 3], "Dropout needs a noise shape with 2 sizes"),
    (
      Dropout(0.5, noiseShape: [nil, 2]), [2, 3], "Dropout cannot broadcast its noise shape [2, 2]"
    ),
    (
      Dropout(0.5, noiseShape: [nil, -1]), [2, 3],
      "Dropout cannot broadcast its noise shape [2, -1]"
    ),
    (
      AlphaDropout(0.5, noiseShape: [0, 3]), [2, 3],
      "AlphaDropout cannot broadcast its noise shape [0, 3]"
    ),
    (AlphaDropout(1), [2, 3], "AlphaDropout needs a rate from 0 to below 1, not 1.0"),
    (GaussianDropout(1), [2, 3], "GaussianDropout needs a rate from 0 to below 1, not 1.0"),
    (GaussianNoise(2), [2, 3], "GaussianNoise needs a standard deviation from 0 to 1, not 2.0"),
    (SpatialDropout1D(-1), [2, 3, 4], "SpatialDropout1D needs a rate from 0 to 1, not -1.0"),
    (SpatialDropout1D(0.1), [2, 3], "SpatialDropout1D expects [batch, time, channels]"),
    (
      SpatialDropout2D(0.1), [2, 3, 4],
      "SpatialDropout2D expects [batch, height, width, channels]"
    ),
    (
      SpatialDropout3D(0.1), [2, 3, 4],
      "SpatialDropout3D expects [batch, depth, height, width, channels]"
    ),
    (
      ActivityRegularization(l1: -1), [2, 3],
      "ActivityRegularization: the factor of a regularizer is at least 0, not -1.0"
    ),
    (ReLU(maxValue: -1), [2, 3], "ReLU needs a maximum of at least 0, not -1.0"),
    (ReLU(negativeSlope: .nan), [2, 3], "ReLU needs a slope of at least 0, not nan"),
    (ReLU(threshold: .infinity), [2, 3], "ReLU needs a threshold of at least 0, not inf"),
    (LeakyReLU(negativeSlope: -0.1), [2, 3], "LeakyReLU needs a slope of at least 0, not -0.1"),
    (ELU(alpha: .infinity), [2, 3], "ELU needs a finite alpha, not inf"),
    (PReLU(sharedAxes: [0]), [2, 3], "PReLU cannot share its slope along axis 0"),
    (PReLU(sharedAxes: [.max]), [2, 3], "PReLU cannot share its slope along axis \(Int.max)"),
    (PReLU(), [2], "PReLU expects [batch, …]"),
    (Softmax(axis: 2), [2, 3], "Softmax along [2], which the input does not have"),
    (Softmax(axis: [1, -1]), [2, 3], "Softmax along [1, -1], which the input does not have"),
    (Softmax(axis: []), [2, 3], "Softmax along [], which the input does not have"),
  ]

  @Test("Mistakes have their texts")
  func mistakes() throws {
    for (layer, shape, text) in Self.mistakes {
      let error = #expect(throws: GraphError.self, "\(text)") {
        try LayerTrace(layer, [TensorType(.float32, shape)])
      }
      #expect(error?.message == text)
    }
  }
}
