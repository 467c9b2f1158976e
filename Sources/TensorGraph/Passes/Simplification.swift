extension Graph {
  /// The same computation without what is computed twice, is known already, or is never used.
  ///
  /// One walk forward folds constants, removes operations that change nothing and merges equal
  /// ones; one walk backward drops the dead.
  public func simplified() -> Graph {
    var builder = Simplifier(graph: self)
    return builder.run()
  }
}

private struct Simplifier {
  let graph: Graph
  var nodes: [Node] = []
  var renamed: [ValueID: ValueID] = [:]
  var known: [Key: Int] = [:]

  struct Key: Hashable {
    let operation: AnyHashable
    let inputs: [ValueID]
  }

  mutating func run() -> Graph {
    for (index, node) in graph.nodes.enumerated() {
      let inputs = node.inputs.map { renamed[$0] ?? $0 }
      if let same = identity(node, inputs) {
        renamed[ValueID(index)] = same
        continue
      }
      if let same = pooledMask(node, inputs) {
        renamed[ValueID(index)] = same
        continue
      }
      var operation = node.operation
      if let folded = fold(node, inputs) { operation = folded }
      let operands = operation is Fill ? [] : inputs
      let target = add(operation, operands, node)
      for result in node.types.indices {
        renamed[ValueID(index, result)] = ValueID(target, result)
      }
    }
    return withoutDead()
  }

  private mutating func add(_ operation: any Operation, _ inputs: [ValueID], _ node: Node) -> Int {
    let key = Key(operation: AnyHashable(operation), inputs: inputs)
    if let same = known[key] { return same }
    nodes.append(
      Node(operation: operation, inputs: inputs, types: node.types, path: node.path))
    known[key] = nodes.count - 1
    return nodes.count - 1
  }

  private func fill(_ value: ValueID) -> Double? {
    (nodes[value.node].operation as? Fill)?.number
  }

  /// The operand that the node would only repeat.
  private func identity(_ node: Node, _ inputs: [ValueID]) -> ValueID? {
    func type(_ value: ValueID) -> TensorType { nodes[value.node].types[value.result] }
    switch node.operation {
    case is Reshape, is Broadcast, is Cast:
      return type(inputs[0]) == node.types[0] ? inputs[0] : nil
    case let operation as Binary:
      guard let second = fill(inputs[1]), type(inputs[0]) == node.types[0] else {
        guard let first = fill(inputs[0]), type(inputs[1]) == node.types[0] else { return nil }
        return (operation == .add && first == 0) || (operation == .multiply && first == 1)
          ? inputs[1] : nil
      }
      return switch operation {
      case .add, .subtract: second == 0 ? inputs[0] : nil
      case .multiply, .divide, .power: second == 1 ? inputs[0] : nil
      default: nil
      }
    default: return nil
    }
  }

  /// The gradient of a ReLU behind that of a max pooling, as the gradient of the pooling behind
  /// that of a ReLU: an element that was chosen is positive where what was pooled is, and there are
  /// fewer of those.
  ///
  ///     select(x > 0, unpool(dy), 0) = unpool(select(pool(x) > 0, dy, 0))
  private mutating func pooledMask(_ node: Node, _ inputs: [ValueID]) -> ValueID? {
    guard node.operation is Select, fill(inputs[2]) == 0,
      nodes[inputs[0].node].operation as? Binary == .greater
    else { return nil }
    let test = nodes[inputs[0].node], unpooling = nodes[inputs[1].node]
    guard let unpool = unpooling.operation as? MaxUnpooling, fill(test.inputs[1]) == 0,
      unpool.shape == node.types[0].shape,
      let pooling = nodes[unpooling.inputs[1].node].operation as? MaxPooling,
      pooling.window == unpool.window, unpooling.inputs[1].result == 1,
      nodes[unpooling.inputs[1].node].inputs[0] == test.inputs[0]
    else { return nil }
    let pooled = ValueID(unpooling.inputs[1].node, 0), dy = unpooling.inputs[0]
    let shape = nodes[dy.node].types[dy.result].shape
    func added(_ operation: any Operation, _ inputs: [ValueID], _ type: TensorType) -> ValueID {
      ValueID(
        add(
          operation, inputs, Node(operation: operation, inputs: [], types: [type], path: node.path))
      )
    }
    let isPositive = added(
      Binary.greater, [pooled, test.inputs[1]], TensorType(.bool, shape))
    let masked = added(
      Select(), [isPositive, dy, inputs[2]], TensorType(node.types[0].dtype, shape))
    return added(unpool, [masked, unpooling.inputs[1]], node.types[0])
  }

  /// The constant that the node computes from constants.
  private func fold(_ node: Node, _ inputs: [ValueID]) -> Fill? {
    switch node.operation {
    case is Unary, is Binary, is Select, is Cast, is Broadcast, is Reshape, is Transpose, is Slice:
      let operands = inputs.compactMap(fill)
      guard operands.count == inputs.count, !inputs.isEmpty else { return nil }
      let scalar = TensorType(node.types[0].dtype, [])
      let number: Double
      switch node.operation {
      case is Unary, is Binary, is Select, is Cast:
        let x = operands.map { ReferenceTensor([], [$0]) }
        number = node.operation.evaluate(x, [scalar])[0].numbers[0]
      default: number = operands[0]
      }
      return Fill(number: number, type: node.types[0])
    default: return nil
    }
  }

  private func withoutDead() -> Graph {
    func rename(_ value: ValueID) -> ValueID { renamed[value] ?? value }
    let outputs = graph.outputs.map(rename)
    let updates = graph.updates.map { $0.map(rename) }
    let fed = (graph.inputs + graph.variables).map(rename)
    var isLive = [Bool](repeating: false, count: nodes.count)
    for value in outputs + updates.compactMap({ $0 }) + fed { isLive[value.node] = true }
    for index in nodes.indices.reversed() where isLive[index] {
      for input in nodes[index].inputs { isLive[input.node] = true }
    }
    var position = [Int](repeating: -1, count: nodes.count)
    var kept: [Node] = []
    for index in nodes.indices where isLive[index] {
      position[index] = kept.count
      var node = nodes[index]
      node.inputs = node.inputs.map { ValueID(position[$0.node], $0.result) }
      kept.append(node)
    }
    func move(_ value: ValueID) -> ValueID { ValueID(position[value.node], value.result) }
    return Graph(
      nodes: kept, inputs: graph.inputs.map(rename).map(move), outputs: outputs.map(move),
      variables: graph.variables.map(rename).map(move), updates: updates.map { $0.map(move) })
  }
}
