/// Something that can run graphs.
public protocol Engine: Sendable {
  /// Prepares `graph` for any number of runs.
  func compile(_ graph: Graph) throws(EngineError) -> any Executable

  /// This engine for one of so many callers that run at the same time: they share its threads.
  func shared(by callers: Int) -> any Engine

  /// Copies the entries `rows` of the first axis of `tensor`, which has no strings, to `out`, one
  /// after another.
  ///
  /// The rows must exist and fill `out`. Without one of its own, an engine does it on one thread.
  func copyRows(
    _ rows: UnsafeBufferPointer<Int32>, of tensor: Tensor, to out: UnsafeMutableRawBufferPointer)
}

extension Engine {
  public func shared(by callers: Int) -> any Engine { self }

  public func copyRows(
    _ rows: UnsafeBufferPointer<Int32>, of tensor: Tensor, to out: UnsafeMutableRawBufferPointer
  ) {
    tensor.copyRows(rows, to: out)
  }
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
