import ModelFormats
import NeuralNetworks
import Strata
import TensorGraph
import Testing

/// Mistakes in the operators on tensors, those that a hostile file would make among them.
@Suite struct ONNXTensorMistakesTests {
  /// A node on a tensor of ones, with tensors of integers as other inputs.
  struct Broken: Sendable, CustomTestStringConvertible {
    let operation: String
    var x = [2, 3]
    var type = ONNXType.float32
    /// The other inputs; nothing for one that is left out.
    var integers: [[Int]?] = []
    var attributes: [String: ONNXTestGraph.Attribute] = [:]
    var opset = 22
    var outputs = 1
    let message: String
    var testDescription: String { "\(operation) \(integers) \(attributes)" }

    func failure() throws -> String? {
      var graph = ONNXTestGraph(opset: opset)
      graph.input("x", x, type)
      var names = ["x"]
      for (index, numbers) in integers.enumerated() {
        names.append(numbers == nil ? "" : "i\(index)")
        if let numbers {
          graph.integers("i\(index)", numbers, shape: numbers.count == 1 ? [] : [numbers.count])
        }
      }
      graph.node(operation, names, (0..<outputs).map { "y\($0)" }, attributes)
      graph.output("y0")
      let input = Tensor(TensorType(type.dtype ?? .float32, Shape(x)), repeating: 1)
      do {
        _ = try graph.file().run(["x": input], engine: CPUEngine(threads: 1))
        return nil
      } catch let error as FormatError {
        return error.message
      }
    }
  }

  static let far = Int.max, near = Int.min, huge = 1 << 40

