import NeuralNetworks
import TensorGraph

/// The values of a graph by name, those of the graph around it among them.
final class ONNXScope {
  private var values: [String: ONNXValue] = [:]
  private let parent: ONNXScope?
  /// The attributes that the nodes of a function may refer to.
  let attributes: [String: ONNXAttributeProto]

  init(in parent: ONNXScope? = nil, attributes: [String: ONNXAttributeProto]? = nil) {
    self.parent = parent
    self.attributes = attributes ?? parent?.attributes ?? [:]
  }

  subscript(name: String) -> ONNXValue? {
    get { values[name] ?? parent?[name] }
    set { values[name] = newValue }
  }
}

/// One evaluation of a file's graph: each node adds to a trace what it computes, or is computed at
/// once when all it needs is known.
final class ONNXEvaluation {
  let weights = ONNXWeights()
  /// Whether weights are numbers like any other, since all is computed at once.
  let isEager: Bool
  private let functions: [ONNXNode.Operator: ONNXFunction]
  private let engine: any Engine
  private var depth = 0
  /// How many nodes have been evaluated.
  private var nodeCount = 0
  /// The most nodes: functions and loops within each other multiply.
  private var nodeLimit: Int { isEager ? 1 << 24 : 1 << 17 }

  init(_ functions: [ONNXNode.Operator: ONNXFunction], isEager: Bool, engine: any Engine) {
    self.functions = functions
    self.isEager = isEager
    self.engine = engine
  }

  /// What `graph` gives for `inputs`, inside the values of `scope`.
  func outputs(
    of graph: ONNXGraph, _ inputs: [ONNXValue?], in parent: ONNXScope?, _ trace: Trace
  ) throws -> [ONNXValue] {
    let scope = try values(of: graph, inputs, in: parent, trace)
    return try graph.outputs.map { port in
      guard let value = scope[port.name] else {
        throw ONNXError.mistake("nothing computes the output \(port.name)")
      }
      return value
    }
  }

  /// All values of `graph` for `inputs`, inside the values of `parent`.
  func values(
    of graph: ONNXGraph, _ inputs: [ONNXValue?], in parent: ONNXScope?, _ trace: Trace
  ) throws -> ONNXScope {
    let scope = ONNXScope(in: parent)
    for (name, stored) in graph.initializers {
      let isWeight = graph.weights.contains(name) && !isEager
      scope[name] = .tensor(
        ONNXTensor(
          stored.type,
          isWeight ? .weight(name: name, stored.tensor) : .known(stored.tensor)))
    }
    for (port, value) in zip(graph.inputs, inputs) where value != nil { scope[port.name] = value }
    try evaluate(graph.nodes, in: scope, trace)
    return scope
  }

  private func evaluate(_ nodes: [ONNXNode], in scope: ONNXScope, _ trace: Trace) throws {
    depth += 1
    defer { depth -= 1 }
    guard depth < 64 else {
      throw ONNXError.mistake("graphs and functions call each other too deep")
    }
    for node in nodes {
      nodeCount += 1
      guard nodeCount <= nodeLimit else {
        throw ONNXError.mistake(
          "the graph consists of more than \(nodeLimit) nodes",
          hint: "functions and loops within each other multiply: make it smaller")
      }
      var inputs: [ONNXValue?] = []
      for name in node.inputs {
        guard !name.isEmpty else {
          inputs.append(nil)
          continue
        }
        guard let value = scope[name] else {
          throw ONNXError.mistake(
            "\(node.operator) \(node.name ?? "") needs \(name), which nothing computes")
        }
        inputs.append(value)
      }
      let outputs = try naming(node) { try evaluate(node, inputs, in: scope, trace) }
      for (name, value) in zip(node.outputs, outputs) where !name.isEmpty { scope[name] = value }
    }
  }

  /// Says which node a mistake is in.
  private func naming<R>(_ node: ONNXNode, _ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch ONNXError.mistake(let message, let hint) where !message.contains(" of node ") {
      throw ONNXError.mistake("\(node.operator) of node \(node.name ?? ""): \(message)", hint: hint)
    }
  }

