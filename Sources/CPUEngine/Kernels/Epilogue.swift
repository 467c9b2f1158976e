import TensorGraph

/// What follows a product and can be computed with it: a bias along the last axis, a sum with a
/// tensor of its shape, and a rectifier.
struct Epilogue {
  private(set) var value: ValueID
  private(set) var bias: View?
  private(set) var addend: View?
  private(set) var rectifier: Unary?
  private var absorbed: [Int] = []

  /// A node that alone uses the value, with the reshapes on the way to it.
  private struct Follower {
    var index: Int
    var node: Node
    var operand: ValueID
    var reshapes: [Int]
  }

  /// Looks at the nodes that use `value` and nothing else does; an addend is passed over unless
  /// `takesAddend`.
  init(after value: ValueID, takesAddend: Bool, _ builder: PlanBuilder) {
    self.value = value
    let channels = builder.type(value).shape.dims.last ?? 1
    if let (follower, other) = sum(builder) {
      let shape = builder.type(other).shape
      if shape.count == channels, shape.dims.last == channels {
        bias = builder.contiguous(other)
        take(follower)
      }
    }
    if takesAddend, let (follower, other) = sum(builder),
      builder.type(other) == builder.type(follower.operand), builder.view(other).isContiguous
    {
      addend = builder.view(other)
      take(follower)
    }
    if let follower = next(builder), let operation = follower.node.operation as? Unary,
      operation.bounds != nil
    {
      rectifier = operation
      take(follower)
    }
  }

  /// The sum that uses the value, if its other operand is in memory: the product can read it then.
  private func sum(_ builder: PlanBuilder) -> (follower: Follower, other: ValueID)? {
    guard let follower = next(builder), follower.node.operation as? Binary == .add else {
      return nil
    }
    let inputs = follower.node.inputs
    let other = inputs[0] == follower.operand ? inputs[1] : inputs[0]
    guard builder.isReady(other), builder.scalar(other) == nil,
      follower.node.types[0].shape == builder.type(follower.operand).shape
    else { return nil }
    return (follower, other)
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
