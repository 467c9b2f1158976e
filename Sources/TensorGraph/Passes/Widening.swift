extension Graph {
  /// The same computation with the operations that `needsWidening` names done in `float32` where
  /// the graph has them in a half type.
  ///
  /// A value that was only rounded on its way from one such operation to another keeps its
  /// precision. Where `needsWidening` names casts too, so does one that the graph itself casts to a
  /// half type for such an operation; what is cast there and back is rounded in any case.
  ///
  /// Nothing where no type is a half type.
  public func widened(where needsWidening: (any Operation, DType) -> Bool) -> Graph? {
    guard nodes.contains(where: { $0.types.contains(where: \.dtype.isHalf) }) else { return nil }
    var widening = Widening(graph: self)
    return widening.run(needsWidening)
  }
}

extension DType {
  /// Whether elements are floating-point numbers of 16 bits.
  public var isHalf: Bool { self == .bfloat16 || self == .float16 }
}

/// One walk through a graph with operations in half types.
private struct Widening {
  let graph: Graph
  private var nodes: [Node] = []
  private var moved: [ValueID: ValueID] = [:]
  /// The value in `float32` of those that were narrowed here, and of those that the graph casts.
  private var wide: [ValueID: ValueID] = [:]
  private var unrounded: [ValueID: ValueID] = [:]

  init(graph: Graph) { self.graph = graph }

  mutating func run(_ needsWidening: (any Operation, DType) -> Bool) -> Graph {
    for (index, node) in graph.nodes.enumerated() {
      var inputs = node.inputs.map { moved[$0] ?? $0 }
      var types = node.types
      if node.operation is Cast, passOver(index, inputs[0], needsWidening) { continue }
      let dtypes = node.inputs.map { graph.type($0).dtype } + node.types.map(\.dtype)
      if !(node.operation is Cast), let half = dtypes.first(where: \.isHalf),
        needsWidening(node.operation, half)
      {
        inputs = inputs.map { widened($0, path: node.path) }
        let operands = inputs.map { nodes[$0.node].types[$0.result] }
        // The types rule said yes to the half types, so it does to `float32`.
        types = (try? node.operation.resultTypes(operands)) ?? types
      }
      nodes.append(
        Node(operation: node.operation, inputs: inputs, types: types, path: node.path))
      let target = nodes.count - 1
      for (result, type) in node.types.enumerated() {
        let value = ValueID(target, result)
        moved[ValueID(index, result)] =
          type == types[result] ? value : narrowed(value, to: type, path: node.path)
      }
    }
    return graph.rewritten(nodes) { moved[$0] ?? $0 }
  }

  /// Takes a cast from a narrowed value back for what it was, and notes what is cast to a half type.
  private mutating func passOver(
    _ index: Int, _ input: ValueID, _ needsWidening: (any Operation, DType) -> Bool
  ) -> Bool {
    let node = graph.nodes[index], from = nodes[input.node].types[input.result].dtype
    let to = node.types[0].dtype
    if from.isHalf, to == .float32, let known = wide[input],
      needsWidening(node.operation, from)
    {
      moved[ValueID(index)] = known
      return true
    }
    guard from == .float32, to.isHalf, needsWidening(node.operation, to) else { return false }
    nodes.append(
      Node(operation: node.operation, inputs: [input], types: node.types, path: node.path))
    moved[ValueID(index)] = ValueID(nodes.count - 1)
    unrounded[ValueID(nodes.count - 1)] = input
    return true
  }

  private mutating func widened(_ value: ValueID, path: String) -> ValueID {
    let type = nodes[value.node].types[value.result]
    guard type.dtype.isHalf else { return value }
    if let known = wide[value] ?? unrounded[value] { return known }
    let cast = self.cast(value, to: TensorType(.float32, type.shape), path: path)
    wide[value] = cast
    return cast
  }

  private mutating func narrowed(_ value: ValueID, to type: TensorType, path: String) -> ValueID {
    let cast = self.cast(value, to: type, path: path)
    wide[cast] = value
    return cast
  }

  private mutating func cast(_ value: ValueID, to type: TensorType, path: String) -> ValueID {
    nodes.append(
      Node(operation: Cast(dtype: type.dtype), inputs: [value], types: [type], path: path))
    return ValueID(nodes.count - 1)
  }
}
