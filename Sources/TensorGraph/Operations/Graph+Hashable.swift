extension Node: Hashable {
  /// Whether both compute the same from the same values; the layer they are in does not matter.
  public static func == (a: Node, b: Node) -> Bool {
    a.inputs == b.inputs && a.types == b.types && a.operation.isEqual(to: b.operation)
  }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(inputs)
    hasher.combine(types)
    operation.hashWithType(into: &hasher)
  }
}

/// Two graphs are equal if they have the same nodes in the same order. This makes an operation
/// with a body, such as a loop, a value like any other.
extension Graph: Hashable {
  public static func == (a: Graph, b: Graph) -> Bool {
    a.inputs == b.inputs && a.outputs == b.outputs && a.variables == b.variables
      && a.updates == b.updates && a.nodes == b.nodes
  }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(outputs)
    hasher.combine(nodes)
  }
}
