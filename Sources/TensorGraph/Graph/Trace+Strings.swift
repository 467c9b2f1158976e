extension Trace {
  /// Throws unless `operation` may be applied to `x` as far as strings are concerned: they enter
  /// the graph, are read by operations on the host, and are computed to be returned alone.
  func checkStrings(_ operation: any Operation, _ x: [Symbol]) throws(ShapeError) {
    if let literal = operation as? Literal, literal.tensor.dtype == .string {
      throw ShapeError("a graph has no constants of strings", hint: "feed them as an input")
    }
    if let cast = operation as? Cast, cast.dtype == .string {
      throw ShapeError("numbers cannot be cast to strings")
    }
    for operand in x where operand.dtype == .string {
      guard operation is any HostOperation else {
        throw ShapeError(
          "\(operation.name) cannot compute with strings",
          hint: "make numbers of them: StringLookup, TextVectorization or Hashing")
      }
      guard nodes[operand.id.node].operation is Input else {
        throw ShapeError(
          "\(operation.name) reads strings that were computed",
          hint: "strings that a graph computes can only be returned")
      }
    }
  }
}

extension Graph {
  /// Where an output of a graph is found after its numbers have been computed.
  package enum OutputSource: Sendable {
    /// The output of this index of the graph without strings.
    case computed(Int)
    /// The strings that the numbers of this output stand for.
    case strings(any StringResultOperation, of: Int)
    /// An input.
    case input(Int)
  }

  /// The same graph with numbers for all outputs, and where the outputs are found; nothing if no
  /// output is of strings.
  package func withoutStringOutputs() -> (graph: Graph, sources: [OutputSource])? {
    guard outputs.contains(where: { type($0).dtype == .string }) else { return nil }
    var graph = self
    graph.outputs = []
    let sources = outputs.map { output -> OutputSource in
      let node = nodes[output.node]
      if type(output).dtype == .string, let input = inputs.firstIndex(of: output) {
        return .input(input)
      }
      guard let operation = node.operation as? any StringResultOperation else {
        graph.outputs.append(output)
        return .computed(graph.outputs.count - 1)
      }
      graph.outputs.append(node.inputs[0])
      return .strings(operation, of: graph.outputs.count - 1)
    }
    return (graph, sources)
  }

  /// The outputs that `sources` describe.
  package static func outputs(
    _ sources: [OutputSource], computed: [Tensor], inputs: [Tensor]
  ) -> [Tensor] {
    sources.map { source in
      switch source {
      case .computed(let index): computed[index]
      case .strings(let operation, let index): operation.output(for: computed[index])
      case .input(let index): inputs[index]
      }
    }
  }
}