  static let shaping: [Broken] = [
    Broken(
      operation: "Reshape", integers: [[-1, -1]], message: "Reshape of node y0: a size is -1"),
    Broken(
      operation: "Reshape", integers: [[-1, 4]],
      message: "Reshape of node y0: [2, 3] has no shape [-1, 4]"),
    Broken(
      operation: "Reshape", integers: [[2, 3, 0]],
      message: "Reshape of node y0: [2, 3, 0] keeps axis 2, which [2, 3] does not have"),
    Broken(
      operation: "Reshape", integers: [[-1, far, far]],
      message: "Reshape of node y0: the result would be [1, \(far), \(far)], more than 2147483648 "
        + "elements"),
    Broken(
      operation: "Reshape", integers: [[near, 3]],
      message: "Reshape of node y0: a size is \(near)"),
    Broken(
      operation: "Flatten", attributes: ["axis": 3],
      message: "Flatten of node y0: there is no axis 3 in a tensor of 2 axes"),
    Broken(
      operation: "Flatten", attributes: ["axis": .int(near)],
      message: "Flatten of node y0: there is no axis \(near) in a tensor of 2 axes"),
    Broken(
      operation: "Squeeze", integers: [[1, 0]],
      message: "Squeeze of node y0: axis 0 of [2, 3] has no size of 1"),
    Broken(
      operation: "Unsqueeze", integers: [[0, 0]],
      message: "Unsqueeze of node y0: an axis occurs twice in [0, 0]"),
    Broken(
      operation: "Unsqueeze", integers: [[near, 0]],
      message: "Unsqueeze of node y0: there is no axis \(near) in a tensor of 4 axes"),
    Broken(
      operation: "Transpose", attributes: ["perm": [1, 1]],
      message: "Transpose of node y0: perm [1, 1] is no order of the axes of [2, 3]"),
    Broken(
      operation: "Expand", integers: [[2, 4]],
      message: "Expand of node y0: [2, 3] does not expand to [2, 4]"),
    Broken(
      operation: "Expand", integers: [[huge, 1, 1]],
      message:
        "Expand of node y0: the result would be [\(huge), 1, 1], more than 2147483648 elements"),
    Broken(
      operation: "Expand", integers: [[1 << 30, 1, 1]],
      message:
        "Expand of node y0: the result would be [1073741824, 2, 3], more than 2147483648 elements"),
    Broken(
      operation: "Tile", integers: [[1, huge]],
      message:
        "Tile of node y0: the result would be [2, \(3 * huge)], more than 2147483648 elements"),
    Broken(
      operation: "Tile", integers: [[1, far]],
      message: "Tile of node y0: \(far) times 3 is too large"),
    Broken(operation: "Tile", integers: [[1, -1]], message: "Tile of node y0: a size is -3"),
    Broken(
      operation: "Tile", integers: [[1, 2, 3]],
      message: "Tile of node y0: repeats has 3 numbers instead of 2"),
    Broken(operation: "Concat", message: "Concat of node y0: there is no axis"),
    Broken(
      operation: "Concat", integers: [[1, 2]], attributes: ["axis": 0],
      message: "Concat of node y0: the inputs are not of one rank and one type"),
    Broken(
      operation: "Split", integers: [[4, -1]], attributes: ["axis": 1], outputs: 2,
      message: "Split of node y0: the parts [4, -1] are not those of a size of 3"),
    Broken(
      operation: "Split", integers: [[1, far]], attributes: ["axis": 1], outputs: 2,
      message: "Split of node y0: the parts [1, \(far)] are not those of a size of 3"),
    Broken(
      operation: "Split", integers: [[1, 1]], attributes: ["axis": 1], outputs: 2,
      message: "Split of node y0: the parts [1, 1] are not those of a size of 3"),
    Broken(
      operation: "Split", attributes: ["num_outputs": .int(huge)], outputs: 2,
      message: "Split of node y0: num_outputs is \(huge), there are 2"),
    Broken(
      operation: "Split", attributes: ["axis": 1], opset: 13, outputs: 2,
      message: "Split of node y0: 3 cannot be split into 2 equal parts"),
    Broken(
      operation: "Slice", integers: [[0, 0], [1, 1], [0, 1], [1, 0]],
      message: "Slice of node y0: a step is 0"),
    Broken(
      operation: "Slice", integers: [[0, 0], [1, 1], [0, -2]],
      message: "Slice of node y0: an axis occurs twice in [0, -2]"),
    Broken(
      operation: "Slice", integers: [[0, 0], [1, 1, 1]],
      message: "Slice of node y0: ends has 3 numbers instead of 2"),
    Broken(
      operation: "Pad", integers: [[1, 1, 1]],
      message: "Pad of node y0: pads has 3 numbers "
        + "instead of 4"),
    Broken(
      operation: "Pad", integers: [[far, 0, 0, 0]],
      message: "Pad of node y0: \(far) is too much to pad"),
    Broken(
      operation: "Pad", integers: [[huge, 0, 0, 0]],
      message: "Pad of node y0: the result would be [\(huge + 2), 3], more than 2147483648 elements"
    ),
    Broken(
      operation: "Pad", integers: [[-4, 0, 3, 0]],
      message: "Pad of node y0: -4 and 3 cut off more than the 2 elements there are"),
    Broken(
      operation: "Pad", integers: [[1, 0, 0, 0]], attributes: ["mode": "circle"],
      message: "Pad of node y0: the mode circle is none that Strata has"),
    Broken(
      operation: "Pad", x: [0, 3], integers: [[1, 0, 0, 0]], attributes: ["mode": "edge"],
      message: "Pad of node y0: there is nothing that the mode edge could repeat"),
    Broken(
      operation: "DepthToSpace", x: [1, 6, 2, 2], attributes: ["blocksize": 2],
      message: "DepthToSpace of node y0: 6 channels do not make blocks of 2×2"),
    Broken(
      operation: "SpaceToDepth", x: [1, 6, 2, 3], attributes: ["blocksize": .int(far)],
      message: "SpaceToDepth of node y0: blocksize is \(far)"),
    Broken(
      operation: "Col2Im", x: [1, 4, 2], integers: [[2, 2], [2, 2]],
      message: "Col2Im of node y0: [1, 4, 2] are not 4 elements at each of 1 places of the image"),
    Broken(
      operation: "Col2Im", x: [1, 4, 2], integers: [[2, far], [2, 2]],
      message: "Col2Im of node y0: a size or a pad is \(far)"),
    Broken(
      operation: "CenterCropPad", integers: [[huge, 2]],
      message:
        "CenterCropPad of node y0: the result would be [\(huge), 2], more than 2147483648 elements"
    ),
    Broken(
      operation: "Reshape", x: [1], integers: [Array(repeating: 1, count: 65)],
      message: "Reshape of node y0: the result would have 65 axes"),
    Broken(
      operation: "Unsqueeze", integers: [Array(0..<100_000)],
      message: "Unsqueeze of node y0: the result would have 100002 axes"),
    Broken(
      operation: "Pad", integers: [[1 << 28, 0, 0, 0]], attributes: ["mode": "wrap"],
      message: "Pad of node y0: 268435456 and 0 are too many to repeat"),
    Broken(operation: "EyeLike", x: [2], message: "EyeLike of node y0: [2] is no matrix"),
    Broken(operation: "Trilu", x: [2], message: "Trilu of node y0: [2] has no matrices"),
  ]

