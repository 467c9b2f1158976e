import TensorGraph

extension Unary {
  /// The bounds between which a rectifier holds its operand; nothing for other operations.
  var bounds: ClosedRange<Float>? {
    switch self {
    case .relu: 0...Float.infinity
    case .relu6: 0...6
    default: nil
    }
  }
}

extension PlanBuilder {
  /// The rectifier that alone uses `value`, and the nodes up to it: reshapes, which change nothing
  /// in memory.
  func rectifier(after value: ValueID) -> (nodes: [Int], bounds: ClosedRange<Float>)? {
    var nodes: [Int] = []
    while let user = onlyUser(of: nodes.last.map { ValueID($0) } ?? value) {
      nodes.append(user)
      let operation = graph.nodes[user].operation
      if let bounds = (operation as? Unary)?.bounds { return (nodes, bounds) }
      guard operation is Reshape else { return nil }
    }
    return nil
  }

  /// Where `dx`, which only the node `user` uses, is the gradient of a rectifier: `dy` where the
  /// result `y` of the rectifier lies within its bounds, else 0. The node uses these two then.
  ///
  ///     select(y > 0, dy, 0)  or  select(y > 0, select(y < 6, dy, 0), 0)
  func rectified(
    _ dx: ValueID, for user: Int
  ) -> (dy: ValueID, y: ValueID, bounds: ClosedRange<Float>)? {
    var (value, last) = (dx, user)
    while onlyUser(of: value) == last, graph.nodes[value.node].operation is Reshape {
      last = value.node
      value = graph.nodes[last].inputs[0]
    }
    guard onlyUser(of: value) == last, let low = masked(value, by: .greater), low.bound == 0 else {
      return nil
    }
    var (dy, bounds) = (low.dy, 0...Float.infinity)
    if let high = masked(low.dy, by: .less), high.y == low.y,
      onlyUser(of: low.dy) == value.node
    {
      (dy, bounds) = (high.dy, 0...high.bound)
    }
    redirect(user, from: dx, to: [dy, low.y])
    return (dy, low.y, bounds)
  }

  /// The parts of `select(y ⋚ bound, dy, 0)`.
  private func masked(
    _ value: ValueID, by comparison: Binary
  ) -> (dy: ValueID, y: ValueID, bound: Float)? {
    let node = graph.nodes[value.node]
    guard node.operation is Select, number(node.inputs[2]) == 0,
      graph.type(node.inputs[1]) == node.types[0]
    else { return nil }
    let test = graph.nodes[node.inputs[0].node]
    guard test.operation as? Binary == comparison, let bound = number(test.inputs[1]),
      graph.type(test.inputs[0]) == node.types[0]
    else { return nil }
    return (node.inputs[1], test.inputs[0], Float(bound))
  }

  private func number(_ value: ValueID) -> Double? {
    (graph.nodes[value.node].operation as? Fill)?.number
  }
}
