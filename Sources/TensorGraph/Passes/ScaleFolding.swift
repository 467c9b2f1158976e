extension Graph {
  /// The same computation with factors per channel that follow a product moved into its weights.
  ///
  ///     ((x · W) − mean) · factor + shift = x · (W · factor) + (shift − mean · factor)
  ///
  /// Only what no input has a part in is moved, such as a batch normalization at inference: it is
  /// the same in every run.
  ///
  /// Nothing where there is nothing to move.
  public func foldingScales() -> Graph? {
    let isFixed = fixedNodes()
    guard nodes.contains(where: { isProduct($0) && isFixed[$0.inputs[1].node] }) else { return nil }
    var folding = ScaleFolding(graph: self, isFixed: isFixed)
    return folding.run()
  }

  /// Whether each node is the same in every run: no input and no variable that changes has a part
  /// in it.
  public func fixedNodes() -> [Bool] {
    var isFixed = [Bool](repeating: false, count: nodes.count)
    for (variable, update) in zip(variables, updates) where update == nil {
      isFixed[variable.node] = true
    }
    for (index, node) in nodes.enumerated() where !(node.operation is Input) {
      isFixed[index] = node.inputs.allSatisfy { isFixed[$0.node] }
    }
    return isFixed
  }
}

extension Graph {
  /// Whether the last axis of the node's second operand is that of its result.
  fileprivate func isProduct(_ node: Node) -> Bool {
    guard node.types[0].dtype == .float32 else { return false }
    switch node.operation {
    case let convolution as Convolution: return convolution.part == .output
    case let product as MatMul:
      return !product.transposeB && type(node.inputs[1]).shape.rank == 2
    default: return false
    }
  }
}

/// One walk through a graph that moves factors into the weights before them.
private struct ScaleFolding {
  let graph: Graph
  private let isFixed: [Bool]
  private var users: [ValueID: [Int]] = [:]
  private var nodes: [Node] = []
  private var moved: [ValueID: ValueID] = [:]

  /// A product and the operations per channel that follow it, up to the last.
  private struct Chain {
    let product: Int
    var steps: [(operation: Binary, operand: ValueID)] = []
    var end: ValueID
  }

  init(graph: Graph, isFixed: [Bool]) {
    self.graph = graph
    self.isFixed = isFixed
    for (index, node) in graph.nodes.enumerated() {
      for input in node.inputs { users[input, default: []].append(index) }
    }
    // What is returned or kept has a user outside.
    for value in graph.outputs + graph.updates.compactMap({ $0 }) {
      users[value, default: []].append(-1)
    }
  }

  mutating func run() -> Graph? {
    var ends: [Int: Chain] = [:]
    for index in graph.nodes.indices {
      if let chain = chain(after: index) { ends[chain.end.node] = chain }
    }
    guard !ends.isEmpty else { return nil }
    for (index, node) in graph.nodes.enumerated() {
      if let chain = ends[index] {
        moved[chain.end] = folded(chain, path: node.path)
        continue
      }
      var copy = node
      copy.inputs = node.inputs.map { moved[$0] ?? $0 }
      nodes.append(copy)
      for result in node.types.indices {
        moved[ValueID(index, result)] = ValueID(nodes.count - 1, result)
      }
    }
    return graph.rewritten(nodes) { moved[$0] ?? $0 }
  }

  private func chain(after index: Int) -> Chain? {
    let node = graph.nodes[index]
    guard graph.isProduct(node), !isFixed[index], isFixed[node.inputs[1].node] else { return nil }
    var chain = Chain(product: index, end: ValueID(index))
    while let all = users[chain.end], all.count == 1, all[0] >= 0 {
      let next = graph.nodes[all[0]]
      if next.operation is Reshape, next.types[0].shape.dims.last == node.types[0].shape.dims.last {
        chain.end = ValueID(all[0])  // as of the rows of a sequence
        continue
      }
      guard let operation = next.operation as? Binary else { break }
      let isFirst = next.inputs[0] == chain.end
      let operand = next.inputs[isFirst ? 1 : 0]
      guard [.add, .multiply].contains(operation) || (operation == .subtract && isFirst),
        isFixed[operand.node], next.types[0] == graph.type(chain.end),
        isPerChannel(operand, of: node)
      else { break }
      chain.steps.append((operation, operand))
      chain.end = ValueID(all[0])
    }
    return chain.steps.contains { $0.operation == .multiply } ? chain : nil
  }

  private func isPerChannel(_ operand: ValueID, of node: Node) -> Bool {
    let shape = graph.type(operand).shape
    return shape.count == 1
      || (shape.count == shape.dims.last && shape.dims.last == node.types[0].shape.dims.last)
  }

  /// The value of `chain` by a product with other weights, to which at most a shift is added.
  private mutating func folded(_ chain: Chain, path: String) -> ValueID {
    var scale: ValueID?, shift: ValueID?
    for step in chain.steps {
      let operand = vector(moved[step.operand] ?? step.operand, path)
      switch step.operation {
      case .multiply:
        scale = scale.map { added(.multiply, $0, operand, path) } ?? operand
        shift = shift.map { added(.multiply, $0, operand, path) }
      case .subtract where shift == nil: shift = added(Unary.negate, [operand], path)
      default: shift = shift.map { added(step.operation, $0, operand, path) } ?? operand
      }
    }
    let product = graph.nodes[chain.product]
    var inputs = product.inputs.map { moved[$0] ?? $0 }
    if let scale { inputs[1] = added(.multiply, inputs[1], scale, path) }
    var result = added(product.operation, inputs, product.path)
    if let shift { result = added(.add, result, shift, path) }
    let shape = graph.type(chain.end).shape
    return shape == product.types[0].shape
      ? result : added(Reshape(shape: shape), [result], path)
  }

  /// The operand without axes of size 1.
  private mutating func vector(_ value: ValueID, _ path: String) -> ValueID {
    let shape = nodes[value.node].types[value.result].shape
    let flat: Shape = shape.count == 1 ? [] : [shape.count]
    return shape == flat ? value : added(Reshape(shape: flat), [value], path)
  }

  private mutating func added(
    _ operation: Binary, _ a: ValueID, _ b: ValueID, _ path: String
  ) -> ValueID {
    added(operation, [a, b], path)
  }

  private mutating func added(
    _ operation: any Operation, _ inputs: [ValueID], _ path: String
  ) -> ValueID {
    let operands = inputs.map { nodes[$0.node].types[$0.result] }
    guard let types = try? operation.resultTypes(operands) else {
      preconditionFailure("vectors and weights of one number of channels fit")
    }
    nodes.append(Node(operation: operation, inputs: inputs, types: types, path: path))
    return ValueID(nodes.count - 1)
  }
}
