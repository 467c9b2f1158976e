import Foundation
import ModelFormats
import NeuralNetworks
import Strata
import TensorGraph
import Testing

/// Operators on tensors in graphs: behind convolutions, whose images have their channels last, and
/// before losses.
@Suite struct ONNXTensorGraphTests {
  /// A node on images `[2, 4, 3, 5]`, or several of them.
  struct OnImages: Sendable, CustomTestStringConvertible {
    let operation: String
    /// The shapes of other operands.
    var others: [[Int]] = []
    /// Operands that are known.
    var integers: [[Int]] = []
    var attributes: [String: ONNXTestGraph.Attribute] = [:]
    var outputs = 1
    /// Whether nothing is moved between a convolution before and one after it.
    var keepsChannelsLast = true
    var testDescription: String { "\(operation) \(others) \(integers) \(attributes)" }

    /// The graph, in which images come from a convolution that changes nothing, or are the inputs.
    func graph(convolves: Bool) -> ONNXTestGraph {
      var graph = ONNXTestGraph()
      graph.input("image", [2, 4, 3, 5])
      var identity = [Float](repeating: 0, count: 16)
      for channel in 0..<4 { identity[channel * 5] = 1 }
      graph.weight("kernel", [4, 4, 1, 1], identity)
      if convolves { graph.node("Conv", ["image", "kernel"], "x") }
      var names = [convolves ? "x" : "image"]
      for (index, shape) in others.enumerated() {
        names.append("w\(index)")
        graph.weight("w\(index)", shape)
      }
      for (index, numbers) in integers.enumerated() {
        names.append("i\(index)")
        graph.integers("i\(index)", numbers)
      }
      let results = (0..<outputs).map { "y\($0)" }
      graph.node(operation, names, results, attributes)
      for name in results { graph.output(name) }
      return graph
    }
  }

  static let onImages: [OnImages] = [
    OnImages(operation: "Add", others: [[1, 4, 1, 1]]),
    OnImages(operation: "Add", others: [[4, 1, 1]]),
    OnImages(operation: "Sub", others: [[1]]),
    OnImages(operation: "Mul", others: [[2, 4, 3, 5]]),
    OnImages(operation: "Mul", others: [[2, 1, 3, 1]]),
    OnImages(operation: "Sub", others: [[3, 5]]),
    OnImages(operation: "Sub", others: [[5]]),
    OnImages(operation: "Max", others: [[4, 1, 1], [2, 4, 3, 5]]),
    OnImages(operation: "Clip", others: [[]]),
    OnImages(operation: "Pow", others: [[]]),
    OnImages(operation: "Sqrt"),
    OnImages(operation: "Concat", others: [[2, 4, 3, 5]], attributes: ["axis": 0]),
    OnImages(operation: "Concat", others: [[2, 2, 3, 5]], attributes: ["axis": 1]),
    OnImages(operation: "Concat", others: [[2, 4, 3, 2]], attributes: ["axis": -1]),
    OnImages(operation: "Split", integers: [[1, 3]], attributes: ["axis": 1], outputs: 2),
    OnImages(operation: "Split", attributes: ["axis": 2, "num_outputs": 2], outputs: 2),
    OnImages(operation: "Slice", integers: [[1, 4], [3, -6], [1, 3], [1, -2]]),
    OnImages(operation: "Pad", integers: [[0, 1, 0, 1, 0, 2, 1, -1]]),
    OnImages(
      operation: "Pad", integers: [[0, 0, 1, 1, 0, 0, 2, 1]], attributes: ["mode": "reflect"]),
    OnImages(operation: "CenterCropPad", integers: [[5, 2]], attributes: ["axes": [1, 3]]),
    OnImages(operation: "ReduceMean", integers: [[2, 3]]),
    OnImages(operation: "ReduceMax", integers: [[1]]),
    OnImages(
      operation: "ReduceSum", integers: [[-1, 0]], attributes: ["keepdims": 0],
      keepsChannelsLast: false),
    OnImages(operation: "Transpose", attributes: ["perm": [0, 2, 3, 1]], keepsChannelsLast: false),
    OnImages(operation: "DepthToSpace", attributes: ["blocksize": 2]),
    OnImages(operation: "DepthToSpace", attributes: ["blocksize": 2, "mode": "CRD"]),
    OnImages(operation: "Reshape", integers: [[2, -1]], keepsChannelsLast: false),
    OnImages(operation: "Tile", integers: [[1, 2, 1, 3]], keepsChannelsLast: false),
    OnImages(
      operation: "Gather", integers: [[2, 0]], attributes: ["axis": 1],
      keepsChannelsLast: false),
    OnImages(operation: "ArgMax", attributes: ["axis": 1], keepsChannelsLast: false),
    OnImages(operation: "QuantizeLinear", others: [[4]]),
  ]

