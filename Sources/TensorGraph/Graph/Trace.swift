/// A graph under construction. It lives for one tracing, in one task.
///
/// Mistakes are collected: the operation returns an invalid symbol, and operations on that stay
/// silent, so one mistake is one message.
public final class Trace {
  /// The nodes so far, in order of definition.
  public private(set) var nodes: [Node] = []
  /// The mistakes so far.
  public private(set) var errors: [GraphError] = []
  /// The layers entered and not yet left, outermost first; a body is inside those of its parent.
  public var scopes: [Scope] { parent?.scopes ?? entered }
  private var entered: [Scope] = []
  private var inputs: [ValueID] = []
  private var variables: [ValueID] = []
  /// The trace around this one, if it is the body of a loop or a branch.
  let parent: Trace?
  /// The symbols of the parent that this body uses, in order of first use, and their inputs here.
  private(set) var captures: [(outer: Symbol, inner: ValueID)] = []
  /// What a higher module keeps beside the trace, such as the weights of a model.
  ///
  /// Bodies have that of the trace they are in: what is kept may refer to them.
  package var companion: AnyObject? {
    get { parent == nil ? kept : parent?.companion }
    set { if let parent { parent.companion = newValue } else { kept = newValue } }
  }
  private var kept: AnyObject?
  /// The number of nodes so far, with those of all bodies.
  private let nodeCount: Counter
  /// The most nodes: loops that are written out and call each other could make any number of them.
  package static let nodeLimit = 1 << 20

  private final class Counter {
    var value = 0
  }

  /// A layer that is being traced.
  public struct Scope: Sendable {
    /// Its name among its siblings.
    public var name: String
    /// It as code, such as `Dense(10)`.
    public var code: String?
    /// Where it was written.
    public var location: SourceLocation?
  }

  /// Creates an empty trace.
  public init() {
    parent = nil
    nodeCount = Counter()
  }

  /// Creates the trace of a body inside `parent`: it may use the symbols of `parent`.
  init(inside parent: Trace) {
    self.parent = parent
    nodeCount = parent.nodeCount
  }

  /// The names of the layers entered, joined by `/`.
  public var path: String { scopes.map(\.name).joined(separator: "/") }

  /// Runs `body` inside the layer `name`.
  public func entering<R>(
    _ name: String, code: String? = nil, location: SourceLocation? = nil, _ body: () -> R
  ) -> R {
    if let parent { return parent.entering(name, code: code, location: location, body) }
    entered.append(Scope(name: name, code: code, location: location))
    defer { entered.removeLast() }
    return body()
  }

  /// Adds `operation` applied to `x`, and returns its results.
  public func emit(_ operation: any Operation, _ x: [Symbol], results: Int) -> [Symbol] {
    guard x.allSatisfy(\.isValid) else {  // an earlier mistake explains this one
      return Array(repeating: invalid, count: results)
    }
    // What uses a symbol of a body belongs to that body.
    if let body = x.first(where: { $0.trace.isInside(self) })?.trace {
      return body.emit(operation, x, results: results)
    }
    let x = x.map(captured)
    guard x.allSatisfy(\.isValid) else { return Array(repeating: invalid, count: results) }
    do throws(ShapeError) {
      try checkStrings(operation, x)
      let types = try operation.resultTypes(x.map(\.type))
      if let type = types.first(where: { !$0.shape.isRepresentable }) {
        throw ShapeError("\(operation.name) cannot make a tensor \(type.shape)")
      }
      nodeCount.value += 1
      guard nodeCount.value <= Self.nodeLimit else {
        guard errors.isEmpty else { return Array(repeating: invalid, count: results) }
        throw ShapeError("the graph has more than \(Self.nodeLimit) operations")
      }
      nodes.append(Node(operation: operation, inputs: x.map(\.id), types: types, path: path))
      let node = nodes.count - 1
      return types.enumerated().map { Symbol(trace: self, id: ValueID(node, $0), type: $1) }
    } catch {
      let failed = fail(error.message, operands: x.map(\.type), hint: error.hint)
      return Array(repeating: failed, count: results)
    }
  }

  /// Adds `operation` applied to `x`, and returns its only result.
  public func emit(_ operation: some SingleResultOperation, _ x: [Symbol]) -> Symbol {
    emit(operation as any Operation, x, results: 1)[0]
  }

