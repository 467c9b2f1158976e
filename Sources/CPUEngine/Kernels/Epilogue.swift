import TensorGraph

/// What follows a product and can be computed with it: a bias along the last axis and a ReLU.
struct Epilogue {
  private(set) var value: ValueID
  private(set) var bias: View?
  private(set) var relu = false
  private var absorbed: [Int] = []

  /// A node that alone uses the value, with the reshapes on the way to it.
  private struct Follower {
    var index: Int
    var node: Node
    var operand: ValueID
    var reshapes: [Int]
  }

  /// Looks at the nodes that use `value` and nothing else does.
  init(after value: ValueID, _ builder: PlanBuilder) {
    self.value = value
    let channels = builder.type(value).shape.dims.last ?? 1
    if let follower = next(builder), follower.node.operation as? Binary == .add {
      let inputs = follower.node.inputs
      let other = inputs[0] == follower.operand ? inputs[1] : inputs[0]
      let type = builder.type(other)
      // Only a bias that is there already can be read by the product.
      if type.shape.count == channels, type.shape.dims.last == channels, builder.isReady(other),
        builder.scalar(other) == nil,
        follower.node.types[0].shape == builder.type(follower.operand).shape
      {
        bias = builder.contiguous(other)
        take(follower)
      }
    }
    if let follower = next(builder), follower.node.operation as? Unary == .relu {
      relu = true
      take(follower)
    }
  }

  private func next(_ builder: PlanBuilder) -> Follower? {
    var at = value
    var reshapes: [Int] = []
    // A reshape in between, as of the rows of a sequence, changes nothing in memory.
    while let user = builder.onlyUser(of: at) {
      let node = builder.graph.nodes[user]
      guard node.operation is Reshape,
        node.types[0].shape.dims.last == builder.type(at).shape.dims.last
      else { return Follower(index: user, node: node, operand: at, reshapes: reshapes) }
      reshapes.append(user)
      at = ValueID(user)
    }
    return nil
  }

  private mutating func take(_ follower: Follower) {
    absorbed += follower.reshapes + [follower.index]
    value = ValueID(follower.index)
  }

  /// Gives the value its place, and the absorbed nodes are done.
  func absorb(_ result: View, _ builder: PlanBuilder) {
    builder.place(value, result)
    for index in absorbed { builder.absorb(index) }
  }
}