  @Test("An operator gives the same in whichever order images are held", arguments: onImages)
  func orders(_ test: OnImages) throws {
    let image = Tensor([2, 4, 3, 5], (0..<120).map { 2 + sinf(Float($0) * 0.7) })
    let engine = CPUEngine(threads: 1)
    let plain = try test.graph(convolves: false).file().run(["image": image], engine: engine)
    let moved = try test.graph(convolves: true).file().run(["image": image], engine: engine)
    for (name, expected) in plain {
      let got = try #require(moved[name])
      #expect(got.shape == expected.shape)
      #expect(zip(got.numbers, expected.numbers).allSatisfy { abs($0 - $1) < 1e-5 }, "\(name)")
    }
  }

  @Test(
    "Images stay where they are between convolutions",
    arguments: onImages.filter(\.keepsChannelsLast))
  func nothingMoves(_ test: OnImages) throws {
    let file = try test.graph(convolves: true).file()
    let trace = Trace()
    defer { trace.companion = nil }
    let image = trace.input("image", TensorType(.float32, [2, 4, 3, 5]))
    let results = ONNXNetwork(file, engine: CPUEngine(threads: 1)).call(
      [image], LayerContext(model: .of(trace)))
    let graph = try trace.graph(returning: results)
    // One in front and one behind; those of operands and of blocks of pixels are not counted.
    let moves = graph.nodes.filter { node in
      guard node.operation is Transpose, case let shape = node.types[0].shape, shape.rank == 4,
        shape.count >= 60
      else { return false }
      let source = graph.nodes[node.inputs[0].node].operation as? Input
      return source == nil || source?.name == "image"
    }
    #expect(moves.count <= 1 + test.outputs)
  }

  /// A node on `float64`, whose gradients are compared with differences.
  struct Smooth: Sendable, CustomTestStringConvertible {
    let operation: String
    var shapes: [[Int]]
    var integers: [[Int]] = []
    var attributes: [String: ONNXTestGraph.Attribute] = [:]
    var opset = 22
    var testDescription: String { "\(operation) \(attributes)" }
  }

