import Foundation
import ModelFormats
import NeuralNetworks
import Strata
import TensorGraph
import Testing

/// What the test cases of ONNX do not look at in the operators of networks.
@Suite struct ONNXNetworkOperatorTests {
  /// A node on images `[1, channels, side, side]` with other inputs by shape.
  struct Broken: Sendable, CustomTestStringConvertible {
    let operation: String
    var x = [1, 4, 5, 5]
    var others: [[Int]] = []
    var attributes: [String: ONNXTestGraph.Attribute] = [:]
    var opset = 22
    var domain = ""
    let message: String
    var testDescription: String { "\(operation) \(attributes)" }

    func failure() throws -> String? {
      var graph = ONNXTestGraph(opset: opset)
      if !domain.isEmpty { graph.importOperators(domain, 1) }
      graph.input("x", x)
      for (index, shape) in others.enumerated() { graph.weight("w\(index)", shape) }
      graph.node(
        operation, ["x"] + others.indices.map { "w\($0)" }, "y", attributes, domain: domain)
      graph.output("y")
      let input = Tensor(zeros: TensorType(.float32, Shape(x)))
      do {
        _ = try graph.file().run(["x": input], engine: CPUEngine(threads: 1))
        return nil
      } catch let error as FormatError {
        return error.message
      }
    }
  }

  static let huge = 1 << 62

