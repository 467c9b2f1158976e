/// Carries `states` through the steps of `sequences` along their first axis.
///
///     let (sums, _) = scan(over: [x], from: [zero]) { step, state in ([state[0] + step[0]], []) }
///
/// The body is traced once. It may use any symbol from outside.
///
/// - Parameters:
///   - sequences: what the steps are taken from: `[length, …]`.
///   - states: what the first step begins with.
///   - length: the number of steps; needed only if there are no sequences.
///   - isReversed: whether the last step is done first; outputs stay at the index of their step.
///   - body: new states, of the same types, and outputs of one step.
/// - Returns: the last states, and the outputs of all steps, stacked along a new first axis.
public func scan(
  over sequences: [Symbol], from states: [Symbol], length: Int? = nil, isReversed: Bool = false,
  _ body: (_ step: [Symbol], _ state: [Symbol]) -> (state: [Symbol], outputs: [Symbol])
) -> (state: [Symbol], outputs: [Symbol]) {
  guard let trace = innermost(states + sequences) else { return ([], []) }
  guard let length = length ?? sequences.first?.shape.dims.first else {
    return (
      states.map { _ in trace.fail("scan needs a sequence, or a length", hint: "length: 10") }, []
    )
  }
  return scan(in: trace, over: sequences, from: states, length: length, isReversed: isReversed) {
    body($1, $2)
  }
}

/// Carries one state through the steps of `x` along `axis`, and returns its last value.
public func scan(
  _ x: Symbol, axis: Int, from state: Symbol, _ body: (_ step: Symbol, _ state: Symbol) -> Symbol
) -> Symbol {
  guard x.isValid, let axis = x.shape.axis(axis) else { return x.trace.invalid }
  let others = (0..<x.shape.rank).filter { $0 != axis }
  return scan(over: [x.transposed([axis] + others)], from: [state]) { step, state in
    ([body(step[0], state[0])], [])
  }.state[0]
}

/// The scan as an operation in `trace`, whose body gets its own trace.
func scan(
  in trace: Trace, over sequences: [Symbol], from states: [Symbol], length: Int, isReversed: Bool,
  _ body: (Trace, _ step: [Symbol], _ state: [Symbol]) -> (state: [Symbol], outputs: [Symbol])
) -> (state: [Symbol], outputs: [Symbol]) {
  func failed() -> (state: [Symbol], outputs: [Symbol]) { (states.map { _ in trace.invalid }, []) }
  guard (states + sequences).allSatisfy(\.isValid) else { return failed() }
  if let scalar = sequences.first(where: { $0.shape.rank == 0 }) {
    trace.fail("scan goes over sequences, a scalar has no steps", operands: [scalar.type])
    return failed()
  }
  let inner = Trace(inside: trace)
  let state = states.map { inner.input("state", $0.type) }
  let step = sequences.map {
    inner.input("step", TensorType($0.dtype, $0.shape.removing(0)))
  }
  let (next, outputs) = body(inner, step, state)
  guard next.count == states.count else {
    trace.fail("the body of scan returns \(next.count) states of \(states.count)")
    return failed()
  }
  guard let graph = inner.body(next + outputs) else {
    return (states.map { _ in trace.invalid }, outputs.map { _ in trace.invalid })
  }
  let operation = Scan(
    body: graph, stateCount: states.count, sequenceCount: sequences.count, length: length,
    isReversed: isReversed)
  let y = trace.emit(
    operation, states + sequences + inner.captures.map(\.outer), results: graph.outputs.count)
  return (Array(y.prefix(states.count)), Array(y.dropFirst(states.count)))
}

/// What `then` returns if `condition` holds, else what `otherwise` returns.
///
/// Only the chosen branch is computed. Both get `operands` and return symbols of the same types.
public func cond(
  _ condition: Symbol, _ operands: [Symbol],
  then: ([Symbol]) -> [Symbol], else otherwise: ([Symbol]) -> [Symbol]
) -> [Symbol] {
  guard let trace = innermost([condition] + operands) else { return [] }
  func inputs(_ inner: Trace) -> [Symbol] { operands.map { inner.input("operand", $0.type) } }
  return cond(
    condition, operands, in: trace, then: { then(inputs($0)) },
    else: { otherwise(inputs($0)) })
}

/// The choice as an operation in `trace`, whose branches get traces of their own.
package func cond(
  _ condition: Symbol, _ operands: [Symbol] = [], in trace: Trace,
  then: (Trace) -> [Symbol], else otherwise: (Trace) -> [Symbol]
) -> [Symbol] {
  let inner = [Trace(inside: trace), Trace(inside: trace)]
  let outputs = [
    then(inner[0]).map(inner[0].captured), otherwise(inner[1]).map(inner[1].captured),
  ]
  let captures = shareCaptures(inner)
  guard let then = inner[0].body(outputs[0], captures),
    let otherwise = inner[1].body(outputs[1], captures)
  else { return outputs[0].map { _ in trace.invalid } }
  return trace.emit(
    Cond(then: then, otherwise: otherwise), [condition] + operands + captures,
    results: then.outputs.count)
}

/// Repeats `body` while `condition` holds, and returns the last states.
///
/// There is no gradient through it: the number of steps is not known when the graph is made.
public func whileLoop(
  from states: [Symbol], while condition: ([Symbol]) -> Symbol, do body: ([Symbol]) -> [Symbol]
) -> [Symbol] {
  guard let trace = innermost(states) else { return [] }
  let inner = [Trace(inside: trace), Trace(inside: trace)]
  func inputs(_ inner: Trace) -> [Symbol] { states.map { inner.input("state", $0.type) } }
  let outputs = [
    [inner[0].captured(condition(inputs(inner[0])))],
    body(inputs(inner[1])).map(inner[1].captured),
  ]
  let captures = shareCaptures(inner)
  guard let condition = inner[0].body(outputs[0], captures),
    let body = inner[1].body(outputs[1], captures)
  else { return states.map { _ in trace.invalid } }
  return trace.emit(
    While(condition: condition, body: body, stateCount: states.count), states + captures,
    results: states.count)
}

/// The trace an operation on all of `symbols` belongs to.
private func innermost(_ symbols: [Symbol]) -> Trace? {
  symbols.first.map { first in
    symbols.reduce(first.trace) { $1.trace.isInside($0) ? $1.trace : $0 }
  }
}

/// All symbols from outside that any of the bodies uses, each once.
private func shareCaptures(_ bodies: [Trace]) -> [Symbol] {
  var shared: [Symbol] = []
  for capture in bodies.flatMap(\.captures)
  where !shared.contains(where: { $0.id == capture.outer.id }) {
    shared.append(capture.outer)
  }
  return shared
}

extension Trace {
  /// The graph of this body, or nothing after a mistake, which the parent takes over.
  ///
  /// Its last inputs are `captures`, if given, else what the body has captured.
  func body(_ outputs: [Symbol], _ captures: [Symbol]? = nil) -> Graph? {
    let outputs = outputs.map(captured)
    let own = Set(self.captures.map(\.inner))
    let shared = captures?.map { captured($0).id }
    guard outputs.allSatisfy(\.isValid), errors.isEmpty, var graph = try? graph(returning: outputs)
    else {
      parent?.report(errors)
      return nil
    }
    if let shared {
      graph.inputs = graph.inputs.filter { !own.contains($0) && !shared.contains($0) } + shared
    }
    return graph
  }
}
