import NeuralNetworks
import TensorGraph

/// Recurrent layers as recurrent operators.
extension GraphExporter {
  /// What a recurrent operator is made of.
  private struct Sequence {
    let kind: RecurrentNode
    /// The product of the input with the kernel, `[batch, time, gates · units]`.
    let projected: ValueID
    let recurrentKernel: ExportValue
    /// The bias of the state.
    var recurrentBias: Tensor?
    let states: [ValueID]
    let mask: ExportValue?
  }

  /// The layers with an operation of their own: LSTM and GRU with their usual functions.
  func recurrent(_ node: AlignedNode) throws -> [ExportValue] {
    let isLSTM = node.operation is Fused.LSTM, x = node.inputs
    let unwritten = isLSTM ? 3..<5 : 2..<4
    let kernel = tensor(x[1]), bias = isLSTM ? nil : tensor(x[2])
    let isPlain =
      !unwritten.contains { isUsed(ValueID(node.index, $0)) } && kernel != nil
      && (isLSTM || bias != nil || number(x[2]) == 0)
    guard isPlain else { return try defined(node) }
    let hasMask = x.count > 4
    let sequence = Sequence(
      kind: isLSTM
        ? .lstm(.tanh, gate: .sigmoid) : .gru(.tanh, gate: .sigmoid, resetAfter: true),
      projected: x[0], recurrentKernel: try value(x[1]), recurrentBias: bias,
      states: isLSTM ? [x[2], x[3]] : [x[3]],
      mask: hasMask ? try value(x[4]) : nil)
    let (steps, states) = try write(sequence)
    lastSteps[ValueID(node.index)] = states[0]
    return [steps] + states
  }

  /// A fused operation as what it is made of.
  private func defined(_ node: AlignedNode) throws -> [ExportValue] {
    let operands = try node.inputs.indices.map { try full(node, $0) }
    let graphs = zip(node.nodes, graph.graphs).compactMap { node, graph in
      node.operation.fused?.definitionGraph(for: node.inputs.map(graph.type))
    }
    return try inline(graphs, operands, in: scope)
  }

  /// The loop of a recurrent layer whose functions are not the usual ones, as an operator.
  ///
  /// Its operands are the states, the input's product, the mask if there is one, and the recurrent
  /// kernel, which a GRU may have in two parts, and then its bias.
  func recurrentLoop(_ node: AlignedNode, _ scan: Scan) throws -> [ExportValue]? {
    guard let layer = model.layer(at: node.path)?.layer, let kind = RecurrentNode(layer),
      !scan.isReversed, scan.stateCount == kind.stateCount,
      node.resultCount == scan.stateCount + 1, (1...2).contains(scan.sequenceCount),
      let projected = timeMajorSource(node.inputs[scan.stateCount]),
      node.type().dtype != .float64
    else { return nil }
    let weights = node.inputs.dropFirst(scan.stateCount + scan.sequenceCount)
    let kernels = weights.filter { tensor($0)?.shape.rank == 2 }
    let biases = weights.filter { tensor($0)?.shape.rank == 1 }
    let units = node.type().sizes.last?.fixed ?? 0, width = kind.gates.count * units
    let kernel: ExportValue
    switch kernels.count {
    case 1: kernel = try value(kernels[0])
    case 2 where kind.type == "GRU" && !kind.resetAfter:
      // The gates and the candidate, in one kernel again.
      guard let parts = joined(kernels.compactMap(tensor)) else { return nil }
      kernel = scope.constant(parts, label: scope.path + "/recurrent_kernel")
    default: return nil
    }
    guard kernels.count + biases.count == weights.count, biases.count <= (kind.resetAfter ? 1 : 0),
      graph.type(projected).sizes.count == 3,
      scope.file.tensor(kernel.name)?.shape == [units, width]
    else { return nil }
    let mask = scan.sequenceCount == 2 ? timeMajorSource(node.inputs[scan.stateCount + 1]) : nil
    guard scan.sequenceCount == 1 || mask != nil else { return nil }
    let (steps, states) = try write(
      Sequence(
        kind: kind, projected: projected, recurrentKernel: kernel,
        recurrentBias: biases.first.flatMap(tensor),
        states: Array(node.inputs.prefix(scan.stateCount)), mask: try mask.map(value)))
    // The steps are asked for with the batch first again.
    let id = ValueID(node.index, scan.stateCount)
    if let user = onlyUser(of: id), let order = (user.operation as? Transpose)?.permutation,
      order == [1, 0, 2]
    {
      define(user, steps)
      lastSteps[ValueID(user.index)] = states[0]
    }
    return states + [try scope.transpose(steps, [1, 0, 2])]
  }