  static let numbers: [Broken] = [
    Broken(
      operation: "Add", integers: [[1]],
      message: "Add of node y0: the inputs are float32 and int64, not of one type"),
    Broken(
      operation: "Add", type: .int64, integers: [[1, 2]],
      message: "add cannot broadcast [2, 3] with [2]"),
    Broken(
      operation: "Add", type: .int64, integers: [[1, 2]], attributes: ["broadcast": 1, "axis": 5],
      opset: 6, message: "Add of node y0: there is no axis 5 in a tensor of 2 axes"),
    Broken(operation: "Add", message: "Add of node y0: input 1 is missing"),
    Broken(
      operation: "BitShift", type: .int64, integers: [[1]],
      message: "BitShift of node y0: direction is missing, neither LEFT nor RIGHT"),
    Broken(
      operation: "BitwiseNot",
      message: "BitwiseNot of node y0: the input is float32, bits are those of integers"),
    Broken(
      operation: "Clip", type: .int64, integers: [[1, 2, 3]],
      message: "Clip of node y0: a limit has the shape [3], it is one number"),
    Broken(
      operation: "Where", integers: [[1], [2]],
      message: "Where of node y0: the inputs are float32, int64 and int64, not a bool and two of "
        + "one type"),
    Broken(operation: "Cast", message: "Cast of node y0: there is no type to cast to"),
    Broken(
      operation: "Cast", attributes: ["to": 15],
      message: "Cast of node y0: to is 15, no element type that Strata has"),
    Broken(
      operation: "Cast", attributes: ["to": .int(near)],
      message: "Cast of node y0: to is \(near), no element type that Strata has"),
    Broken(
      operation: "Cast", attributes: ["to": 24, "round_mode": "odd"],
      message: "Cast of node y0: round_mode is odd, none of nearest, up and down"),
    Broken(
      operation: "BitCast", attributes: ["to": 5], opset: 26,
      message: "BitCast of node y0: the bits of float32 are none of the type to"),
    Broken(
      operation: "ReduceSum", integers: [[2]],
      message: "ReduceSum of node y0: there is no axis 2 in a tensor of 2 axes"),
    Broken(
      operation: "ArgMax", attributes: ["axis": .int(near)],
      message: "ArgMax of node y0: there is no axis \(near) in a tensor of 2 axes"),
    Broken(
      operation: "CumSum", integers: [[0, 1]],
      message: "CumSum of node y0: input 1 has 2 numbers instead of one"),
    Broken(
      operation: "MatMul", integers: [[1]],
      message: "MatMul of node y0: a product of [2, 3] and [] is none of matrices"),
    Broken(
      operation: "Gemm", integers: [[1, 2]],
      message: "Gemm of node y0: A [2, 3] and B [2] are not two matrices"),
    Broken(operation: "Einsum", message: "Einsum of node y0: there is no equation"),
    Broken(
      operation: "Einsum", attributes: ["equation": "ijk->k"],
      message: "Einsum of node y0: ‘ijk’ of the equation ijk->k does not fit [2, 3]"),
    Broken(
      operation: "Einsum", attributes: ["equation": "ii->i"],
      message: "Einsum of node y0: ‘ii’ takes the diagonal of 2×3"),
    Broken(
      operation: "Einsum", attributes: ["equation": "ij,j->i"],
      message: "Einsum of node y0: the equation ij,j->i is not for 1 inputs"),
    Broken(operation: "Det", message: "Det of node y0: [2, 3] has no square matrices"),
  ]

