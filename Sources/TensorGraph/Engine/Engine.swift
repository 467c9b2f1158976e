/// Something that can run graphs.
public protocol Engine: Sendable {
  /// Prepares `graph` for any number of runs.
  func compile(_ graph: Graph) throws(EngineError) -> any Executable
}

/// A graph prepared by an engine.
///
/// An executable has one workspace: it belongs to one task at a time.
public protocol Executable: AnyObject {
  /// Runs the graph on `inputs`, updating `variables` in place, and returns its outputs.
  ///
  /// The order is that of `Graph.inputs`, `Graph.variables` and `Graph.outputs`, and so are the
  /// types.
  func run(_ inputs: [Tensor], variables: inout [Tensor]) -> [Tensor]
}

extension Executable {
  /// Runs a graph that has no variables.
  public func run(_ inputs: [Tensor]) -> [Tensor] {
    var none: [Tensor] = []
    return run(inputs, variables: &none)
  }
}

/// Why an engine cannot prepare a graph, such as too little memory.
public struct EngineError: Error, Sendable, CustomStringConvertible {
  /// What happened.
  public var message: String

  /// Creates the reason `message`.
  public init(_ message: String) { self.message = message }
  public var description: String { "error: \(message)" }
}
