import TensorGraph

extension ONNXOperator {
  /// Branches and loops, and what is known by looking.
  static let controlFlow: [String: ONNXOperator] = [
    "If": ONNXOperator(.byRule) { try $0.branch() },
    "Loop": ONNXOperator(.byRule) { try $0.loop() },
    "Scan": ONNXOperator(.byRule) { try $0.scanned() },
    "Constant": ONNXOperator(.byRule) { try [.tensor($0.constant())] },
    "Identity": ONNXOperator(.byRule) { try [$0.value(0)] },
    "Shape": ONNXOperator(.byRule) { call in
      let dims = try call.shape(0).dims
      func place(_ index: Int) -> Int {
        min(max(index < 0 ? index &+ dims.count : index, 0), dims.count)
      }
      let start = place(call.int("start", 0)), end = place(call.int("end", dims.count))
      let range = dims[start..<max(start, end)].map { Int64($0) }
      return [.tensor(ONNXTensor(Tensor([range.count], range)))]
    },
    "Size": ONNXOperator(.byRule) { call in
      [.tensor(ONNXTensor(Tensor(Int64(try call.shape(0).count))))]
    },
  ]
}

extension ONNXCall {
  /// The tensor of a `Constant`.
  fileprivate func constant() throws -> ONNXTensor {
    if let tensor = try tensor(named: "value") { return tensor }
    if let attribute = attribute("sparse_value") { return try ONNXTensor(attribute.sparseTensor) }
    if let number = float("value_float") { return ONNXTensor(Tensor(Float(number))) }
    if let numbers = floats("value_floats") {
      return ONNXTensor(Tensor([numbers.count], numbers.map { Float($0) }))
    }
    if let number = int("value_int") { return ONNXTensor(Tensor(Int64(number))) }
    if let numbers = ints("value_ints") {
      return ONNXTensor(Tensor([numbers.count], numbers.map { Int64($0) }))
    }
    if let text = string("value_string") { return ONNXTensor(Tensor([], [text])) }
    if let texts = strings("value_strings") { return ONNXTensor(Tensor([texts.count], texts)) }
    throw ONNXError.mistake("a constant without a value")
  }

  /// The graph that the attribute `name` is.
  fileprivate func graph(_ name: String) throws -> ONNXGraph {
    guard let graph = node.graphs[name] else { throw ONNXError.mistake("\(name) is missing") }
    return graph
  }

  /// What `graph` gives inside the values around the node.
  private func outputs(of graph: ONNXGraph, _ inputs: [ONNXValue?]) throws -> [ONNXValue] {
    try evaluation.outputs(of: graph, inputs, in: scope, trace)
  }

  /// The outputs of `If`: of one branch when the condition is known, else of both, chosen in each
  /// run.
  fileprivate func branch() throws -> [ONNXValue] {
    let condition = try tensor(0), branches = (try graph("then_branch"), try graph("else_branch"))
    if let known = condition.known {
      return try outputs(of: known.numbers.first ?? 0 != 0 ? branches.0 : branches.1, [])
    }
    var types: [ONNXType] = []
    var mistake: (any Error)?
    func traced(_ graph: ONNXGraph, _ trace: Trace) -> [Symbol] {
      do {
        let values = try evaluation.outputs(of: graph, [], in: scope, trace)
        let tensors = try values.map { value in
          guard case .tensor(let tensor) = value else {
            throw ONNXError.needsValue(node.inputs[0])
          }
          return tensor
        }
        types = tensors.map(\.type)
        return try tensors.map { try symbol($0, in: trace) }
      } catch {
        mistake = mistake ?? error
        return []
      }
    }
    let y = TensorGraph.cond(
      try symbol(condition).reshaped([]), in: trace, then: { traced(branches.0, $0) },
      else: { traced(branches.1, $0) })
    if let mistake { throw mistake }
    guard y.count == types.count, y.allSatisfy(\.isValid) else {
      // Branches of different shapes: a graph of fixed shapes needs to know which it is.
      throw ONNXError.needsValue(node.inputs[0])
    }
    return zip(y, types).map { .tensor(ONNXTensor($0, type: $1)) }
  }

  /// `tensor` to compute with in `trace`, the trace of a body.
  private func symbol(_ tensor: ONNXTensor, in trace: Trace) throws -> Symbol {
    try with(trace).symbol(tensor)
  }

