import NeuralNetworks
import TensorGraph

/// A node of a graph of ONNX: an operator with its attributes, and the names of its values.
///
/// It is a layer, so that a network read from a file has summaries, pictures and weights with
/// names like any other.
package final class ONNXNode: MultiInputLayer {
  /// What a node computes.
  package struct Operator: Hashable, Sendable, CustomStringConvertible {
    /// The set it belongs to; empty for ONNX's own.
    package let domain: String
    package let type: String
    package var description: String { domain.isEmpty ? type : "\(domain).\(type)" }
  }

  package let `operator`: Operator
  /// The version of the operator set.
  let opset: Int
  /// The names of the values it is given; empty where an optional one is left out.
  let inputs: [String]
  let outputs: [String]
  let attributes: [String: ONNXAttributeProto]
  /// The graphs among the attributes.
  let graphs: [String: ONNXGraph]
  package let name: String?

  package var className: String { `operator`.type }
  package var castsInputs: Bool { false }
  package var masking: MaskHandling { .explicit }

  init(
    _ proto: ONNXNodeProto, _ opsets: [String: Int], index: Int, depth: Int
  ) throws(FormatError) {
    let domain = proto.domain == "ai.onnx" ? "" : proto.domain
    `operator` = Operator(domain: domain, type: proto.opType)
    opset = opsets[domain] ?? 1
    inputs = proto.input
    outputs = proto.output
    attributes = Dictionary(
      proto.attribute.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var graphs: [String: ONNXGraph] = [:]
    for attribute in proto.attribute where attribute.hasG {
      graphs[attribute.name] = try ONNXGraph(attribute.g, opsets, depth: depth + 1)
    }
    self.graphs = graphs
    let clean = proto.name.split(separator: "/").joined(separator: ".")
    name = clean.isEmpty ? "\(proto.opType.snakeCased)_\(index)" : clean
  }

  package func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    [context.fail("a node of ONNX is computed by its graph")]
  }

  /// The inputs that are looked at while the graph is made, such as the scales of `Resize`: these
  /// are no weights.
  var constantInputs: [String] {
    let places: [Int] =
      switch `operator`.type {
      case "QuantizeLinear", "DequantizeLinear", "Upsample": [1]
      case "QLinearMatMul", "QLinearConv": [1, 4, 6]
      case "Resize": [1, 2]
      case "STFT", "OneHot": [2]
      case "NonMaxSuppression": [3, 4]
      default: []
      }
    return places.filter(inputs.indices.contains).map { inputs[$0] }
  }
}
