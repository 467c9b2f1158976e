extension Graph {
  /// The same computation with every fused operation that has no kernel replaced by its
  /// definition.
  public func lowered(keeping hasKernel: (any Operation, [TensorType]) -> Bool) -> Graph {
    let isReplaced = nodes.map { node in
      node.operation.fused != nil && !hasKernel(node.operation, node.inputs.map(type))
    }
    guard isReplaced.contains(true) else { return self }
    var result = self
    result.nodes = []
    var moved: [[ValueID]] = []
    func move(_ value: ValueID) -> ValueID { moved[value.node][value.result] }
    for (index, node) in nodes.enumerated() {
      let operands = node.inputs.map(move)
      let outputs: [ValueID]
      if isReplaced[index], let fused = node.operation.fused {
        let definition = fused.definitionGraph(for: node.inputs.map(type)).lowered(
          keeping: hasKernel)
        outputs = result.append(definition, operands, path: node.path)
      } else {
        result.nodes.append(
          Node(operation: node.operation, inputs: operands, types: node.types, path: node.path))
        outputs = node.types.indices.map { ValueID(result.nodes.count - 1, $0) }
      }
      moved.append(outputs)
    }
    result.inputs = inputs.map(move)
    result.variables = variables.map(move)
    result.outputs = self.outputs.map(move)
    result.updates = updates.map { $0.map(move) }
    return result
  }

  /// Appends the nodes of `graph` with `operands` as its inputs, and returns its outputs.
  private mutating func append(
    _ graph: Graph, _ operands: [ValueID], path: String
  ) -> [ValueID] {
    var moved = Dictionary(uniqueKeysWithValues: zip(graph.inputs, operands))
    for (index, node) in graph.nodes.enumerated() where !(node.operation is Input) {
      nodes.append(
        Node(
          operation: node.operation, inputs: node.inputs.map { moved[$0] ?? $0 },
          types: node.types, path: path))
      for result in node.types.indices {
        moved[ValueID(index, result)] = ValueID(nodes.count - 1, result)
      }
    }
    return graph.outputs.map { moved[$0] ?? $0 }
  }
}