  static let places: [Broken] = [
    Broken(
      operation: "Gather", integers: [[2]],
      message: "Gather of node y0: there is no index 2 along an axis of size 2"),
    Broken(
      operation: "Gather", integers: [[near, 0]], attributes: ["axis": 1],
      message: "Gather of node y0: there is no index \(near) along an axis of size 3"),
    Broken(
      operation: "GatherElements", integers: [[0, 1]],
      message: "GatherElements of node y0: the shape of the indices has 1 numbers instead of 2"),
    Broken(
      operation: "GatherND", integers: [[1, 3]],
      message: "GatherND of node y0: there is no index 3 along an axis of size 3"),
    Broken(
      operation: "GatherND", integers: [[0, 1, 2]],
      message: "GatherND of node y0: indices [3] with batch_dims 0 are not for [2, 3]"),
    Broken(
      operation: "GatherND", integers: [[0, 1]], attributes: ["batch_dims": .int(near)],
      message: "GatherND of node y0: indices [2] with batch_dims \(near) are not for [2, 3]"),
    Broken(
      operation: "ScatterND", integers: [[0, 1], [5]],
      message: "ScatterND of node y0: the updates are int64, the data float32"),
    Broken(
      operation: "ScatterND", type: .int64, integers: [[0, 1], [5]],
      attributes: ["reduction": "xor"],
      message: "ScatterND of node y0: the reduction xor is none that Strata has"),
    Broken(
      operation: "ScatterElements", type: .int64, integers: [[0, 1], [5]],
      message: "ScatterElements of node y0: [] at [2] is not for [2, 3]"),
    Broken(
      operation: "OneHot", type: .int64, integers: [[huge], [0, 1]],
      message:
        "OneHot of node y0: the result would be [2, 3, \(huge)], more than 2147483648 elements"),
    Broken(
      operation: "OneHot", type: .int64, integers: [[-1], [0, 1]],
      message: "OneHot of node y0: depth is -1, and there are 2 values of 2"),
    Broken(
      operation: "TopK", integers: [[4]], message: "TopK of node y0: there are 3 elements, k is 4"),
    Broken(
      operation: "TopK", integers: [[near]],
      message: "TopK of node y0: there are 3 elements, k is \(near)"),
    Broken(
      operation: "Compress", integers: [[1, 0, 1]], attributes: ["axis": 0],
      message: "Compress of node y0: there are 3 conditions for the size 2"),
    Broken(
      operation: "ReverseSequence", integers: [[1, 1]],
      message: "ReverseSequence of node y0: lengths [2] are not for axis 1 of [2, 3]"),
    Broken(
      operation: "NonMaxSuppression", integers: [[1, 1]],
      message: "NonMaxSuppression of node y0: boxes [2, 3] and scores [2] are not [batch, boxes, "
        + "4] and [batch, classes, boxes]"),
    Broken(
      operation: "TensorScatter", x: [2, 3, 1], integers: [[1, 1]], opset: 24,
      message: "TensorScatter of node y0: [2] are no updates of [2, 3, 1], in mode linear"),
    Broken(
      operation: "QuantizeLinear", integers: [[1, 2]],
      message: "QuantizeLinear of node y0: scales [2] are not for axis 1 of [2, 3] in blocks of 0"),
    Broken(
      operation: "QuantizeLinear", integers: [[1, 2]], attributes: ["block_size": .int(far)],
      message: "QuantizeLinear of node y0: scales [2] are not for axis 1 of [2, 3] in blocks of "
        + "\(far)"),
    Broken(
      operation: "QuantizeLinear", integers: [[1]], attributes: ["block_size": .int(near)],
      message: "QuantizeLinear of node y0: block_size is \(near)"),
    Broken(
      operation: "QuantizeLinear", integers: [[1]], attributes: ["output_dtype": 7],
      message: "QuantizeLinear of node y0: numbers are not quantized to int64"),
    Broken(
      operation: "DequantizeLinear", integers: [[1]],
      message: "DequantizeLinear of node y0: the scales are int64"),
    Broken(
      operation: "DFT", x: [1, 4, 1], integers: [[huge]],
      message: "DFT of node y0: a transform of \(huge) numbers"),
    Broken(
      operation: "DFT", x: [1, 4, 1], integers: [[2 * 4099]],
      message: "DFT of node y0: a transform of 4099 numbers, which is no product of smaller ones"),
    Broken(
      operation: "DFT", x: [1, 4, 1], integers: [[0]],
      message: "DFT of node y0: a transform of 0 numbers"),
    Broken(
      operation: "DFT", x: [1, 4, 3],
      message: "DFT of node y0: [1, 4, 3] has no last axis of 1 or 2 for the parts of a number"),
    Broken(
      operation: "STFT", x: [1, 4, 1], integers: [[0], nil, [2]],
      message: "STFT of node y0: a signal [1, 4, 1] in steps of 0"),
    Broken(
      operation: "STFT", x: [1, 4, 1], integers: [[1], nil, [5]],
      message: "STFT of node y0: frames of 5 of a signal of 4"),
  ]

