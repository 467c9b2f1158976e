import NeuralNetworks
import TensorGraph

/// Loops and branches, whose bodies read what they need from around them.
extension GraphExporter {
  /// A body of the file: `inputs` are named in it, `build` writes it.
  private func body(
    _ inputs: [ExportType], _ build: (ExportScope, [ExportValue]) throws -> [ExportValue]
  ) throws -> ExportBody {
    let inner = ExportScope(file: scope.file, parent: scope)
    let named = inputs.map { ExportValue(scope.file.newValue($0), $0) }
    named.forEach(inner.noteSizes)
    // An output has to be computed in the body, by a node of its own.
    let outputs = try build(inner, named).map { value in
      let value = try inner.expanded(value)
      return inner.one("Identity", [value], [:], value.type)
    }
    return ExportBody(
      inputs: named.map(\.name), outputs: outputs.map(\.name), nodes: inner.nodes)
  }

  func scan(_ node: AlignedNode) throws -> [ExportValue] {
    guard let operation = node.operation as? Scan else { return [] }
    if let known = try recurrentLoop(node, operation) { return known }
    let split = operation.stateCount + operation.sequenceCount
    let operands = try node.inputs.indices.map {
      $0 < split ? try full(node, $0) : try operand(node, $0)
    }
    var sequences = Array(operands[operation.stateCount..<split])
    let states = Array(operands.prefix(operation.stateCount)), constants = operands.dropFirst(split)
    if sequences.isEmpty {  // something to count the steps by
      let length = Extent(node.attributes(Scan.self, \.length))
      let end = scope.squeeze(try scope.size(length), [0])
      sequences = [
        scope.one(
          "Range", [scope.scalar(0, .int64), end, scope.scalar(1, .int64)], [:],
          ExportType(.int64, [length]))
      ]
    }
    let steps = sequences.map { ExportType($0.dtype, Array($0.sizes.dropFirst())) }
    let graphs = node.attributes(Scan.self, \.body)
    let body = try body(states.map(\.type) + steps) { inner, inputs in
      try inline(
        graphs, Array(inputs.prefix(operation.sequenceCount + states.count)) + constants, in: inner)
    }
    var attributes: [String: ExportAttribute] = [
      "body": .graph(body), "num_scan_inputs": .int(sequences.count),
    ]
    if operation.isReversed {
      let outputs = node.resultCount - operation.stateCount
      attributes["scan_input_directions"] = .ints(sequences.map { _ in 1 })
      if outputs > 0 {
        attributes["scan_output_directions"] = .ints(Array(repeating: 1, count: outputs))
      }
    }
    return scope.add(
      "Scan", states + sequences, attributes, (0..<node.resultCount).map { node.type($0) })
  }

  func condition(_ node: AlignedNode) throws -> [ExportValue] {
    let operands = try node.inputs.indices.dropFirst().map { try operand(node, $0) }
    func branch(_ graphs: [Graph]) throws -> ExportAttribute {
      .graph(try body([]) { inner, _ in try inline(graphs, operands, in: inner) })
    }
    return scope.add(
      "If", [try full(node)],
      [
        "then_branch": try branch(node.attributes(Cond.self, \.then)),
        "else_branch": try branch(node.attributes(Cond.self, \.otherwise)),
      ], (0..<node.resultCount).map { node.type($0) })
  }

  func loop(_ node: AlignedNode) throws -> [ExportValue] {
    guard let operation = node.operation as? While else { return [] }
    let states = try (0..<operation.stateCount).map { try full(node, $0) }
    let constants = try (operation.stateCount..<node.inputs.count).map { try operand(node, $0) }
    let conditions = node.attributes(While.self, \.condition)
    let bodies = node.attributes(While.self, \.body)
    let first = try scope.expanded(inline(conditions, states + constants, in: scope)[0])
    let turn = [ExportType(.int64, []), ExportType(.bool, [])]
    let body = try body(turn + states.map(\.type)) { inner, inputs in
      let next = try inline(bodies, Array(inputs.dropFirst(2)) + constants, in: inner)
      return try inline(conditions, next + constants, in: inner) + next
    }
    return scope.add(
      "Loop", [nil, first] + states, ["body": .graph(body)], states.map(\.type))
  }
}
