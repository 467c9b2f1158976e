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
  private let graph: Graph
  private var nodes: [Node] = []
  /// The number that every element is, of those nodes for which it is known.
  private var numbers: [Double?] = []
  /// What the first result of each node of the graph has become; others follow it.
  private var moved: [ValueID] = []
  /// A node with each hash of operation and operands.
  private var known: [Int: Int]

  init(graph: Graph) {
    self.graph = graph
    known = Dictionary(minimumCapacity: graph.nodes.count)
    nodes.reserveCapacity(graph.nodes.count)
    numbers.reserveCapacity(graph.nodes.count)
    moved.reserveCapacity(graph.nodes.count)
  }

  mutating func run() -> Graph {
    for node in graph.nodes {
      let inputs = node.inputs.map(renamed)
      if let same = identity(node, inputs) ?? pooledMask(node, inputs) ?? joinedSlices(node, inputs)
      {
        moved.append(same)
      } else if let folded = fold(node, inputs) {
        moved.append(ValueID(add(folded, [], node)))
      } else {
        moved.append(ValueID(add(node.operation, inputs, node)))
      }
    }
    return withoutDead()
  }

  private func renamed(_ value: ValueID) -> ValueID {
    let first = moved[value.node]
    return ValueID(first.node, first.result + value.result)
  }

  /// The node that computes this, which is added if there is none. Two that hash alike and differ
  /// stay as they are.
  private mutating func add(_ operation: any Operation, _ inputs: [ValueID], _ node: Node) -> Int {
    var hasher = Hasher()
    operation.hashWithType(into: &hasher)
    hasher.combine(inputs)
    let hash = hasher.finalize()
    if let same = known[hash], nodes[same].inputs == inputs,
      nodes[same].operation.isEqual(to: operation)
    {
      return same
    }
    nodes.append(
      Node(operation: operation, inputs: inputs, types: node.types, path: node.path))
    numbers.append(inputs.isEmpty ? (operation as? Fill)?.number : nil)
    known[hash] = nodes.count - 1
    return nodes.count - 1
  }

  private func fill(_ value: ValueID) -> Double? { numbers[value.node] }

  /// The operand that the node would only repeat.
  private func identity(_ node: Node, _ inputs: [ValueID]) -> ValueID? {
    func type(_ value: ValueID) -> TensorType { nodes[value.node].types[value.result] }
    switch node.operation {
    case is Reshape, is Broadcast, is Cast:
      return type(inputs[0]) == node.types[0] ? inputs[0] : nil
    case let slice as Slice:
      let whole = nodes[inputs[0].node]
      guard let axis = (whole.operation as? Concatenate)?.axis else { return nil }
      var start = 0  // of a part, in what was put together
      return whole.inputs.first { part in
        var starts = slice.starts.map { _ in 0 }
        starts[axis] = start
        start += type(part).shape[axis]
        return slice.starts == starts && slice.strides.allSatisfy { $0 == 1 }
          && type(part) == node.types[0]
      }
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
    let isPositive = added(
      Binary.greater, [pooled, test.inputs[1]], TensorType(.bool, shape), node.path)
    let masked = added(
      Select(), [isPositive, dy, inputs[2]], TensorType(node.types[0].dtype, shape), node.path)
    return added(unpool, [masked, unpooling.inputs[1]], node.types[0], node.path)
  }

  /// The sum of what two neighboring slices give back, as one slice of both: so the gradient of
  /// what is cut into parts, such as the gates of a cell, is put together instead of added up.
  ///
  ///     unslice(a, 0..<n) + unslice(b, n..<m) = unslice(concatenate(a, b), 0..<m)
  private mutating func joinedSlices(_ node: Node, _ inputs: [ValueID]) -> ValueID? {
    guard node.operation as? Binary == .add,
      let a = nodes[inputs[0].node].operation as? Unslice,
      let b = nodes[inputs[1].node].operation as? Unslice,
      a.shape == b.shape, (a.slice.strides + b.slice.strides).allSatisfy({ $0 == 1 })
    else { return nil }
    let axes = a.shape.dims.indices.filter {
      a.slice.starts[$0] != b.slice.starts[$0] || a.slice.sizes[$0] != b.slice.sizes[$0]
    }
    guard axes.count == 1, let axis = axes.first else { return nil }
    let isInOrder = a.slice.starts[axis] < b.slice.starts[axis]
    let (first, second) = isInOrder ? (a.slice, b.slice) : (b.slice, a.slice)
    guard first.starts[axis] + first.sizes[axis] == second.starts[axis] else { return nil }
    // What was put together already is put together at once.
    let parts = (isInOrder ? inputs : inputs.reversed()).flatMap { input in
      let part = nodes[nodes[input.node].inputs[0].node]
      return (part.operation as? Concatenate)?.axis == axis
        ? part.inputs : nodes[input.node].inputs
    }
    var sizes = first.sizes
    sizes[axis] += second.sizes[axis]
    let type = TensorType(node.types[0].dtype, Shape(sizes))
    let joined = added(Concatenate(axis: axis), parts, type, node.path)
    guard type != node.types[0] else { return joined }
    let slice = Slice(starts: first.starts, sizes: sizes, strides: first.strides)
    return added(Unslice(slice: slice, shape: a.shape), [joined], node.types[0], node.path)
  }

  private mutating func added(
    _ operation: any Operation, _ inputs: [ValueID], _ type: TensorType, _ path: String
  ) -> ValueID {
    ValueID(
      add(operation, inputs, Node(operation: operation, inputs: [], types: [type], path: path)))
  }

  /// The constant that the node computes from constants.
  private func fold(_ node: Node, _ inputs: [ValueID]) -> Fill? {
    guard !inputs.isEmpty, inputs.allSatisfy({ fill($0) != nil }) else { return nil }
    switch node.operation {
    case is Unary, is Binary, is Select, is Cast, is Broadcast, is Reshape, is Transpose, is Slice:
      let operands = inputs.compactMap(fill)
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
    let outputs = graph.outputs.map(renamed), inputs = graph.inputs.map(renamed)
    let updates = graph.updates.map { $0.map(renamed) }, variables = graph.variables.map(renamed)
    var isLive = [Bool](repeating: false, count: nodes.count)
    for value in inputs + variables + outputs + updates.compactMap({ $0 }) {
      isLive[value.node] = true
    }
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
      nodes: kept, inputs: inputs.map(move), outputs: outputs.map(move),
      variables: variables.map(move), updates: updates.map { $0.map(move) })
  }
}
