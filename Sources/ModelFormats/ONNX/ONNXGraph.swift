import NeuralNetworks
import OrderedCollections
import TensorGraph

/// A graph of an ONNX file, read: nodes in order, each after those it needs.
package final class ONNXGraph: Sendable {
  /// What a graph is given or gives.
  package struct Port: Sendable {
    package let name: String
    /// The type of a tensor; nothing for sequences, optionals, and what the file does not say.
    package let type: ONNXType?
    /// The sizes of its axes, if the file says them; `nil` for an open one.
    package let shape: [Int?]?
    /// The names of the axes: open sizes of one name are equal.
    package let axisNames: [String?]
    package let kind: Kind

    /// What a value is.
    package enum Kind: Sendable { case tensor, sequence, optional }
  }

  /// A tensor that is in the file.
  struct Stored: Sendable {
    let type: ONNXType
    let tensor: Tensor

    init(_ tensor: ONNXTensor) {
      type = tensor.type
      self.tensor = tensor.known ?? Tensor(zeros: TensorType(.float32, []))
    }
  }

  package let nodes: [ONNXNode]
  package let inputs: [Port]
  package let outputs: [Port]
  /// The tensors that are in the file, by name.
  let initializers: [String: Stored]
  /// The names of the initializers that are weights: the others are looked at while the graph is
  /// made, or have one number.
  let weights: Set<String>

  /// Reads `proto`.
  ///
  /// Throws when a tensor in it is damaged, or graphs are in one another too deep.
  init(_ proto: ONNXGraphProto, _ opsets: [String: Int], depth: Int = 0) throws(FormatError) {
    guard depth < 32 else {
      throw FormatError("the graphs of an ONNX file are in one another too deep")
    }
    var nodes: [ONNXNode] = []
    var initializers: [String: Stored] = [:]
    for (index, node) in proto.node.enumerated() {
      // Many files have their weights in nodes.
      if node.opType == "Constant", let name = node.output.first, node.attribute.count == 1,
        node.attribute[0].hasT
      {
        initializers[name] = try Stored(ONNXTensor(node.attribute[0].t))
      } else {
        nodes.append(try ONNXNode(node, opsets, index: index, depth: depth))
      }
    }
    self.nodes = nodes
    for tensor in proto.initializer { initializers[tensor.name] = try Stored(ONNXTensor(tensor)) }
    for sparse in proto.sparseInitializer {
      initializers[sparse.values.name] = try Stored(ONNXTensor(sparse))
    }
    self.initializers = initializers
    let given = initializers
    inputs = proto.input.map { Port($0) }.filter { given[$0.name] == nil }
    outputs = proto.output.map { Port($0) }
    let constants = Set(nodes.flatMap(\.constantInputs))
    weights = Set(
      given.filter {
        $0.value.type.isFloatingPoint && $0.value.tensor.count > 1 && !constants.contains($0.key)
      }.keys)
  }

  /// The operators in it and in the graphs in its nodes, each with the node that first has it.
  var operators: OrderedDictionary<ONNXNode.Operator, String> {
    var all: OrderedDictionary<ONNXNode.Operator, String> = [:]
    for node in nodes {
      if all[node.operator] == nil { all[node.operator] = node.name }
      for graph in node.graphs.values { all.merge(graph.operators) { first, _ in first } }
    }
    return all
  }
}

extension ONNXGraph.Port {
  init(_ proto: ONNXValueInfoProto) {
    name = proto.name
    kind =
      switch proto.type.value {
      case .sequenceType: .sequence
      case .optionalType: .optional
      default: .tensor
      }
    guard case .tensorType(let tensor)? = proto.type.value else {
      (type, shape, axisNames) = (nil, nil, [])
      return
    }
    type = ONNXType(rawValue: tensor.elemType)
    let dims = tensor.hasShape ? tensor.shape.dim : []
    shape =
      tensor.hasShape
      ? dims.map { dim in
        guard case .dimValue(let size)? = dim.value, size >= 0 else { return nil }
        return Int(size)
      } : nil
    axisNames = dims.map { dim in
      guard case .dimParam(let name)? = dim.value, !name.isEmpty else { return nil }
      return name
    }
  }
}

extension ONNXTensor {
  /// The dense tensor of a sparse one.
  init(_ proto: ONNXSparseTensorProto) throws(FormatError) {
    let values = try ONNXTensor(proto.values), indices = try ONNXTensor(proto.indices)
    let dims = proto.dims.map { Int($0) }
    guard let count = elementCount(dims, itemSize: 8), count <= 1 << 28,
      Expansion.isBelievable(count * 8, of: max(values.shape.count, 1 << 16) * 8),
      let numbers = values.known?.numbers, let places = indices.known?.numbers,
      let dtype = values.type.dtype, dtype != .string
    else { throw FormatError("a sparse tensor has an impossible shape", got: "\(dims)") }
    var dense = [Double](repeating: 0, count: count)
    let rank = max(indices.shape.rank == 2 ? indices.shape[1] : 1, 1)
    let strides = rank == dims.count ? Shape(dims).strides : [1]
    guard places.count == numbers.count * strides.count else {
      throw FormatError("a sparse tensor has \(numbers.count) values and \(places.count) places")
    }
    for (index, number) in numbers.enumerated() {
      var place = 0.0
      for (axis, stride) in strides.enumerated() {
        place += places[index * strides.count + axis] * Double(stride)
      }
      guard place >= 0, place < Double(count) else {
        throw FormatError("a sparse tensor has a value outside of it", got: "at \(place)")
      }
      dense[Int(place)] = number
    }
    self.init(Tensor(TensorType(dtype, Shape(dims)), numbers: dense), type: values.type)
  }
}
