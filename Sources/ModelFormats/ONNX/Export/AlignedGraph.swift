import TensorGraph

/// One graph as several traces have it: the same nodes, whose sizes may differ.
struct AlignedGraph {
  /// The graph of each trace.
  let graphs: [Graph]

  /// The graphs as one, or nothing if they differ in more than sizes.
  init?(_ graphs: [Graph]) {
    guard let first = graphs.first else { return nil }
    for other in graphs.dropFirst() {
      guard first.nodes.count == other.nodes.count, first.inputs == other.inputs,
        first.outputs == other.outputs, first.variables == other.variables
      else { return nil }
      for (a, b) in zip(first.nodes, other.nodes) {
        guard a.inputs == b.inputs, Swift.type(of: a.operation) == Swift.type(of: b.operation),
          a.types.map(\.dtype) == b.types.map(\.dtype),
          a.types.map(\.shape.rank) == b.types.map(\.shape.rank)
        else { return nil }
      }
    }
    self.graphs = graphs
  }

  /// The number of traces.
  var count: Int { graphs.count }
  /// The graph in the first trace.
  var first: Graph { graphs[0] }

  /// A node of the graph in all traces.
  func node(_ index: Int) -> AlignedNode {
    AlignedNode(index: index, nodes: graphs.map { $0.nodes[index] })
  }

  /// The type of a value.
  func type(_ value: ValueID) -> ExportType { node(value.node).type(value.result) }

  /// The operation that gives a value, in the first trace.
  func operation(_ value: ValueID) -> any Operation { first.nodes[value.node].operation }
}

/// A node as all traces have it.
struct AlignedNode {
  let index: Int
  let nodes: [Node]

  /// The operation in the first trace.
  var operation: any Operation { nodes[0].operation }
  var inputs: [ValueID] { nodes[0].inputs }
  /// The enclosing layers.
  var path: String { nodes[0].path }
  var resultCount: Int { nodes[0].types.count }

  /// The type of a result.
  func type(_ result: Int = 0) -> ExportType {
    let shapes = nodes.map { $0.types[result].shape }
    return ExportType(
      nodes[0].types[result].dtype,
      shapes[0].dims.indices.map { axis in Extent(shapes.map { $0.dims[axis] }) })
  }

  /// What `attribute` is in each trace, of an operation that all of them have.
  func attributes<T: Operation, A>(_: T.Type, _ attribute: (T) -> A) -> [A] {
    nodes.compactMap { $0.operation as? T }.map(attribute)
  }

  /// A list of sizes among the attributes.
  func extents<T: Operation>(_ type: T.Type, _ attribute: (T) -> [Int]) -> [Extent] {
    let lists = attributes(type, attribute)
    return lists[0].indices.map { place in Extent(lists.map { $0[place] }) }
  }

  /// Whether operation and types are the same in all traces.
  var isFixed: Bool {
    nodes.dropFirst().allSatisfy {
      $0.types == nodes[0].types && $0.operation.isEqual(to: nodes[0].operation)
    }
  }
}