  static let broken: [Broken] = [
    Broken(
      operation: "Conv", others: [[6, 4, 3, 3]], attributes: ["group": 0],
      message: "Conv of node y: 4 channels cannot be cut into 0 groups"),
    Broken(
      operation: "Conv", others: [[6, 4, 3, 3]], attributes: ["group": 3],
      message: "Conv of node y: 4 channels cannot be cut into 3 groups"),
    Broken(
      operation: "Conv", others: [[6, 4, 3, 3]], attributes: ["group": .int(-huge)],
      message: "Conv of node y: 4 channels cannot be cut into -4611686018427387904 groups"),
    Broken(
      operation: "Conv", others: [[3, 2, 3, 3]], attributes: ["group": 2],
      message: "Conv of node y: a kernel [3, 2, 3, 3] does not fit [1, 4, 5, 5] in 2 groups"),
    Broken(
      operation: "Conv", others: [[6, 4, 7, 7]],
      message: "Conv of node y: a window of [7, 7] does not fit in images of [5, 5] padded by "
        + "[0, 0] and [0, 0]"),
    Broken(
      operation: "Conv", others: [[6, 4, 3, 3]], attributes: ["pads": [0, 0, -1, 0]],
      message: "Conv of node y: pads is [0, 0, -1, 0], where 0 is the least and 2³⁰ the most"),
    Broken(
      operation: "Conv", others: [[6, 4, 3, 3]],
      attributes: ["dilations": .ints([huge, 1])],
      message: "Conv of node y: dilations is [4611686018427387904, 1], where 1 is the least and "
        + "2³⁰ the most"),
    Broken(
      operation: "Conv", others: [[6, 4, 3, 3]], attributes: ["strides": [0, 1]],
      message: "Conv of node y: strides is [0, 1], where 1 is the least and 2³⁰ the most"),
    Broken(
      operation: "Conv", others: [[6, 4, 3, 3]], attributes: ["strides": [1]],
      message: "Conv of node y: strides is [1], which is not one number for each of 2 axes"),
    Broken(
      operation: "Conv", others: [[6, 4, 3, 3]], attributes: ["kernel_shape": [5, 5]],
      message: "Conv of node y: kernel_shape is [5, 5], the kernel has [3, 3]"),
    Broken(
      operation: "Conv", others: [[6, 4, 3, 3], [5]],
      message: "Conv of node y: a bias [5] for 6 channels"),
    Broken(
      operation: "Conv", others: [[6, 4, 3, 3]], attributes: ["auto_pad": "SAME"],
      message: "Conv of node y: auto_pad is SAME"),
    Broken(
      operation: "Conv", x: [1, 4], others: [[6, 4, 3, 3]],
      message: "Conv of node y: images are [batch, channels, spatial…] with 1 to 3 spatial axes, "
        + "not [1, 4]"),
    Broken(
      operation: "Conv", x: [1, 4, 0, 5], others: [[6, 4, 3, 3]],
      message: "Conv of node y: images have no pixels: [1, 4, 0, 5]"),
    Broken(
      operation: "ConvTranspose", others: [[4, 6, 3, 3]],
      attributes: ["output_padding": .ints([huge, 0])],
      message: "ConvTranspose of node y: output_padding is [4611686018427387904, 0], where 0 is "
        + "the least and 2³⁰ the most"),
    Broken(
      operation: "ConvTranspose", others: [[4, 6, 3, 3]], attributes: ["pads": [9, 0, 0, 0]],
      message: "ConvTranspose of node y: the padding leaves [-2, 7] of [7, 7]"),
    Broken(
      operation: "ConvTranspose", others: [[3, 6, 3, 3]],
      message: "ConvTranspose of node y: a kernel [3, 6, 3, 3] does not fit [1, 4, 5, 5]"),
    Broken(
      operation: "DeformConv", others: [[6, 4, 3, 3], [1, 18, 5, 5]],
      message: "DeformConv of node y: input 2 is [1, 18, 5, 5], there are 9 taps in 1 parts at "
        + "[3, 3] places"),
    Broken(
      operation: "CausalConvWithState", x: [1, 4, 5], others: [[4, 2, 3]], opset: 27,
      message: "CausalConvWithState of node y: a kernel [4, 2, 3] does not fit [1, 4, 5]"),
    Broken(operation: "MaxPool", message: "MaxPool of node y: kernel_shape is missing"),
    Broken(
      operation: "MaxPool", attributes: ["kernel_shape": .ints([huge, 2])],
      message: "MaxPool of node y: kernel_shape is [4611686018427387904, 2], where 1 is the least "
        + "and 2³⁰ the most"),
    Broken(
      operation: "MaxPool", attributes: ["kernel_shape": [2, 2], "strides": [-1, 1]],
      message: "MaxPool of node y: strides is [-1, 1], where 1 is the least and 2³⁰ the most"),
    Broken(
      operation: "AveragePool", attributes: ["kernel_shape": [2, 2, 2]],
      message: "AveragePool of node y: kernel_shape is [2, 2, 2], which is not one number for each "
        + "of 2 axes"),
    Broken(
      operation: "LpPool", attributes: ["kernel_shape": [2, 2], "p": 0],
      message: "LpPool of node y: p is 0.0"),
    Broken(
      operation: "GlobalAveragePool", x: [1, 4],
      message: "GlobalAveragePool of node y: images are [batch, channels, spatial…], not [1, 4]"),
    Broken(
      operation: "LRN", attributes: ["size": 0],
      message: "LRN of node y: size is 0, the images are [1, 4, 5, 5]"),
    Broken(
      operation: "BatchNormalization", others: [[4], [4], [3], [4]],
      message: "BatchNormalization of node y: input 3 is [3], there are 4 channels"),
    Broken(
      operation: "GroupNormalization", others: [[4], [4]], attributes: ["num_groups": 3],
      message: "GroupNormalization of node y: 4 channels cannot be cut into 3 groups"),
    Broken(
      operation: "LayerNormalization", others: [[5]], attributes: ["axis": 7],
      message: "LayerNormalization of node y: there is no axis 7 in a tensor of 4 axes"),
    Broken(
      operation: "LayerNormalization", others: [[4]],
      message: "LayerNormalization of node y: input 1 is [4], the features are [5]"),
    Broken(
      operation: "LpNormalization", attributes: ["p": 3],
      message: "LpNormalization of node y: p is 3, neither 1 nor 2"),
    Broken(
      operation: "Softmax", attributes: ["axis": .int(-huge)],
      message: "Softmax of node y: there is no axis -4611686018427387904 in a tensor of 4 axes"),
    Broken(
      operation: "Gelu", attributes: ["approximate": "erf"],
      message: "Gelu of node y: approximate is erf"),
    Broken(
      operation: "Dropout", attributes: ["ratio": 1.5], opset: 7,
      message: "Dropout of node y: ratio is 1.5"),
    Broken(
      operation: "LSTM", x: [3, 2, 5], others: [[1, 16, 5], [1, 16, 4]],
      attributes: ["hidden_size": .int(huge)],
      message: "LSTM of node y: hidden_size is 4611686018427387904, the weights are of 4 units"),
    Broken(
      operation: "LSTM", x: [3, 2, 5], others: [[1, 12, 5], [1, 12, 4]],
      message: "LSTM of node y: weights [1, 12, 5] and [1, 12, 4] do not fit 1 directions of 4 "
        + "gates and inputs [3, 2, 5]"),
    Broken(
      operation: "GRU", x: [0, 2, 5], others: [[1, 12, 5], [1, 12, 4]],
      message: "GRU of node y: sequences are [time, batch, inputs] with at least one step, not "
        + "[0, 2, 5]"),
    Broken(
      operation: "RNN", x: [3, 2, 5], others: [[1, 4, 5], [1, 4, 4]],
      attributes: ["activations": .strings(["Tanh", "Tanh"])],
      message: "RNN of node y: activations are 2, where 1 are needed"),
    Broken(
      operation: "RNN", x: [3, 2, 5], others: [[1, 4, 5], [1, 4, 4]],
      attributes: ["activations": .strings(["Step"])],
      message: "RNN of node y: there is no activation step"),
    Broken(
      operation: "GRU", x: [3, 2, 5], others: [[1, 12, 5], [1, 12, 4]],
      attributes: ["direction": "backward"], message: "GRU of node y: direction is backward"),
    Broken(
      operation: "Attention", x: [2, 3, 8], others: [[2, 3, 8], [2, 3, 8]],
      attributes: ["q_num_heads": 3, "kv_num_heads": 2], opset: 23,
      message: "Attention of node y: [2, 3, 8] cannot be cut into 3 heads"),
    Broken(
      operation: "Attention", x: [2, 3, 4, 8], others: [[2, 2, 4, 8], [2, 2, 4, 8]], opset: 23,
      message: "Attention of node y: 2 heads cannot be shared by 3"),
    Broken(
      operation: "Upsample", attributes: ["scales": .floats([1, 1, 0, 2])], opset: 7,
      message: "Upsample of node y: an axis of 5 cannot become 0.0 by 0.0"),
    Broken(
      operation: "Upsample", attributes: ["scales": .floats([1, 1, .nan, 2])], opset: 7,
      message: "Upsample of node y: an axis of 5 cannot become nan by nan"),
    Broken(
      operation: "Upsample", attributes: ["scales": .floats([1, 1, 0x1p60, 2])], opset: 7,
      message: "Upsample of node y: an axis of 5 cannot become 5.764607523034235e+18 by "
        + "1.152921504606847e+18"),
    Broken(
      operation: "Upsample", attributes: ["scales": .floats([1, 1, 2])], opset: 7,
      message: "Upsample of node y: scales are [1.0, 1.0, 2.0] for 4 axes"),
    Broken(
      operation: "Resize", attributes: ["axes": [2, -2]], opset: 19,
      message: "Resize of node y: axes are [2, 2]"),
    Broken(
      operation: "RoiAlign", others: [[2, 4], [2]],
      attributes: ["output_height": .int(huge), "sampling_ratio": 2],
      message: "RoiAlign of node y: [4611686018427387904, 1] parts with 2 points each are too many"
    ),
    Broken(
      operation: "MaxRoiPool", others: [[2, 4]], attributes: ["pooled_shape": [2, 2]],
      message: "MaxRoiPool of node y: regions [2, 4] of images [1, 4, 5, 5]"),
    Broken(
      operation: "Conv", others: [[6, 4, 3, 3]],
      attributes: ["pads": .ints([1 << 20, 1 << 20, 1 << 20, 1 << 20])],
      message: "Conv of node y: a result of [1, 6, 2097155, 2097155] is too large"),
    Broken(
      operation: "ConvTranspose", others: [[4, 6, 3, 3]],
      attributes: ["strides": .ints([1 << 20, 1 << 20])],
      message: "ConvTranspose of node y: a result of [1, 6, 4194307, 4194307] is too large"),
    Broken(
      operation: "Upsample", attributes: ["scales": .floats([1, 1, 0x1p16, 0x1p16])], opset: 7,
      message: "Upsample of node y: a result of [1, 4, 327680, 327680] is too large"),
    Broken(
      operation: "GridSample", others: [[1, 2, 2, 3]], opset: 20,
      message: "GridSample of node y: a grid [1, 2, 2, 3] for images [1, 4, 5, 5]"),
    Broken(
      operation: "RandomNormalLike", attributes: ["dtype": 7],
      message: "RandomNormalLike of node y: random numbers cannot be int64"),
    Broken(
      operation: "Multinomial", x: [1, 4], attributes: ["sample_size": .int(huge)],
      message: "Multinomial of node y: 4611686018427387904 samples of classes [1, 4]"),
    Broken(
      operation: "Momentum", others: [[1], [2]], domain: "ai.onnx.preview.training",
      message: "ai.onnx.preview.training.Momentum of node y: 3 inputs are not those of 2 kinds"),
  ]

