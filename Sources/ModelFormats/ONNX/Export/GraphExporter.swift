import NeuralNetworks
import TensorGraph

/// Writes the nodes of one graph as nodes of ONNX.
final class GraphExporter {
  let scope: ExportScope
  let graph: AlignedGraph
  let model: ExportedModel
  /// What the values of the graph are in the file.
  var values: [ValueID: ExportValue] = [:]
  /// The values that are known already.
  private let folded: [ValueID: Tensor]
  /// The nodes that use each value, an output counting as one.
  private var users: [ValueID: [Int]] = [:]
  /// The last step of a sequence of states, where a recurrent node gives that too.
  var lastSteps: [ValueID: ExportValue] = [:]
  /// What a value is in the opposite order along an axis.
  var reversals: [String: (axis: Int, of: ExportValue)] = [:]

  init(
    _ graph: AlignedGraph, in scope: ExportScope, _ model: ExportedModel,
    folded: [ValueID: Tensor] = [:]
  ) {
    self.graph = graph
    self.scope = scope
    self.model = model
    self.folded = folded
    for (index, node) in graph.first.nodes.enumerated() {
      for input in Set(node.inputs) { users[input, default: []].append(index) }
    }
    for output in graph.first.outputs { users[output, default: []].append(-1) }
  }

  /// Writes all nodes; the inputs have their values.
  func run() throws -> [ExportValue] {
    for (id, tensor) in folded.sorted(by: { $0.key.node < $1.key.node }) {
      values[id] = scope.constant(tensor, label: label(of: id.node))
    }
    for index in graph.first.nodes.indices {
      let node = graph.node(index)
      guard values[ValueID(index)] == nil else { continue }
      scope.path = node.path
      if isFolded(node) { continue }
      // A number that follows from open sizes is written only if something needs it.
      if node.operation is Fill, !node.isFixed { continue }
      for (result, value) in try export(node).enumerated() {
        values[ValueID(index, result)] = value
      }
    }
    return try graph.first.outputs.map { try value($0) }
  }

  /// Whether nothing but known values needs the node, which is one.
  private func isFolded(_ node: AlignedNode) -> Bool {
    model.skipped.contains(node.index) && scope.parent == nil && !folded.isEmpty
  }

  private func label(of index: Int) -> String {
    var leaves: Set<String> = [], seen: Set<Int> = []
    func visit(_ node: Int) {
      guard seen.insert(node).inserted else { return }
      let node = graph.first.nodes[node]
      if let input = node.operation as? Input { leaves.insert(input.name) }
      for input in node.inputs { visit(input.node) }
    }
    visit(index)
    return leaves.count == 1
      ? leaves.first ?? "constant" : graph.first.nodes[index].path + "/constant"
  }

  // MARK: Operands

  func value(_ id: ValueID) throws -> ExportValue {
    if values[id] == nil, graph.first.nodes[id.node].operation is Fill {
      values[id] = try fill(graph.node(id.node))
    }
    guard let value = values[id] else {
      throw FormatError(
        "\(graph.first.nodes[id.node].operation.name) has no counterpart in ONNX here",
        at: .part(graph.first.nodes[id.node].path))
    }
    return value
  }

  /// An operand, which need not be stored with all of its sizes.
  func operand(_ node: AlignedNode, _ index: Int = 0) throws -> ExportValue {
    try value(node.inputs[index])
  }

  /// An operand with all of its sizes.
  func full(_ node: AlignedNode, _ index: Int = 0) throws -> ExportValue {
    try scope.expanded(operand(node, index))
  }

  /// The tensor of a value that is known.
  func tensor(_ id: ValueID) -> Tensor? {
    guard let value = values[id], value.stored == value.sizes else { return nil }
    return scope.file.tensor(value.name)
  }

  /// The number that all elements of a value are, in each trace, if it is filled with one.
  func numbers(_ id: ValueID) -> [Double]? {
    let numbers = graph.node(id.node).attributes(Fill.self, \.number)
    return numbers.count == graph.count ? numbers : nil
  }

  /// The number that all elements of a value are, if it is filled with one.
  func number(_ id: ValueID) -> Double? {
    guard let numbers = numbers(id), numbers.allSatisfy({ $0 == numbers[0] }) else { return nil }
    return numbers[0]
  }

  /// The operation that gives `id`, if it is of this type.
  func operation<T: Operation>(_ id: ValueID, _: T.Type) -> (operation: T, inputs: [ValueID])? {
    let node = graph.first.nodes[id.node]
    return (node.operation as? T).map { ($0, node.inputs) }
  }

  /// The inputs of the elementwise operation that gives `id`, if it is this one.
  func operands(_ id: ValueID, of binary: Binary) -> [ValueID]? {
    operation(id, Binary.self).flatMap { $0.operation == binary ? $0.inputs : nil }
  }

  /// The operand of the elementwise operation that gives `id`, if it is this one.
  func operand(_ id: ValueID, of unary: Unary) -> ValueID? {
    operation(id, Unary.self).flatMap { $0.operation == unary ? $0.inputs[0] : nil }
  }

  /// The only node that uses a value, if there is one.
  func onlyUser(of id: ValueID) -> AlignedNode? {
    guard let users = users[id], users.count == 1, users[0] >= 0 else { return nil }
    return graph.node(users[0])
  }

  /// Whether anything uses a value.
  func isUsed(_ id: ValueID) -> Bool { users[id]?.isEmpty == false }

  /// Says what a later node gives, which is then not written.
  func define(_ node: AlignedNode, _ value: ExportValue) {
    values[ValueID(node.index)] = value
  }

  // MARK: Graphs within graphs

  /// Writes `graph` with these values as its inputs, among the nodes of `scope`.
  func inline(
    _ graphs: [Graph], _ arguments: [ExportValue], in scope: ExportScope
  ) throws -> [ExportValue] {
    guard let graph = AlignedGraph(graphs.map(\.prepared)) else {
      throw FormatError(
        "a loop or a branch is another graph for other sizes", at: .part(scope.path),
        hint: "give the inputs fixed sizes")
    }
    let exporter = GraphExporter(graph, in: scope, model)
    for (input, value) in zip(graph.first.inputs, arguments) { exporter.values[input] = value }
    return try exporter.run()
  }
}
