import Foundation
import ModelFormats
import NeuralNetworks
import Strata
import SwiftProtobuf
import TensorGraph

/// A graph of ONNX, built node by node.
///
///     var graph = ONNXTestGraph()
///     graph.input("x", [nil, 3, 8, 8])
///     graph.weight("w", [4, 3, 3, 3])
///     graph.node("Conv", ["x", "w"], "y", ["pads": [1, 1, 1, 1]])
///     graph.output("y")
///     let model = try graph.model()
struct ONNXTestGraph {
  /// An attribute of a node.
  enum Attribute: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral
  {
    case int(Int)
    case float(Double)
    case string(String)
    case ints([Int])
    case floats([Double])
    case strings([String])

    init(integerLiteral value: Int) { self = .int(value) }
    init(floatLiteral value: Double) { self = .float(value) }
    init(stringLiteral value: String) { self = .string(value) }
    init(arrayLiteral elements: Int...) { self = .ints(elements) }
  }

  private var proto = ONNXModelProto()

  init(opset: Int = 22, name: String = "net") {
    proto.irVersion = 10
    proto.graph.name = name
    importOperators("", opset)
  }

  /// Says the version of a set of operators.
  mutating func importOperators(_ domain: String, _ version: Int) {
    var opset = ONNXOperatorSetIdProto()
    opset.domain = domain
    opset.version = Int64(version)
    proto.opsetImport.append(opset)
  }

  private static func port(
    _ name: String, _ shape: [Int?]?, _ type: ONNXType
  ) -> ONNXValueInfoProto {
    var port = ONNXValueInfoProto()
    port.name = name
    port.type.tensorType.elemType = type.rawValue
    if let shape {
      port.type.tensorType.shape.dim = shape.map { size in
        var dim = ONNXTensorShapeProto.Dimension()
        if let size { dim.dimValue = Int64(size) } else { dim.dimParam = "N" }
        return dim
      }
    }
    return port
  }

  /// Adds an input; sizes that are `nil` are open.
  mutating func input(_ name: String, _ shape: [Int?], _ type: ONNXType = .float32) {
    proto.graph.input.append(Self.port(name, shape, type))
  }

  /// Adds an output.
  mutating func output(_ name: String, _ type: ONNXType = .float32) {
    proto.graph.output.append(Self.port(name, nil, type))
  }

  /// Adds a tensor of numbers; small ones that differ if none are given.
  mutating func weight(
    _ name: String, _ shape: [Int], _ numbers: [Float]? = nil, scale: Float = 0.3
  ) {
    var tensor = ONNXTensorProto()
    tensor.name = name
    tensor.dataType = ONNXType.float32.rawValue
    tensor.dims = shape.map { Int64($0) }
    let count = shape.reduce(1, *), seed = Float(name.utf8.reduce(0) { ($0 * 31 + Int($1)) % 97 })
    tensor.floatData = numbers ?? (0..<count).map { scale * sinf(Float($0) * 1.7 + seed) }
    proto.graph.initializer.append(tensor)
  }

  /// Adds a tensor of integers.
  mutating func integers(_ name: String, _ numbers: [Int], shape: [Int]? = nil) {
    var tensor = ONNXTensorProto()
    tensor.name = name
    tensor.dataType = ONNXType.int64.rawValue
    tensor.dims = (shape ?? [numbers.count]).map { Int64($0) }
    tensor.int64Data = numbers.map { Int64($0) }
    proto.graph.initializer.append(tensor)
  }

  /// Adds a node with one output.
  mutating func node(
    _ type: String, _ inputs: [String], _ output: String, _ attributes: [String: Attribute] = [:],
    domain: String = ""
  ) {
    node(type, inputs, [output], attributes, domain: domain)
  }

  /// Adds a node.
  mutating func node(
    _ type: String, _ inputs: [String], _ outputs: [String],
    _ attributes: [String: Attribute] = [:], domain: String = ""
  ) {
    var node = ONNXNodeProto()
    node.opType = type
    node.domain = domain
    node.name = outputs.first ?? type
    node.input = inputs
    node.output = outputs
    node.attribute = attributes.sorted { $0.key < $1.key }.map { name, value in
      var attribute = ONNXAttributeProto()
      attribute.name = name
      switch value {
      case .int(let number): (attribute.type, attribute.i) = (2, Int64(number))
      case .float(let number): (attribute.type, attribute.f) = (1, Float(number))
      case .string(let text): (attribute.type, attribute.s) = (3, Data(text.utf8))
      case .ints(let numbers): (attribute.type, attribute.ints) = (7, numbers.map { Int64($0) })
      case .floats(let numbers): (attribute.type, attribute.floats) = (6, numbers.map { Float($0) })
      case .strings(let texts):
        (attribute.type, attribute.strings) = (8, texts.map { Data($0.utf8) })
      }
      return attribute
    }
    proto.graph.node.append(node)
  }

  /// The bytes of the file.
  func data() throws -> Data { try proto.serializedBytes() }

  /// The file, to run as it is.
  func file() throws -> ONNXModel { try ONNXModel(data()) }

  /// The file as a model, to train.
  func model() throws -> Model { try ONNXFile.model(data(), engine: CPUEngine(threads: 1)) }
}