  @Test("Mistakes are said", arguments: broken)
  func mistakes(_ broken: Broken) throws {
    #expect(try broken.failure() == broken.message)
  }

  // MARK: Training

  /// Conv, BatchNormalization, Relu, MaxPool, Conv, Add, GlobalAveragePool, Gemm.
  static func network(normalizes: Bool = true) -> ONNXTestGraph {
    var graph = ONNXTestGraph()
    graph.input("x", [nil, 2, 8, 8])
    graph.weight("w1", [4, 2, 3, 3])
    graph.weight("b1", [4])
    graph.node("Conv", ["x", "w1", "b1"], "c1", ["pads": [1, 1, 1, 1]])
    if normalizes {
      graph.weight("gamma", [4], [1, 1.5, 0.5, 1])
      graph.weight("beta", [4])
      graph.weight("mean", [4], [0, 0, 0, 0])
      graph.weight("variance", [4], [1, 1, 1, 1])
      graph.node("BatchNormalization", ["c1", "gamma", "beta", "mean", "variance"], "n1")
    } else {
      graph.node("Identity", ["c1"], "n1")
    }
    graph.node(normalizes ? "Relu" : "Tanh", ["n1"], "r1")
    // Differences of a loss with a maximum in it may be of two of its branches.
    let pool = normalizes ? "MaxPool" : "AveragePool"
    graph.node(pool, ["r1"], "p1", ["kernel_shape": [2, 2], "strides": [2, 2]])
    graph.weight("w2", [4, 2, 3, 3])
    graph.node("Conv", ["p1", "w2"], "c2", ["pads": [1, 1, 1, 1], "group": 2])
    graph.node("Add", ["c2", "p1"], "s")
    graph.node("GlobalAveragePool", ["s"], "g")
    graph.output("g")
    return graph
  }