  /// The same call with symbols added to `trace`.
  private func with(_ trace: Trace) -> ONNXCall {
    ONNXCall(
      node: node, inputs: inputs, trace: trace, context: context, evaluation: evaluation,
      scope: scope)
  }

  /// The outputs of `Loop`: the last states, and what the steps gave, one after another.
  ///
  /// The body is written out step by step: how often, and whether it goes on, has to be known. It is
  /// when the condition follows from constants and the count from shapes, and always when all is
  /// evaluated at once.
  fileprivate func loop() throws -> [ONNXValue] {
    let body = try graph("body")
    let limit = has(0) ? try known(0).scalars(as: Int64.self).first ?? 0 : Int64.max
    var goesOn = has(1) ? try known(1).numbers.first ?? 0 != 0 : true
    var states = inputs.dropFirst(2).map { $0 ?? .none }
    let count = states.count
    var stacks: [[ONNXTensor]] = Array(repeating: [], count: max(body.outputs.count - 1 - count, 0))
    var step: Int64 = 0
    while goesOn, step < limit {
      guard step < 1 << 16 else { throw ONNXError.mistake("a loop of more than 65,536 steps") }
      let condition = ONNXTensor(Tensor([], [true])), index = ONNXTensor(Tensor(step))
      let given: [ONNXValue] = [.tensor(index), .tensor(condition)] + states
      let results = try outputs(of: body, given)
      guard results.count == 1 + count + stacks.count, case .tensor(let next) = results[0] else {
        throw ONNXError.mistake("the body gives \(results.count) values")
      }
      guard let known = next.known else { throw ONNXError.needsValue("the condition of a loop") }
      goesOn = known.numbers.first ?? 0 != 0
      states = Array(results[1..<1 + count])
      for (index, value) in results.dropFirst(1 + count).enumerated() {
        guard case .tensor(let tensor) = value else {
          throw ONNXError.mistake("a step of the loop gives a sequence")
        }
        stacks[index].append(tensor)
      }
      step += 1
    }
    return states + (try zip(stacks, body.outputs.dropFirst(1 + count)).map(stacked))
  }

  /// Tensors of steps along a new first axis.
  private func stacked(_ steps: [ONNXTensor], _ port: ONNXGraph.Port) throws -> ONNXValue {
    try stacked(steps, axis: 0, port)
  }

  private func stacked(
    _ steps: [ONNXTensor], axis: Int, _ port: ONNXGraph.Port
  ) throws -> ONNXValue {
    guard let first = steps.first else {
      let dims = [0] + (port.shape ?? []).map { $0 ?? 0 }
      let type = port.type ?? .float32
      return .tensor(
        ONNXTensor(Tensor(zeros: TensorType(type.dtype ?? .float32, Shape(dims))), type: type))
    }
    guard steps.allSatisfy({ $0.shape == first.shape && $0.type == first.type }) else {
      throw ONNXError.mistake("the steps give tensors of different shapes")
    }
    guard axis <= first.shape.rank else { throw ONNXError.mistake("there is no axis \(axis)") }
    if steps.allSatisfy(\.isConstant) {
      return .tensor(try computed(steps) { stack($0, axis: axis) })
    }
    return .tensor(
      ONNXTensor(stack(try steps.map { try symbol($0) }, axis: axis), type: first.type))
  }

  /// What `body` makes of known tensors, computed at once.
  func computed(
    _ tensors: [ONNXTensor], _ body: ([Symbol]) throws -> Symbol
  ) throws -> ONNXTensor {
    let values = try evaluation.atOnce { trace, _ in
      let inner = with(trace)
      return [
        .tensor(
          ONNXTensor(try body(try tensors.map { try inner.symbol($0) }), type: tensors.first?.type))
      ]
    }
    guard case .tensor(let tensor)? = values.first else { throw ONNXError.reported }
    return tensor
  }

  /// The outputs of `Scan`: the last states, and what the steps gave along an axis.
  ///
  /// The number of steps follows from the shapes, so the body is written out.
  fileprivate func scanned() throws -> [ONNXValue] {
    if opset < 9 { return try scannedBatch() }
    let body = try graph("body"), sequenceCount = int("num_scan_inputs", 0)
    guard sequenceCount > 0, sequenceCount <= inputs.count else {
      throw ONNXError.mistake("\(sequenceCount) of \(inputs.count) inputs are sequences")
    }
    let stateCount = inputs.count - sequenceCount
    let results = try scan(
      body, states: inputs.prefix(stateCount).map { $0 ?? .none },
      sequences: try (stateCount..<inputs.count).map { try tensor($0) },
      inputAxes: ints("scan_input_axes"), inputDirections: ints("scan_input_directions"),
      outputAxes: ints("scan_output_axes"), outputDirections: ints("scan_output_directions"))
    return results
  }

