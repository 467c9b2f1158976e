import NeuralNetworks
import TensorGraph

/// What of a graph is known before it runs, because it follows from weights alone.
struct Folding {
  /// The values that the rest of the graph needs.
  private(set) var values: [ValueID: Tensor] = [:]
  /// The nodes that need not be written.
  private(set) var skipped: Set<Int> = []

  /// Computes what is known of `graph` with the engine of the model.
  init(_ graph: AlignedGraph, _ model: Model) throws {
    let nodes = graph.first.nodes
    let weights = Dictionary(
      zip(graph.first.variables, model.variables), uniquingKeysWith: { first, _ in first })
    var isKnown = nodes.map { _ in false }, isFolded = isKnown
    var source = nodes.map { _ in 0 }  // the size of the largest tensor that a value follows from
    for (index, node) in nodes.enumerated() {
      switch node.operation {
      case is Input: isKnown[index] = weights[ValueID(index)] != nil
      case is any HostOperation, is any StringResultOperation, is RandomNormal, is RandomUniform:
        continue
      default:
        isKnown[index] =
          node.types.count == 1 && node.inputs.allSatisfy { isKnown[$0.node] }
          && graph.node(index).isFixed
      }
      guard isKnown[index] else { continue }
      let bytes = node.types[0].byteCount
      switch node.operation {
      case is Input, is Literal: source[index] = bytes
      case is Fill, is Iota, is Broadcast:
        source[index] = node.inputs.map { source[$0.node] }.max() ?? 0
      default:
        source[index] = node.inputs.map { source[$0.node] }.max() ?? 0
        // What is larger than what it is made of is left to the run.
        isFolded[index] = bytes <= max(2 * source[index], 1 << 16)
      }
    }
    var isWanted = nodes.map { _ in false }
    for (index, node) in nodes.enumerated() where !isFolded[index] {
      for input in node.inputs where isFolded[input.node] { isWanted[input.node] = true }
    }
    for output in graph.first.outputs where isFolded[output.node] { isWanted[output.node] = true }
    skipped = Set(nodes.indices.filter { isFolded[$0] && !isWanted[$0] })
    let wanted = nodes.indices.filter { isWanted[$0] }
    guard !wanted.isEmpty else { return }
    let results = try Self.computed(wanted, graph.first, weights, model.engine)
    for (index, tensor) in zip(wanted, results) { values[ValueID(index)] = tensor }
  }

  private static func computed(
    _ wanted: [Int], _ graph: Graph, _ weights: [ValueID: Tensor], _ engine: any Engine
  ) throws -> [Tensor] {
    let trace = Trace()
    var symbols: [Int: Symbol] = [:], variables: [Tensor] = []
    var needed = Set(wanted)
    for index in graph.nodes.indices.reversed() where needed.contains(index) {
      needed.formUnion(graph.nodes[index].inputs.map(\.node))
    }
    for index in needed.sorted() {
      let node = graph.nodes[index]
      if let tensor = weights[ValueID(index)] {
        symbols[index] = trace.variable("weight", tensor.type)
        variables.append(tensor)
      } else {
        let operands = node.inputs.compactMap { symbols[$0.node] }
        symbols[index] = trace.emit(node.operation, operands, results: 1)[0]
      }
    }
    let known = try trace.graph(returning: wanted.compactMap { symbols[$0] })
    return try engine.compile(known).run([], variables: &variables)
  }
}