  static let smooth: [Smooth] = [
    Smooth(operation: "Mul", shapes: [[2, 3], [3]]),
    Smooth(operation: "Div", shapes: [[2, 3], [2, 1]]),
    Smooth(operation: "Pow", shapes: [[2, 3], [3]]),
    Smooth(operation: "Mod", shapes: [[2, 3], [3]], attributes: ["fmod": 1]),
    Smooth(operation: "Mean", shapes: [[2, 3], [3], [2, 1]]),
    Smooth(operation: "Max", shapes: [[2, 3], [3], [2, 1]]),
    Smooth(operation: "Erf", shapes: [[4]]),
    Smooth(operation: "ReduceL2", shapes: [[2, 3]], integers: [[1]]),
    Smooth(operation: "ReduceLogSumExp", shapes: [[2, 3]], integers: [[0]]),
    Smooth(operation: "ReduceProd", shapes: [[2, 3]], integers: [[1]]),
    Smooth(
      operation: "CumProd", shapes: [[5]], integers: [[0]], attributes: ["reverse": 1], opset: 26),
    Smooth(operation: "Slice", shapes: [[4, 3]], integers: [[3], [0], [0], [-2]]),
    Smooth(operation: "Pad", shapes: [[4]], integers: [[2, 3]], attributes: ["mode": "reflect"]),
    Smooth(operation: "Tile", shapes: [[2, 3]], integers: [[2, 2]]),
    Smooth(operation: "Trilu", shapes: [[3, 3]]),
    Smooth(operation: "Col2Im", shapes: [[1, 4, 4]], integers: [[3, 3], [2, 2]]),
    Smooth(operation: "Gather", shapes: [[4, 2]], integers: [[2, -1, 2]]),
    Smooth(operation: "GatherND", shapes: [[3, 2]], integers: [[2, 1]]),
    Smooth(operation: "TopK", shapes: [[5]], integers: [[2]]),
    Smooth(operation: "ReverseSequence", shapes: [[3, 2]], integers: [[2, 3]]),
    Smooth(operation: "MatMul", shapes: [[2, 1, 2, 3], [4, 3, 2]]),
    Smooth(
      operation: "Gemm", shapes: [[3, 2], [4, 3], [4]],
      attributes: ["transA": 1, "transB": 1, "alpha": 0.5, "beta": 2.0]),
    Smooth(
      operation: "Einsum", shapes: [[3, 3, 2], [2, 4]], attributes: ["equation": "iij,jk->ki"]),
    Smooth(
      operation: "Einsum", shapes: [[2, 3], [3, 4], [4]], attributes: ["equation": "ab,bc,c"]),
    Smooth(operation: "Det", shapes: [[2, 3, 3]]),
    Smooth(operation: "DFT", shapes: [[2, 5, 2]], attributes: ["inverse": 1]),
    Smooth(operation: "STFT", shapes: [[1, 6, 1]], integers: [[2]]),
  ]

  @Test("Gradients flow through operators", arguments: smooth)
  func gradients(_ test: Smooth) throws {
    var graph = ONNXTestGraph(opset: test.opset)
    var names: [String] = []
    for (index, shape) in test.shapes.enumerated() {
      names.append("x\(index)")
      graph.input(names[index], shape, .float64)
    }
    for (index, numbers) in test.integers.enumerated() {
      names.append("i\(index)")
      let isScalar = ["CumProd", "STFT", "TopK"].contains(test.operation)
      graph.integers("i\(index)", numbers, shape: isScalar ? [] : nil)
    }
    if test.operation == "STFT" {
      graph.integers("length", [4], shape: [])
      names += ["", "length"]
    }
    graph.node(test.operation, names, ["y"], test.attributes)
    graph.output("y", .float64)
    let network = ONNXNetwork(try graph.file(), engine: CPUEngine(threads: 1))
    let trace = Trace()
    defer { trace.companion = nil }
    let x = test.shapes.map { trace.input("x", TensorType(.float64, Shape($0))) }
    let y = network.call(x, LayerContext(model: .of(trace)))[0]
    let factor = sin(trace.iota([y.shape.count], axis: 0).cast(to: .float64) + 1)
    let loss = (y.reshaped([y.shape.count]) * factor).sum()
    let slopes = TensorGraph.gradients(of: loss, with: x)
    let all = try trace.graph(returning: [loss] + slopes)
    let inputs = test.shapes.enumerated().map { index, shape in
      ReferenceTensor(
        Shape(shape),
        (0..<Shape(shape).count).map { 1.5 + Foundation.sin(Double(7 * index + $0) * 1.3) })
    }
    let expected = ReferenceEngine.evaluate(all, inputs)
    for (operand, slope) in expected.dropFirst().enumerated() {
      for element in slope.numbers.indices {
        func loss(_ offset: Double) -> Double {
          var moved = inputs
          moved[operand].numbers[element] += offset
          return ReferenceEngine.evaluate(all, moved)[0].numbers[0]
        }
        let difference = (loss(1e-5) - loss(-1e-5)) / 2e-5
        #expect(
          Swift.abs(difference - slope.numbers[element]) < 1e-5 * max(1, Swift.abs(difference)),
          "operand \(operand), element \(element)")
      }
    }
  }
}