  @Test("Mistakes are said", arguments: shaping + numbers + places)
  func mistakes(_ broken: Broken) throws {
    #expect(try broken.failure() == broken.message)
  }

  /// A node whose inputs are all known.
  struct Known: Sendable, CustomTestStringConvertible {
    let operation: String
    var integers: [[Int]] = []
    var floats: [[Float]] = []
    let message: String
    var testDescription: String { "\(operation) \(integers) \(floats)" }

    func failure() throws -> String? {
      var graph = ONNXTestGraph()
      graph.input("x", [1])
      for (index, numbers) in integers.enumerated() {
        graph.integers("i\(index)", numbers, shape: numbers.count == 1 ? [] : [numbers.count])
      }
      for (index, numbers) in floats.enumerated() {
        graph.weight("f\(index)", numbers.count == 1 ? [] : [numbers.count], numbers)
      }
      graph.node(
        operation, integers.indices.map { "i\($0)" } + floats.indices.map { "f\($0)" }, "y")
      graph.output("y")
      do {
        _ = try graph.file().run(["x": Tensor([1], [Float(0)])], engine: CPUEngine(threads: 1))
        return nil
      } catch let error as FormatError {
        return error.message
      }
    }
  }

  static let known: [Known] = [
    Known(operation: "Range", integers: [[0], [5], [0]], message: "Range of node y: delta is 0"),
    Known(
      operation: "Range", integers: [[near], [far], [1]],
      message: "Range of node y: the range goes from \(near) to \(far)"),
    Known(
      operation: "Range", integers: [[0], [huge], [1]],
      message: "Range of node y: the range would have 1099511627776.0 elements"),
    Known(
      operation: "Range", floats: [[0], [1], [.nan]], message: "Range of node y: delta is nan"),
    Known(
      operation: "Range", floats: [[0], [.infinity], [1]],
      message: "Range of node y: the range would have inf elements"),
    Known(
      operation: "ConstantOfShape", integers: [[huge, 2]],
      message: "ConstantOfShape of node y: the result would be [\(huge), 2], more than 134217728 "
        + "elements"),
    Known(
      operation: "ConstantOfShape", integers: [[near, 2]],
      message: "ConstantOfShape of node y: a size is \(near)"),
    Known(
      operation: "HannWindow", integers: [[huge]],
      message: "HannWindow of node y: the size is "
        + "\(huge)"),
    Known(
      operation: "MelWeightMatrix", integers: [[4], [far], [8]], floats: [[0], [1]],
      message: "MelWeightMatrix of node y: 4 filters from 0.0 to 1.0 Hz for \(far) samples at 8 Hz"),
  ]

  @Test("Tensors made of a few numbers are not made too large", arguments: known)
  func makers(_ known: Known) throws {
    #expect(try known.failure() == known.message)
  }
}
