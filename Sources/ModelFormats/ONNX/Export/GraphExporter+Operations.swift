import NeuralNetworks
import TensorGraph

extension GraphExporter {
  /// The values of a node: one function for each operation.
  func export(_ node: AlignedNode) throws -> [ExportValue] {
    switch node.operation {
    case is Fill: [try fill(node)]
    case let literal as Literal: [try self.literal(node, literal)]
    case is Iota: [try iota(node)]

    case let operation as Unary: [try unary(node, operation)]
    case let operation as Binary: [try binary(node, operation)]
    case is Select: [try select(node)]
    case let operation as Cast: [scope.cast(try operand(node), operation.dtype)]

    case is TensorGraph.Reshape: [try reshape(node)]
    case let operation as Transpose: [try scope.transpose(operand(node), operation.permutation)]
    case is Broadcast: [try broadcast(node)]
    case is Slice: [try slice(node)]
    case is Unslice: [try unslice(node)]
    case let operation as TensorGraph.Concatenate:
      [
        try scope.concat(
          node.inputs.map { try value($0) }, axis: operation.axis, node.type())
      ]

    case let operation as Reduction: [try reduction(node, operation)]
    case let operation as ArgReduction: [try argReduction(node, operation)]
    case let operation as CumulativeSum: [try cumulativeSum(node, operation)]
    case let operation as Sort: try sort(node, operation)
    case is TopK: try topK(node)

    case let operation as MatMul: [try matMul(node, operation)]
    case let operation as Convolution: [try convolution(node, operation)]
    case is MaxPooling: try maxPooling(node)
    case is AveragePooling: [try averagePooling(node)]

    case let operation as Gather: [try gather(node, operation)]
    case let operation as GatherAlong: [try gatherAlong(node, operation)]
    case is ScatterAdd: [try scatterAdd(node)]
    case is ScatterAlong: [try scatterAlong(node)]

    case is Fused.Softmax: [try alongLastAxis("Softmax", node)]
    case is Fused.LogSoftmax: [try alongLastAxis("LogSoftmax", node)]
    case let operation as Fused.LayerNormalization: try layerNormalization(node, operation)
    case is Fused.LSTM, is Fused.GRU: try recurrent(node)

    case is any HostOperation, is any StringResultOperation: try lookup(node)

    case is Scan: try scan(node)
    case is Cond: try condition(node)
    case is While: try loop(node)
    default: throw UnsupportedOperation.error([(node.operation.name, node.path)], model)
    }
  }

  /// Whether there is a function for such a node.
  static func supports(_ node: Node, _ model: ExportedModel) -> Bool {
    switch node.operation {
    case is any HostOperation, is any StringResultOperation:
      BinTable(node, model) != nil || LookupTable(node, model) != nil
    case is RandomUniform, is RandomNormal, is MaxUnpooling, is MaxPoolingGather,
      is AveragePoolingGradient:
      false
    case let operation as Convolution:
      if case .kernelGradient = operation.part { false } else { true }
    default: true
    }
  }
}

/// What ONNX has no operators for.
enum UnsupportedOperation {
  /// Throws if the graph has such operations, naming all of them.
  static func check(_ graph: Graph, _ model: ExportedModel) throws {
    let found = graph.nodes.filter { !GraphExporter.supports($0, model) }
    guard found.isEmpty else { throw error(found.map { ($0.operation.name, $0.path) }, model) }
  }

  static func error(
    _ operations: [(name: String, path: String)], _ model: ExportedModel
  ) -> FormatError {
    let places = operations.map { operation in
      let layer = model.layer(at: operation.path)
      let path = layer?.path ?? model.modelPath(operation.path)
      return (path.isEmpty ? "the model" : path)
        + (layer.map { " (\($0.layer.className))" } ?? "") + ": \(operation.name)"
    }
    return FormatError(
      "ONNX has no operators for some layers of \(model.model.name)",
      got: places.joined(separator: "; "),
      hint: "make a model of what comes after them, and do their work before it")
  }
}