  private func scan(
    _ body: ONNXGraph, states: [ONNXValue], sequences: [ONNXTensor], inputAxes: [Int]?,
    inputDirections: [Int]?, outputAxes: [Int]?, outputDirections: [Int]?
  ) throws -> [ONNXValue] {
    var states = states
    let axes = try sequences.enumerated().map { index, tensor in
      let axis = inputAxes.flatMap { $0.indices.contains(index) ? $0[index] : nil } ?? 0
      return try self.axis(axis, rank: tensor.shape.rank)
    }
    let lengths = Set(zip(sequences, axes).map { $0.shape[$1] })
    guard let length = lengths.first, lengths.count == 1 else {
      throw ONNXError.mistake("the sequences have different lengths \(lengths.sorted())")
    }
    let stackCount = body.outputs.count - states.count
    guard stackCount >= 0 else { throw ONNXError.mistake("the body gives too few values") }
    var stacks: [[ONNXTensor]] = Array(repeating: [], count: stackCount)
    func isReversed(_ directions: [Int]?, _ index: Int) -> Bool {
      directions.map { $0.indices.contains(index) && $0[index] == 1 } ?? false
    }
    for step in 0..<length {
      var given = states
      for (index, (tensor, axis)) in zip(sequences, axes).enumerated() {
        let place = isReversed(inputDirections, index) ? length - 1 - step : step
        given.append(.tensor(try entry(place, of: tensor, axis: axis)))
      }
      let results = try outputs(of: body, given)
      guard results.count == states.count + stackCount else {
        throw ONNXError.mistake("the body gives \(results.count) values")
      }
      states = Array(results.prefix(states.count))
      for (index, value) in results.dropFirst(states.count).enumerated() {
        guard case .tensor(let tensor) = value else {
          throw ONNXError.mistake("a step gives a sequence")
        }
        stacks[index].append(tensor)
      }
    }
    let ports = body.outputs.dropFirst(states.count)
    return states
      + (try zip(stacks, ports).enumerated().map { index, entry in
        let axis = outputAxes.flatMap { $0.indices.contains(index) ? $0[index] : nil } ?? 0
        let rank = (entry.0.first?.shape.rank ?? entry.1.shape?.count ?? 0) + 1
        let steps = isReversed(outputDirections, index) ? entry.0.reversed() : entry.0
        return try stacked(steps, axis: try self.axis(axis, rank: rank), entry.1)
      })
  }

  /// Entry `index` of `axis` of `tensor`, computed at once if it is known.
  private func entry(_ index: Int, of tensor: ONNXTensor, axis: Int) throws -> ONNXTensor {
    if tensor.isConstant { return try computed([tensor]) { $0[0].entry(index, axis: axis) } }
    return ONNXTensor(try symbol(tensor).entry(index, axis: axis), type: tensor.type)
  }

  /// The outputs of the first version of `Scan`, which goes over each sample of a batch by itself.
  private func scannedBatch() throws -> [ONNXValue] {
    let body = try graph("body"), sequenceCount = int("num_scan_inputs", 0)
    let stateCount = inputs.count - 1 - sequenceCount
    guard sequenceCount > 0, stateCount >= 0 else {
      throw ONNXError.mistake("\(sequenceCount) of \(inputs.count) inputs are sequences")
    }
    guard !has(0) else { throw ONNXError.mistake("lengths of sequences are not supported") }
    let tensors = try (1..<inputs.count).map { try tensor($0) }
    let batch = tensors[0].shape.dims.first ?? 0
    var samples: [[ONNXTensor]] = []
    for sample in 0..<batch {
      let parts = try tensors.map { try entry(sample, of: $0, axis: 0) }
      let results = try scan(
        body, states: parts.prefix(stateCount).map { .tensor($0) },
        sequences: Array(parts.dropFirst(stateCount)), inputAxes: nil,
        inputDirections: ints("directions"), outputAxes: nil, outputDirections: nil)
      samples.append(results.flatMap(\.tensors))
    }
    return try body.outputs.enumerated().map { index, port in
      try stacked(samples.map { $0[index] }, axis: 0, port)
    }
  }
}