  /// What `[time, batch, …]` was made of.
  private func timeMajorSource(_ id: ValueID) -> ValueID? {
    guard let transposed = operation(id, Transpose.self),
      transposed.operation.permutation.prefix(2) == [1, 0]
    else { return nil }
    return transposed.inputs[0]
  }

  /// Matrices of as many rows side by side.
  private func joined(_ parts: [Tensor]) -> Tensor? {
    guard let first = parts.first, parts.allSatisfy({ $0.shape[0] == first.shape[0] }) else {
      return nil
    }
    let ordered = parts.sorted { $0.shape[1] > $1.shape[1] }, rows = ordered.map(\.numbers)
    let numbers = (0..<first.shape[0]).flatMap { row in
      zip(ordered, rows).flatMap { part, numbers in
        numbers[row * part.shape[1]..<(row + 1) * part.shape[1]]
      }
    }
    let width = ordered.reduce(0) { $0 + $1.shape[1] }
    return Tensor(TensorType(first.dtype, [first.shape[0], width]), numbers: numbers)
  }

  // MARK: The node

  /// The steps `[batch, time, units]`, and the last states `[batch, units]`.
  private func write(
    _ sequence: Sequence
  ) throws -> (steps: ExportValue, states: [ExportValue]) {
    var (x, kernel, bias) = try input(of: sequence)
    let reversal = sequence.mask == nil ? reversals[x.name] : nil
    let isReversed = reversal?.axis == 1
    if let reversal, isReversed { x = reversal.of }
    let masked = try sequence.mask.map { try Masked(x, scope.expanded($0), scope) }
    x = masked?.input ?? x
    let kind = sequence.kind
    guard let recurrent = scope.file.tensor(sequence.recurrentKernel.name) else {
      return (x, [])
    }
    let units = recurrent.shape[0], (batch, time) = (x.sizes[0], x.sizes[1])
    let dtype = x.dtype
    func label(_ name: String) -> String { scope.path.isEmpty ? name : scope.path + "/" + name }
    let b = kind.bias(bias, sequence.recurrentBias).map {
      scope.constant($0, label: label("bias"))
    }
    let states = try sequence.states.map { id in
      number(id) == 0 ? nil : scope.unsqueeze(try scope.expanded(value(id)), [0])
    }
    let isZero = states.allSatisfy { $0 == nil }
    let start: [ExportValue?] =
      isZero
      ? []
      : try zip(states, sequence.states).map {
        try $0 ?? scope.unsqueeze(scope.expanded(value($1)), [0])
      }
    var inputs: [ExportValue?] = [
      try scope.transpose(x, [1, 0, 2]),
      scope.constant(kind.kernel(kernel), label: label("kernel")),
      scope.constant(kind.kernel(recurrent), label: label("recurrent_kernel")), b,
      masked?.lengths,
    ]
    inputs += start
    while inputs.last == .some(nil) { inputs.removeLast() }
    let state = ExportType(dtype, [.fixed(1), batch, .fixed(units)])
    let y = scope.add(
      kind.type, inputs, kind.attributes(units: units, isReversed: isReversed),
      [ExportType(dtype, [time, .fixed(1), batch, .fixed(units)])]
        + Array(repeating: state, count: kind.stateCount))
    var steps = try scope.transpose(scope.squeeze(y[0], [1]), [1, 0, 2])
    var last = y.dropFirst().map { scope.squeeze($0, [0]) }
    if let masked {
      let initial = try sequence.states.map { try scope.expanded(value($0)) }
      (steps, last) = try masked.outputs(steps, last, from: initial, scope)
    }
    if isReversed {  // the operator gives the steps in the order of its input
      let inOrder = steps
      steps = scope.one(
        "Slice",
        [steps, scope.ints([-1]), scope.ints([-Int.max]), scope.ints([1]), scope.ints([-1])], [:],
        steps.type)
      reversals[steps.name] = (1, inOrder)
    }
    return (steps, last)
  }

