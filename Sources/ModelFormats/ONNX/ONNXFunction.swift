import NeuralNetworks

/// An operator that a file itself defines by nodes.
struct ONNXFunction: Sendable {
  let inputs: [String]
  let outputs: [String]
  let nodes: [ONNXNode]
  /// The attributes that a node may leave out.
  let defaults: [String: ONNXAttributeProto]

  init(_ proto: ONNXFunctionProto) throws(FormatError) {
    let opsets = Dictionary(
      proto.opsetImport.map { ($0.domain == "ai.onnx" ? "" : $0.domain, Int($0.version)) },
      uniquingKeysWith: max)
    inputs = proto.input
    outputs = proto.output
    var nodes: [ONNXNode] = []
    for (index, node) in proto.node.enumerated() {
      nodes.append(try ONNXNode(node, opsets, index: index, depth: 1))
    }
    self.nodes = nodes
    defaults = Dictionary(
      proto.attributeProto.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }
}
