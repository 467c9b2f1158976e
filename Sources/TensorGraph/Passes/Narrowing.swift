extension Graph {
  /// The same computation with operations that take elements of `half` where the graph casts them
  /// to `float32` and their first result back.
  ///
  /// `operands` says which operands of an operation may be of that type, together with its first
  /// result; nothing for one that takes none. The operation still computes in `float32`, so results
  /// are the same, but what lies between is half as large and nothing is cast.
  ///
  /// The types of such an operation no longer follow from its rule. Casts stay where others need
  /// them: dead ones are dropped when the graph is simplified. Nothing where nothing changes.
  public func narrowed(to half: DType, operands: (any Operation) -> [Int]?) -> Graph? {
    guard nodes.contains(where: { $0.types.contains { $0.dtype == half } }) else { return nil }
    var narrowing = Narrowing(graph: self, half: half)
    return narrowing.run(operands)
  }
}

/// One walk through a graph with operations between casts.
private struct Narrowing {
  private let graph: Graph, half: DType
  private var users: [ValueID: [Int]] = [:]
  /// The values of the graph that are of the half type now.
  private var narrow: Set<ValueID> = []
  private var nodes: [Node] = []
  private var moved: [Int] = []

  init(graph: Graph, half: DType) {
    (self.graph, self.half) = (graph, half)
    for (index, node) in graph.nodes.enumerated() {
      for input in node.inputs { users[input, default: []].append(index) }
    }
    // What leaves the graph has its type.
    for value in graph.outputs + graph.updates.compactMap(\.self) { users[value] = [] }
  }

  mutating func run(_ operands: (any Operation) -> [Int]?) -> Graph? {
    for (index, node) in graph.nodes.enumerated() {
      var node = node
      var inputs = node.inputs.map { ValueID(moved[$0.node], $0.result) }
      if let taken = operands(node.operation), let sources = sources(of: node, taken),
        becomesHalf(ValueID(index))
      {
        for (operand, source) in zip(taken, sources) {
          let shape = graph.type(node.inputs[operand]).shape
          nodes.append(
            Node(
              operation: Reshape(shape: shape),
              inputs: [ValueID(moved[source.node], source.result)],
              types: [TensorType(half, shape)], path: node.path))
          inputs[operand] = ValueID(nodes.count - 1)
        }
        narrow.insert(ValueID(index))
      } else if node.operation is Reshape, narrow.contains(node.inputs[0]) {
        narrow.insert(ValueID(index))
      }
      if narrow.contains(ValueID(index)) { node.types[0] = TensorType(half, node.types[0].shape) }
      node.inputs = inputs
      nodes.append(node)
      moved.append(nodes.count - 1)
    }
    guard !narrow.isEmpty else { return nil }
    return graph.rewritten(nodes) { ValueID(moved[$0.node], $0.result) }
  }

  /// What was cast for these operands, if each of them was.
  private func sources(of node: Node, _ operands: [Int]) -> [ValueID]? {
    var found: [ValueID] = []
    for operand in operands {
      var value = node.inputs[operand]
      while graph.nodes[value.node].operation is Reshape {
        value = graph.nodes[value.node].inputs[0]
      }
      let cast = graph.nodes[value.node]
      guard cast.operation is Cast, cast.types[0].dtype == .float32,
        graph.type(cast.inputs[0]).dtype == half, cast.types[0].shape.count > 0
      else { return nil }
      found.append(cast.inputs[0])
    }
    return found
  }

  /// Whether all that uses `value`, reshaped or not, is a cast to the half type.
  private func becomesHalf(_ value: ValueID) -> Bool {
    guard let all = users[value], !all.isEmpty else { return false }
    return all.allSatisfy { user in
      switch graph.nodes[user].operation {
      case let cast as Cast: cast.dtype == half
      case is Reshape: becomesHalf(ValueID(user))
      default: false
      }
    }
  }
}