  /// Whether this is the trace of a body somewhere inside `other`.
  func isInside(_ other: Trace) -> Bool {
    guard let parent else { return false }
    return parent === other || parent.isInside(other)
  }

  /// `symbol` as a symbol of this trace: one of a trace around it becomes an input of the body.
  func captured(_ symbol: Symbol) -> Symbol {
    guard symbol.trace !== self, symbol.isValid else { return symbol }
    guard let parent else {
      return fail(
        "a symbol is used outside the trace or the body it belongs to", operands: [symbol.type],
        hint: "return it from the body, or pass it to the body as a state")
    }
    let outer = parent.captured(symbol)
    guard outer.isValid else { return invalid }
    guard outer.dtype != .string else {
      return fail(
        "strings cannot be used in a loop or a branch", operands: [outer.type],
        hint: "make numbers of them before it")
    }
    if let known = captures.first(where: { $0.outer.id == outer.id }) {
      return Symbol(trace: self, id: known.inner, type: outer.type)
    }
    let inner = input("captured", outer.type)
    captures.append((outer, inner.id))
    return inner
  }

  /// Takes over the mistakes made in a body.
  func report(_ mistakes: [GraphError]) { errors += mistakes }

  /// Reports a mistake in the innermost layer, and returns an invalid symbol.
  @discardableResult
  public func fail(_ message: String, operands: [TensorType] = [], hint: String? = nil) -> Symbol {
    errors.append(
      GraphError(
        message, operands: operands, path: scopes.map(\.name), layer: scopes.last?.code,
        location: scopes.last { $0.location != nil }?.location, hint: hint))
    return invalid
  }

  /// What an operation returns after a mistake.
  public var invalid: Symbol {
    Symbol(trace: self, id: ValueID(-1), type: TensorType(.float32, []))
  }

  /// Adds a value that is fed at each run.
  public func input(_ name: String = "input", _ type: TensorType) -> Symbol {
    let symbol = emit(Input(name: name, type: type, id: nodes.count), [])
    inputs.append(symbol.id)
    return symbol
  }

  /// Adds a value that lives from run to run.
  public func variable(_ name: String, _ type: TensorType) -> Symbol {
    if let parent { return parent.variable(name, type) }
    let symbol = emit(Input(name: name, type: type, id: nodes.count), [])
    variables.append(symbol.id)
    return symbol
  }

  /// A tensor of `shape` with every element `number`.
  public func constant(
    _ number: Double, _ shape: Shape = [], dtype: DType = .float32
  ) -> Symbol {
    emit(Fill(number: number, type: TensorType(dtype, shape)), [])
  }

  /// A tensor known while tracing.
  public func constant(_ tensor: Tensor) -> Symbol { emit(Literal(tensor: tensor), []) }

  /// The graph that computes `outputs`, and `updates` of variables at the end of a run.
  ///
  /// - Throws: the first mistake of the trace.
  public func graph(
    returning outputs: [Symbol], updating updates: [(variable: Symbol, value: Symbol)] = []
  ) throws(GraphError) -> Graph {
    if let mistake = errors.first { throw mistake }
    let changed = Dictionary(
      updates.map { ($0.variable.id, $0.value.id) }, uniquingKeysWith: { $1 })
    return Graph(
      nodes: nodes, inputs: inputs, outputs: outputs.map(\.id), variables: variables,
      updates: variables.map { changed[$0] })
  }

  /// The symbol of `value`.
  package func symbol(_ value: ValueID) -> Symbol {
    Symbol(trace: self, id: value, type: nodes[value.node].types[value.result])
  }

  /// Adds a copy of `graph` with its inputs and variables replaced by `arguments`, in that order.
  func inline(_ graph: Graph, _ arguments: [Symbol]) -> [Symbol] {
    guard arguments.allSatisfy(\.isValid) else { return graph.outputs.map { _ in invalid } }
    var values = Dictionary(
      uniqueKeysWithValues: zip(graph.inputs + graph.variables, arguments))
    for (index, node) in graph.nodes.enumerated() where !(node.operation is Input) {
      let operands = node.inputs.compactMap { values[$0] }
      for (result, symbol) in emit(node.operation, operands, results: node.types.count).enumerated()
      {
        values[ValueID(index, result)] = symbol
      }
    }
    return graph.outputs.compactMap { values[$0] }
  }
}
