extension Graph {
  /// The graph of other nodes, in which `move` says what has become of each value.
  func rewritten(_ nodes: [Node], _ move: (ValueID) -> ValueID) -> Graph {
    var result = self
    result.nodes = nodes
    result.inputs = inputs.map(move)
    result.variables = variables.map(move)
    result.outputs = outputs.map(move)
    result.updates = updates.map { $0.map(move) }
    return result
  }
}
