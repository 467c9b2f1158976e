/// The oracle: every operation in `Double`, one after the other, by its own definition.
///
/// Floating-point results are not rounded to their element type between operations, so the
/// reference is more exact than any engine tested against it.
public struct ReferenceEngine: Engine {
  /// Creates the engine.
  public init() {}

  public func compile(_ graph: Graph) throws(EngineError) -> any Executable {
    ReferenceExecutable(graph: graph)
  }

  /// The outputs of `graph` for `inputs` followed by its variables, unrounded.
  public static func evaluate(_ graph: Graph, _ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let values = evaluateAll(graph, inputs)
    return graph.outputs.map { values[$0.node][$0.result] }
  }

  static func evaluateAll(
    _ graph: Graph, _ inputs: [ReferenceTensor]
  ) -> [[ReferenceTensor]] {
    var values = [[ReferenceTensor]](repeating: [], count: graph.nodes.count)
    for (id, tensor) in zip(graph.inputs + graph.variables, inputs) { values[id.node] = [tensor] }
    for (index, node) in graph.nodes.enumerated() where values[index].isEmpty {
      let operands = node.inputs.map { values[$0.node][$0.result] }
      values[index] = node.operation.evaluate(operands, node.types)
    }
    return values
  }
}

private final class ReferenceExecutable: Executable {
  let graph: Graph
  init(graph: Graph) { self.graph = graph }

  func run(_ inputs: [Tensor], variables: inout [Tensor]) -> [Tensor] {
    let fed = (inputs + variables).map { ReferenceTensor($0) }
    let values = ReferenceEngine.evaluateAll(graph, fed)
    func tensor(_ id: ValueID) -> Tensor {
      let value = values[id.node][id.result]
      return value.strings ?? Tensor(graph.type(id), numbers: value.numbers)
    }
    for (index, update) in graph.updates.enumerated() {
      if let update { variables[index] = tensor(update) }
    }
    return graph.outputs.map(tensor)
  }
}
