/// A loop over the steps of sequences that carries states from step to step.
///
/// Operands, and inputs of the body, in this order: states, sequences (in the body: one step of
/// each), constants. Outputs of the body: the new states, then any number of step outputs.
/// Results: the last states, then the step outputs stacked along a new leading axis.
///
///     states…, sequences [length, …], constants… → states…, outputs [length, …]
public struct Scan: Operation {
  /// One step.
  public let body: Graph
  /// How many of the operands are states.
  public let stateCount: Int
  /// How many of the operands are sequences.
  public let sequenceCount: Int
  /// The number of steps.
  public let length: Int
  /// Whether the last step is done first. Outputs stay at the index of their step.
  public let isReversed: Bool

  /// Creates a loop of `length` times `body`.
  public init(
    body: Graph, stateCount: Int, sequenceCount: Int, length: Int, isReversed: Bool = false
  ) {
    self.body = body
    self.stateCount = stateCount
    self.sequenceCount = sequenceCount
    self.length = length
    self.isReversed = isReversed
  }

  public var name: String { "scan \(length)" + (isReversed ? " reversed" : "") }

  public func resultTypes(_ x: [TensorType]) throws(ShapeError) -> [TensorType] {
    let outputs = body.outputs.map(body.type)
    guard x.count == body.inputs.count, outputs.count >= stateCount, length >= 0,
      x.count >= stateCount + sequenceCount
    else {
      throw ShapeError("scan expects \(stateCount) states and \(sequenceCount) sequences")
    }
    for (index, input) in body.inputs.enumerated() {
      var type = x[index]
      if sequences.contains(index) {
        guard type.shape.rank > 0, type.shape[0] == length else {
          throw ShapeError("scan expects sequences of \(length) steps, \(type) is not")
        }
        type.shape = type.shape.removing(0)
      }
      guard type == body.type(input) else {
        throw ShapeError("the body of scan expects \(body.type(input)), not \(type)")
      }
    }
    for index in 0..<stateCount where outputs[index] != x[index] {
      throw ShapeError(
        "state \(index) of scan changes from \(x[index]) to \(outputs[index])",
        hint: "a state keeps its type from step to step")
    }
    return outputs.prefix(stateCount)
      + outputs.dropFirst(stateCount).map {
        TensorType($0.dtype, $0.shape.inserting(length, at: 0))
      }
  }

  /// Runs the body once more to find the states each step began with, then its pullback from the
  /// last step to the first.
  public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
    let trace = x[0].trace
    let wanted = x.indices.filter { x[$0].dtype.isFloatingPoint }
    let states = wanted.filter { $0 < stateCount }
    let constants = wanted.filter { $0 >= sequences.upperBound }
    let given = y.indices.filter { $0 >= stateCount && dy[$0] != nil }
    let pullback: Graph
    do throws(GraphError) {
      pullback = try body.pullback(along: states + given, to: wanted)
    } catch {
      trace.report([error])
      return x.map { _ in nil }
    }

    var recording = body
    recording.outputs = Array(body.outputs.prefix(stateCount) + body.inputs.prefix(stateCount))
    let recorder = Scan(
      body: recording, stateCount: stateCount, sequenceCount: sequenceCount, length: length,
      isReversed: isReversed)
    let history = trace.emit(recorder, x, results: 2 * stateCount).suffix(stateCount)

    func zero(_ x: Symbol) -> Symbol { trace.constant(0, x.shape, dtype: x.dtype) }
    let (last, outputs) = scan(
      in: trace, over: history + x[sequences] + given.compactMap { dy[$0] },
      from: states.map { dy[$0] ?? zero(y[$0]) } + constants.map { zero(x[$0]) },
      length: length, isReversed: !isReversed
    ) { trace, step, carried in
      // The inputs of the body, then the cotangents of its states and outputs.
      var arguments = step.prefix(sequences.upperBound) + x[sequences.upperBound...]
      arguments += carried.prefix(states.count)
      arguments += step.dropFirst(sequences.upperBound)
      let dx = trace.inline(pullback, Array(arguments))
      let sums = zip(carried.dropFirst(states.count), dx.suffix(constants.count)).map { $0 + $1 }
      let slices = dx.dropFirst(states.count).dropLast(constants.count)
      return (Array(dx.prefix(states.count)) + sums, Array(slices))
    }
    var dx = [Symbol?](repeating: nil, count: x.count)
    let ordered = last.prefix(states.count) + outputs + last.dropFirst(states.count)
    for (index, symbol) in zip(wanted, ordered) { dx[index] = symbol }
    return dx
  }

  public func evaluate(_ x: [ReferenceTensor], _ types: [TensorType]) -> [ReferenceTensor] {
    var states = Array(x[..<stateCount])
    var outputs = types.dropFirst(stateCount).map { ReferenceTensor($0.shape, repeating: 0) }
    for index in isReversed ? (0..<length).reversed() : Array(0..<length) {
      let step = x[sequences].map { sequence in
        let size = sequence.numbers.count / length
        return ReferenceTensor(
          sequence.shape.removing(0), Array(sequence.numbers[index * size..<(index + 1) * size]))
      }
      let y = ReferenceEngine.evaluate(body, states + step + x[sequences.upperBound...])
      states = Array(y[..<stateCount])
      for (output, y) in y.dropFirst(stateCount).enumerated() {
        let size = y.numbers.count
        outputs[output].numbers.replaceSubrange(index * size..<(index + 1) * size, with: y.numbers)
      }
    }
    return states + outputs
  }

  private var sequences: Range<Int> { stateCount..<stateCount + sequenceCount }
}