  static func images(_ count: Int) -> Tensor {
    Tensor([count, 2, 8, 8], (0..<count * 128).map { sinf(Float($0) * 0.37) })
  }

  static func targets(_ count: Int) -> Tensor {
    Tensor([count, 4, 1, 1], (0..<count * 4).map { cosf(Float($0) * 0.9) })
  }

  @Test("A network of convolutions moves its axes at its entrance only")
  func channelsStayLast() throws {
    let graph = try Self.network().model().predictionGraph([TensorType(.float32, [2, 2, 8, 8])])
      .simplified()
    let transposed = graph.nodes.filter { $0.operation is Transpose }
    // The last is of an image with one pixel.
    #expect(transposed.count == 2)
    #expect(transposed.first?.types.first?.shape == [2, 8, 8, 2])
    #expect(transposed.last?.types.first?.shape == [2, 4, 1, 1])
  }

  @Test("A network of convolutions learns, and its running statistics move")
  func trainsConvolutions() throws {
    let model = try Self.network().model()
    let before = model.weights
    try model.compile(optimizer: .adam(learningRate: 0.02), loss: .meanSquaredError)
    let history = try model.fit(
      Self.images(8), Self.targets(8), batchSize: 8, epochs: 12, shuffle: false, verbose: .silent)
    let losses = try #require(history["loss"])
    #expect(try #require(losses.last) < 0.9 * losses[0])
    for (path, value) in model.weights { #expect(value != before[path], "\(path) stays") }
    let variance = try #require(model.weights.first { $0.key.hasSuffix("variance") })
    #expect(variance.value.numbers.allSatisfy { $0 > 0 && $0 < 1 })
    #expect(!model.isTrainable(variance.key))
  }

  @Test("Batch statistics are those of ONNX: momentum times what was, and the rest what is")
  func runningStatistics() throws {
    var graph = ONNXTestGraph()
    graph.input("x", [nil, 2, 3])
    for (name, number) in [("g", 1), ("b", 0), ("m", 0.5), ("v", 2)] as [(String, Float)] {
      graph.weight(name, [2], [number, number])
    }
    graph.node("BatchNormalization", ["x", "g", "b", "m", "v"], "y", ["momentum": 0.75])
    graph.output("y")
    let model = try graph.model()
    try model.compile(optimizer: .sgd(learningRate: 0), loss: .meanSquaredError)
    let x = Tensor([2, 2, 3], [1, 2, 3, 0, 0, 6, 4, 5, 6, 0, 0, 0] as [Float])
    try model.trainOnBatch(x, x)
    func state(_ name: String) throws -> [Double] {
      try #require(model.weights.first { $0.key.hasSuffix("/\(name)") }).value.numbers
    }
    // Means 3.5 and 1; variances, of all six numbers, 35/12 and 5.
    #expect(try zip(state("m"), [1.25, 0.625]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(try zip(state("v"), [1.5 + 35.0 / 48, 2.75]).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  static func recurrentNetwork(_ type: String, gates: Int) -> ONNXTestGraph {
    var graph = ONNXTestGraph()
    graph.input("x", [nil, 5, 3])
    graph.weight("W", [2, gates * 4, 3])
    graph.weight("R", [2, gates * 4, 4])
    graph.weight("B", [2, gates * 8])
    graph.node(
      type, ["x", "W", "R", "B"], ["", "h"],
      [
        "hidden_size": 4, "layout": 1, "direction": "bidirectional",
        "linear_before_reset": 1,
      ].filter { type == "GRU" || $0.key != "linear_before_reset" })
    graph.output("h")
    return graph
  }

  @Test("Recurrent networks learn", arguments: [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
  func trainsRecurrences(_ kind: (String, Int)) throws {
    let model = try Self.recurrentNetwork(kind.0, gates: kind.1).model()
    try model.compile(optimizer: .adam(learningRate: 0.03), loss: .meanSquaredError)
    let x = Tensor([6, 5, 3], (0..<90).map { sinf(Float($0) * 0.7) })
    let y = Tensor([6, 2, 4], (0..<48).map { 0.5 * cosf(Float($0)) })
    let history = try model.fit(
      x, y, batchSize: 6, epochs: 15, shuffle: false, verbose: .silent)
    let losses = try #require(history["loss"])
    #expect(try #require(losses.last) < 0.8 * losses[0])
  }

  /// Compares what a step of gradient descent does with central differences of the loss.
  private func checkGradients(_ model: Model, _ x: Tensor, _ y: Tensor) throws {
    let rate = 1e-2
    try model.compile(optimizer: .sgd(learningRate: rate), loss: .meanSquaredError)
    let before = model.weights
    func loss() throws -> Double {
      let p = try model.predict(x).numbers
      return zip(p, y.numbers).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(p.count)
    }
    try model.trainOnBatch(x, y)
    let after = model.weights
    for (path, start) in before {
      let end = try #require(after[path])
      for index in stride(from: 0, to: start.count, by: max(start.count / 5, 1)) {
        func moved(_ by: Double) throws -> Double {
          var numbers = start.numbers
          numbers[index] += by
          var weights = before
          weights[path] = Tensor(start.type, numbers: numbers)
          try model.setWeights(weights)
          return try loss()
        }
        let expected = try (moved(5e-3) - moved(-5e-3)) / 1e-2
        let got = (start.numbers[index] - end.numbers[index]) / rate
        #expect(abs(got - expected) < 2e-3 + 2e-2 * abs(expected), "\(path)[\(index)]")
      }
    }
  }

  @Test("Gradients of an imported network are those of its loss")
  func gradients() throws {
    try checkGradients(
      Self.network(normalizes: false).model(), Self.images(3), Self.targets(3))
    let x = Tensor([2, 5, 3], (0..<30).map { sinf(Float($0) * 0.7) })
    let y = Tensor([2, 2, 4], (0..<16).map { 0.5 * cosf(Float($0)) })
    for (type, gates) in [("LSTM", 4), ("GRU", 3), ("RNN", 1)] {
      try checkGradients(Self.recurrentNetwork(type, gates: gates).model(), x, y)
    }
  }

  @Test("Dropout drops in training steps only")
  func dropout() throws {
    var graph = ONNXTestGraph()
    graph.input("x", [nil, 400])
    graph.weight("w", [400], Array(repeating: 1, count: 400))
    graph.node("Mul", ["x", "w"], "p")
    graph.node("Dropout", ["p"], "y")
    graph.output("y")
    let model = try graph.model()
    let x = Tensor(TensorType(.float32, [2, 400]), repeating: 1)
    #expect(try model.predict(x) == x)
    try model.compile(optimizer: .sgd(learningRate: 1), loss: .meanSquaredError)
    let loss = try #require(model.trainOnBatch(x, x)["loss"])
    #expect(abs(loss - 1) < 1e-6)  // (0 − 1)² or (2 − 1)²
    let moved = try #require(model.weights.values.first).numbers
    #expect(Set(moved.map { $0 < 1 }).count == 2)
  }
}