  private func evaluate(
    _ node: ONNXNode, _ inputs: [ONNXValue?], in scope: ONNXScope, _ trace: Trace
  ) throws -> [ONNXValue] {
    if let function = functions[node.operator] {
      return try outputs(of: function, node, inputs, in: scope, trace)
    }
    guard let found = ONNXOperator.named(node.operator) else {
      throw ONNXError.mistake("Strata does not have the operator")
    }
    func call(_ trace: Trace, _ context: LayerContext) throws -> [ONNXValue] {
      try found.rule(
        ONNXCall(
          node: node, inputs: inputs, trace: trace, context: context, evaluation: self,
          scope: scope))
    }
    let isKnown = inputs.allSatisfy { $0?.isConstant ?? true }
    switch found.timing {
    case .byRule: return try call(trace, LayerContext(model: .of(trace)))
    case .whenNeeded where isKnown, .always where isEager && isKnown: return try atOnce(call)
    default: return try asLayer(node, inputs, trace, call)
    }
  }

  /// The values of a node that is a layer of the network.
  private func asLayer(
    _ node: ONNXNode, _ inputs: [ONNXValue?], _ trace: Trace,
    _ call: (Trace, LayerContext) throws -> [ONNXValue]
  ) throws -> [ONNXValue] {
    var result: Result<[ONNXValue], any Error> = .success([])
    func symbols(_ values: [ONNXValue?]) -> [Symbol] {
      values.compactMap(\.self).flatMap(\.tensors).compactMap { tensor in
        guard case .traced(let symbol, _) = tensor.content else { return nil }
        return symbol
      }
    }
    _ = ModelTrace.of(trace).entering(node, symbols(inputs)) { context in
      result = Result { try call(trace, context) }
      return symbols((try? result.get()) ?? [])
    }
    let values = try result.get()
    guard symbols(values).allSatisfy(\.isValid) else { throw ONNXError.reported }
    return values
  }

  /// The values of a node all of whose inputs are known.
  func atOnce(
    _ call: (Trace, LayerContext) throws -> [ONNXValue]
  ) throws -> [ONNXValue] {
    let trace = Trace()
    let context = LayerContext(model: .of(trace))
    defer { trace.companion = nil }
    let values = try call(trace, context)
    var symbols: [Symbol] = []
    for tensor in values.flatMap(\.tensors) {
      if case .traced(let symbol, let isChannelsLast) = tensor.content {
        symbols.append(isChannelsLast ? symbol.channelsFirst : symbol)
      }
    }
    guard !symbols.isEmpty else { return values }
    guard !trace.errors.isEmpty || symbols.allSatisfy({ $0.isValid && $0.trace === trace }) else {
      throw ONNXError.mistake("it mixes what is known with what is not")
    }
    do {
      let graph = try trace.graph(returning: symbols)
      // What is known in advance is held in memory, and a few bytes of a file can ask for anything.
      let byteCount = graph.nodes.reduce(0.0) { sum, node in
        node.types.reduce(sum) { $0 + Double($1.shape.count) * Double($1.dtype.byteCount) }
      }
      guard byteCount <= (isEager ? Double(PhysicalMemory.byteCount) : 0x1p30) else {
        throw ONNXError.mistake(
          "what it makes of constants does not fit into memory: \(symbols.map(\.type))")
      }
      var results = try engine.compile(graph).run([])[...]
      return values.map { value in
        value.mapped { tensor in
          guard case .traced = tensor.content, let known = results.popFirst() else { return tensor }
          return ONNXTensor(known, type: tensor.type)
        }
      }
    } catch let error as GraphError {
      throw ONNXError.mistake(
        error.message + (error.operands.isEmpty ? "" : ", got \(error.operands)"), hint: error.hint)
    }
  }

  /// What a function of the file gives: its nodes in a scope of their own.
  private func outputs(
    of function: ONNXFunction, _ node: ONNXNode, _ inputs: [ONNXValue?], in scope: ONNXScope,
    _ trace: Trace
  ) throws -> [ONNXValue] {
    var attributes = function.defaults
    for (name, attribute) in node.attributes {
      attributes[name] =
        attribute.hasRefAttrName && !attribute.refAttrName.isEmpty
        ? scope.attributes[attribute.refAttrName] : attribute
    }
    let inner = ONNXScope(attributes: attributes)
    for (name, value) in zip(function.inputs, inputs) { inner[name] = value }
    try evaluate(function.nodes, in: inner, trace)
    return try function.outputs.map { name in
      guard let value = inner[name] else {
        throw ONNXError.mistake("nothing computes the output \(name) of the function")
      }
      return value
    }
  }
}