  /// The input of the operator, with kernel and bias: what the product was made of, or the product
  /// itself with a kernel that changes nothing.
  private func input(
    of sequence: Sequence
  ) throws -> (x: ExportValue, kernel: Tensor, bias: Tensor?) {
    var id = sequence.projected, bias: Tensor?
    if let terms = operands(id, of: .add) {
      for (term, other) in [(terms[0], terms[1]), (terms[1], terms[0])] {
        guard let tensor = tensor(other), tensor.shape.rank == 1 else { continue }
        (id, bias) = (term, tensor)
        break
      }
    }
    if let product = operation(id, TensorGraph.Reshape.self)?.inputs[0],
      let factors = operation(product, MatMul.self), factors.operation == MatMul(),
      let kernel = tensor(factors.inputs[1])
    {
      let x = operation(factors.inputs[0], TensorGraph.Reshape.self)?.inputs[0] ?? factors.inputs[0]
      if graph.type(x).sizes.count == 3, graph.type(x).sizes[2] == .fixed(kernel.shape[0]),
        graph.type(x).sizes.dropLast() == graph.type(sequence.projected).sizes.dropLast()
      {
        return (try scope.expanded(value(x)), kernel, bias)
      }
    }
    let x = try scope.expanded(value(sequence.projected))
    let width = x.sizes[2].fixed ?? 0
    let identity = (0..<width * width).map { $0 / width == $0 % width ? 1.0 : 0 }
    return (x, Tensor(TensorType(x.dtype, [width, width]), numbers: identity), nil)
  }
}

/// A masked sequence, for operators that know of lengths alone.
///
/// The steps that count are moved to the front, in their order, so that a length says all; what
/// comes out is put where the steps were. A masked step gives what the step before it gave.
private struct Masked {
  /// The steps with those that count first.
  let input: ExportValue
  /// How many count, `int32[batch]`, at least 1.
  let lengths: ExportValue
  /// How many count up to each step, `int64[batch, time]`.
  private let counts: ExportValue
  /// How many count, `int64[batch]`.
  private let total: ExportValue

  init(_ x: ExportValue, _ mask: ExportValue, _ scope: ExportScope) throws {
    let type = ExportType(.int64, mask.sizes), time = try scope.size(mask.sizes[1])
    let counting = scope.cast(mask, .int64)
    counts = scope.one("CumSum", [counting, scope.scalar(1, .int64)], [:], type)
    total = try scope.reduce("ReduceSum", counting, [1], keepDims: false)
    // Distinct numbers that are larger for steps that count, and for earlier steps.
    let ones = scope.add(scope.multiply(counting, 0), 1)
    let step = scope.one("CumSum", [ones, scope.scalar(1, .int64)], [:], type)
    let rank = scope.subtract(scope.multiply(counting, time), step)
    let order = scope.add("TopK", [rank, time], ["axis": .int(1)], [type, type])[1]
    input = scope.one(
      "GatherND", [x, scope.unsqueeze(order, [2])], ["batch_dims": .int(1)], x.type)
    lengths = scope.cast(scope.elementwise("Max", [total, scope.scalar(1, .int64)]), .int32)
  }

  /// The outputs of the steps in their places, and the last states.
  func outputs(
    _ steps: ExportValue, _ last: [ExportValue], from initial: [ExportValue], _ scope: ExportScope
  ) throws -> (steps: ExportValue, states: [ExportValue]) {
    var type = steps.type
    type.sizes[1] = Extent(
      (0..<scope.file.traceCount).map { steps.sizes[1].value($0) + 1 })
    let states = try scope.concat([scope.unsqueeze(initial[0], [1]), steps], axis: 1, type)
    let placed = scope.one(
      "GatherND", [states, scope.unsqueeze(counts, [2])], ["batch_dims": .int(1)], steps.type)
    let counted = scope.unsqueeze(scope.compare("Greater", total, 0), [1])
    return (placed, zip(last, initial).map { scope.choose(counted, $0, $1) })
  }
}