/// One of two graphs, as a condition has it: `then` if the first operand holds, else `otherwise`.
///
///     condition bool [], operands… → results…
///
/// Both graphs take all operands but the condition and return the same types.
public struct Cond: Operation {
  /// What is computed if the condition holds.
  public let then: Graph
  /// What is computed if it does not.
  public let otherwise: Graph

  /// Creates a choice of two graphs.
  public init(then: Graph, otherwise: Graph) {
    self.then = then
    self.otherwise = otherwise
  }

  public var name: String { "cond" }

  public func resultTypes(_ x: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard x.first == TensorType(.bool, []) else {
      throw ShapeError("cond expects a condition bool[]", hint: "reduce it to one truth value")
    }
    for branch in [then, otherwise] {
      guard branch.inputs.map(branch.type) == Array(x.dropFirst()) else {
        throw ShapeError("a branch of cond does not take the operands")
      }
    }
    let types = then.outputs.map(then.type), others = otherwise.outputs.map(otherwise.type)
    guard types == others else {
      throw ShapeError(
        "the branches of cond return \(types) and \(others)", hint: "return the same types")
    }
    return types
  }

  public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
    let trace = x[0].trace
    let wanted = x.indices.dropFirst().filter { x[$0].dtype.isFloatingPoint }
    let given = y.indices.filter { dy[$0] != nil }
    var dx = [Symbol?](repeating: nil, count: x.count)
    do throws(GraphError) {
      let pullback = Cond(
        then: try then.pullback(along: given, to: wanted.map { $0 - 1 }),
        otherwise: try otherwise.pullback(along: given, to: wanted.map { $0 - 1 }))
      let operands = x + given.compactMap { dy[$0] }
      let results = trace.emit(pullback, operands, results: wanted.count)
      for (index, symbol) in zip(wanted, results) { dx[index] = symbol }
    } catch {
      trace.report([error])
    }
    return dx
  }

  public func evaluate(_ x: [ReferenceTensor], _ types: [TensorType]) -> [ReferenceTensor] {
    ReferenceEngine.evaluate(x[0].numbers[0] != 0 ? then : otherwise, Array(x.dropFirst()))
  }
}

/// A loop that goes on as long as a condition holds. It has no gradient.
///
/// Operands, and inputs of both graphs: states, then constants. The condition returns `bool []`,
/// the body the new states. Results: the last states.
public struct While: Operation {
  /// Whether there is another step.
  public let condition: Graph
  /// One step.
  public let body: Graph
  /// How many of the operands are states.
  public let stateCount: Int

  /// Creates a loop of `body` while `condition` holds.
  public init(condition: Graph, body: Graph, stateCount: Int) {
    self.condition = condition
    self.body = body
    self.stateCount = stateCount
  }

  public var name: String { "while" }

  public func resultTypes(_ x: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard condition.outputs.map(condition.type) == [TensorType(.bool, [])] else {
      throw ShapeError("the condition of a loop has to be one bool[]")
    }
    for graph in [condition, body] where graph.inputs.map(graph.type) != x {
      throw ShapeError("the loop does not take the operands")
    }
    let types = body.outputs.map(body.type)
    guard types == Array(x.prefix(stateCount)) else {
      throw ShapeError(
        "the states of a loop change from \(Array(x.prefix(stateCount))) to \(types)",
        hint: "a state keeps its type from step to step")
    }
    return types
  }

  public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
    y[0].trace.fail(
      "a while loop has no gradient", operands: y.map(\.type),
      hint: "use scan, whose number of steps is known")
    return x.map { _ in nil }
  }

  public func evaluate(_ x: [ReferenceTensor], _ types: [TensorType]) -> [ReferenceTensor] {
    var states = Array(x[..<stateCount])
    let constants = x[stateCount...]
    while ReferenceEngine.evaluate(condition, states + constants)[0].numbers[0] != 0 {
      states = ReferenceEngine.evaluate(body, states + constants)
    }
    return states
  }
}
