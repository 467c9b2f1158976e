/// One result of one node.
public struct ValueID: Hashable, Sendable {
  /// The node, in order of definition.
  public var node: Int
  /// Which of the node's results.
  public var result: Int

  /// Creates a reference to a result of a node.
  public init(_ node: Int, _ result: Int = 0) {
    self.node = node
    self.result = result
  }
}

/// An operation applied to earlier values.
public struct Node: Sendable {
  /// What is computed.
  public var operation: any Operation
  /// What it is computed from.
  public var inputs: [ValueID]
  /// The types of the results.
  public var types: [TensorType]
  /// The enclosing layers, joined by `/`.
  public var path: String
}

/// A computation: an immutable list of nodes, each defined after the nodes it uses.
public struct Graph: Sendable {
  /// The nodes in order of definition.
  public internal(set) var nodes: [Node]
  /// The values that are fed, in order.
  public internal(set) var inputs: [ValueID]
  /// The values a run returns, in order.
  public internal(set) var outputs: [ValueID]
  /// The variables: values that live from run to run, in order.
  public internal(set) var variables: [ValueID]
  /// What each variable becomes at the end of a run, if it changes.
  public internal(set) var updates: [ValueID?]

  /// The type of a value.
  public func type(_ value: ValueID) -> TensorType { nodes[value.node].types[value.result] }
}

/// A value fed from outside: an input or a variable.
public struct Input: SingleResultOperation {
  /// What the graph prints.
  public let name: String
  /// The type of the value.
  public let type: TensorType
  /// Tells inputs of one name and type apart.
  let id: Int

  public func resultType(_ x: [TensorType]) -> TensorType { type }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] { [] }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    preconditionFailure("an input is fed, not computed")
  }
}

extension Graph: CustomStringConvertible {
  /// One line a node: `%3: float32[2, 4] = matmul(%0, %1)    // dense`.
  public var description: String {
    func name(_ value: ValueID) -> String {
      "%\(value.node)" + (nodes[value.node].types.count > 1 ? ".\(value.result)" : "")
    }
    var lines = nodes.enumerated().map { index, node in
      let types = node.types.map(\.description).joined(separator: ", ")
      let operands = node.inputs.map(name).joined(separator: ", ")
      let comment = node.path.isEmpty ? "" : "    // \(node.path)"
      return "%\(index): \(types) = \(node.operation.name)(\(operands))\(comment)"
    }
    for (variable, update) in zip(variables, updates) {
      if let update { lines.append("update \(name(variable)) = \(name(update))") }
    }
    lines.append("return " + outputs.map(name).joined(separator: ", "))
    return lines.joined(separator: "\n")
  }
}

extension Graph {
  /// Traps if the graph breaks a rule of its own: an invariant of ours, not a user's mistake.
  public func verify() {
    for (index, node) in nodes.enumerated() {
      for input in node.inputs {
        precondition(input.node < index, "%\(index) uses %\(input.node) before it is defined")
        precondition(input.result < nodes[input.node].types.count, "%\(index): no such result")
      }
      guard !(node.operation is Input) else { continue }
      let types = try? node.operation.resultTypes(node.inputs.map(type))
      precondition(types == node.types, "%\(index) \(node.operation.name): types do not fit")
    }
    for (variable, update) in zip(variables, updates) {
      guard let update else { continue }
      precondition(type(variable) == type(update), "an update changes the type of a variable")
    }
  }
}
