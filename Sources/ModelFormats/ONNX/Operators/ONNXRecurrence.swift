import TensorGraph

/// What the recurrent operators have in common: sequences, directions, initial states, outputs.
struct ONNXRecurrence {
  /// One direction of a node.
  struct Direction {
    let isReversed: Bool
    /// `[inputs, gates · units]`
    var kernel: Symbol
    /// `[units, gates · units]`
    let recurrentKernel: Symbol
    /// `[gates · units]`
    var inputBias: Symbol
    /// `[gates · units]`
    let recurrentBias: Symbol
    /// The state at the start: `[batch, units]`.
    let h: Symbol
    /// The cell at the start: `[batch, units]`.
    let c: Symbol
    /// What the gates i, o and f see of the cell: `[3 · units]`.
    let peepholes: Symbol?
    let functions: [(Symbol) -> Symbol]
  }

  /// What a direction gives: `[batch, time, units]`, and the last states `[batch, units]`.
  typealias Results = (sequence: Symbol, states: [Symbol])

  let directions: [Direction]
  /// Whether activations are the standard ones, and nothing is clipped.
  let isUsual: Bool
  /// What bounds the inputs of activations.
  let clip: (Symbol) -> Symbol
  private let call: ONNXCall
  private let x: Symbol
  private let mask: Symbol?
  private let isBatchFirst: Bool

  /// The node of `call`, which has `gates` gates, and activations of these names by default.
  init(_ call: ONNXCall, gates: Int, functions names: [String]) throws {
    self.call = call
    isBatchFirst = call.bool("layout")
    let input = try call.x(0), kernel = try call.shape(1), recurrent = try call.shape(2)
    let reversed: [Bool]
    switch call.string("direction", "forward") {
    case "forward": reversed = [false]
    case "reverse": reversed = [true]
    case "bidirectional": reversed = [false, true]
    case let other: throw ONNXError.mistake("direction is \(other)")
    }
    guard input.shape.rank == 3, input.shape.count > 0, recurrent.rank == 3 else {
      throw ONNXError.mistake(
        "sequences are [time, batch, inputs] with at least one step, not \(input.shape)")
    }
    let units = recurrent[2], count = reversed.count
    guard units > 0, units <= 1 << 30, kernel == [count, gates * units, input.shape[2]],
      recurrent == [count, gates * units, units]
    else {
      throw ONNXError.mistake(
        "weights \(kernel) and \(recurrent) do not fit \(count) directions of \(gates) gates and "
          + "inputs \(input.shape)")
    }
    if let stated = call.int("hidden_size"), stated != units {
      throw ONNXError.mistake("hidden_size is \(stated), the weights are of \(units) units")
    }
    let x = isBatchFirst ? input : input.transposed([1, 0, 2])
    let batch = x.shape[0]
    self.x = x
    func vector(_ index: Int, _ size: Int) throws -> [Symbol] {
      guard call.has(index) else {
        return Array(repeating: call.trace.constant(0, [size], dtype: x.dtype), count: count)
      }
      guard try call.shape(index) == [count, size] else {
        throw ONNXError.mistake(
          "input \(index) is \(try call.shape(index)), not [\(count), \(size)]")
      }
      let all = try call.x(index).cast(to: x.dtype)
      return (0..<count).map { all.entry($0, axis: 0) }
    }
    let isBatchFirst = isBatchFirst
    func states(_ index: Int) throws -> [Symbol] {
      guard call.has(index) else {
        return Array(
          repeating: call.trace.constant(0, [batch, units], dtype: x.dtype), count: count)
      }
      let shape: Shape = isBatchFirst ? [batch, count, units] : [count, batch, units]
      guard try call.shape(index) == shape else {
        throw ONNXError.mistake("input \(index) is \(try call.shape(index)), not \(shape)")
      }
      let all = try call.x(index).cast(to: x.dtype)
      return (0..<count).map { all.entry($0, axis: isBatchFirst ? 1 : 0) }
    }
    mask = try Self.mask(call, x)
    let kernels = try call.weight(1, [0, 2, 1]), recurrentKernels = try call.weight(2, [0, 2, 1])
    let biases = try vector(3, 2 * gates * units)
    let h = try states(5), c = gates == 4 ? try states(6) : h
    let peepholes = gates == 4 && call.has(7) ? try vector(7, 3 * units) : nil
    let functions = try Self.functions(call, names, count)
    directions = reversed.indices.map { index in
      Direction(
        isReversed: reversed[index], kernel: kernels.entry(index, axis: 0),
        recurrentKernel: recurrentKernels.entry(index, axis: 0),
        inputBias: biases[index].sliced(axis: 0, 0..<gates * units),
        recurrentBias: biases[index].sliced(axis: 0, gates * units..<2 * gates * units),
        h: h[index], c: c[index], peepholes: peepholes?[index], functions: functions.all[index])
    }
    let bound = call.float("clip")
    isUsual = functions.areStandard && bound == nil
    clip = { x in bound.map { TensorGraph.clip(x, -$0, $0) } ?? x }
  }

  /// Which steps count, if not all do: `bool[batch, time]`.
  private static func mask(_ call: ONNXCall, _ x: Symbol) throws -> Symbol? {
    guard call.has(4) else { return nil }
    let (batch, time) = (x.shape[0], x.shape[1])
    guard try call.shape(4) == [batch] else {
      throw ONNXError.mistake("sequence_lens is \(try call.shape(4)) for a batch of \(batch)")
    }
    if let known = try call.tensor(4).known, known.numbers.allSatisfy({ $0 >= Double(time) }) {
      return nil
    }
    let lengths = try call.x(4).cast(to: .int32).expandingDims(at: 1)
    return call.trace.iota([batch, time], axis: 1) .< lengths
  }

  /// The activations of each direction, and whether they are the standard ones.
  private static func functions(
    _ call: ONNXCall, _ names: [String], _ count: Int
  ) throws -> (all: [[(Symbol) -> Symbol]], areStandard: Bool) {
    let standard = Array(repeating: names, count: count).flatMap { $0 }
    let given = call.strings("activations") ?? standard
    guard given.count == standard.count else {
      throw ONNXError.mistake("activations are \(given.count), where \(standard.count) are needed")
    }
    var alphas = (call.floats("activation_alpha") ?? [])[...]
    var betas = (call.floats("activation_beta") ?? [])[...]
    let all = try given.map { try function($0.lowercased(), &alphas, &betas) }
    return (
      (0..<count).map { Array(all[$0 * names.count..<($0 + 1) * names.count]) },
      given.map { $0.lowercased() } == standard.map { $0.lowercased() }
    )
  }

  /// The activation `name`, which takes its coefficients from the front of the lists.
  private static func function(
    _ name: String, _ alphas: inout ArraySlice<Double>, _ betas: inout ArraySlice<Double>
  ) throws -> (Symbol) -> Symbol {
    func alpha(_ standard: Double) -> Double { alphas.popFirst() ?? standard }
    func beta(_ standard: Double) -> Double { betas.popFirst() ?? standard }
    switch name {
    case "sigmoid": return sigmoid
    case "tanh": return tanh
    case "relu": return { relu($0) }
    case "softsign": return softsign
    case "softplus": return softplus
    case "leakyrelu":
      let slope = alpha(0.01)
      return { leakyReLU($0, negativeSlope: slope) }
    case "thresholdedrelu":
      let threshold = alpha(1)
      return { select($0 .> threshold, $0, 0) }
    case "elu":
      let scale = alpha(1)
      return { elu($0, alpha: scale) }
    case "affine":
      let (a, b) = (alpha(1), beta(0))
      return { a * $0 + b }
    case "scaledtanh":
      let (a, b) = (alpha(1), beta(1))
      return { a * tanh(b * $0) }
    case "hardsigmoid":
      let (a, b) = (alpha(0.2), beta(0.5))
      return { TensorGraph.clip(a * $0 + b, 0, 1) }
    default: throw ONNXError.mistake("there is no activation \(name)")
    }
  }

  /// The input times the kernel plus the bias, for all steps at once: `[batch, time, …]`.
  private func projected(_ direction: Direction, _ bias: Symbol) -> Symbol {
    matmul(x, direction.kernel.cast(to: x.dtype)) + bias
  }

  /// What an operation for whole sequences gives, which goes forward.
  func fused(
    _ direction: Direction, _ body: (_ projected: Symbol, _ mask: Symbol?) -> Results
  ) -> Results {
    func turned(_ x: Symbol) -> Symbol { direction.isReversed ? x.reversed(axis: 1) : x }
    let (sequence, states) = body(
      turned(projected(direction, direction.inputBias)), mask.map(turned))
    return (turned(sequence), states)
  }

  /// What `step` makes of a projected input and the states, done for one step after the other.
  func scanned(
    _ direction: Direction, states: [Symbol], addsRecurrentBias: Bool = true,
    _ step: (Symbol, [Symbol]) -> [Symbol]
  ) -> Results {
    func timeFirst(_ x: Symbol) -> Symbol {
      x.isValid ? x.transposed([1, 0] + Array(2..<x.shape.rank)) : x
    }
    let bias =
      addsRecurrentBias ? direction.inputBias + direction.recurrentBias : direction.inputBias
    let sequences = [projected(direction, bias)] + [mask].compactMap(\.self)
    let (last, outputs) = scan(
      over: sequences.map(timeFirst), from: states, isReversed: direction.isReversed
    ) { steps, states in
      var next = step(steps[0], states)
      if steps.count > 1 {
        let counts = steps[1].expandingDims(at: -1)
        next = zip(next, states).map { select(counts, $0, $1) }
      }
      return (state: next, outputs: [next[0]])
    }
    return (outputs.first.map(timeFirst) ?? call.trace.invalid, last)
  }

  /// The outputs of the node: the states of all steps, zero where there is none, and the last.
  func outputs(_ results: [Results]) throws -> [ONNXValue] {
    let type = try call.type(0)
    let sequences = results.map { result in
      mask.map { select($0.expandingDims(at: -1), result.sequence, 0) } ?? result.sequence
    }
    let all = stack(sequences, axis: isBatchFirst ? 2 : 0)
    guard all.isValid else { throw ONNXError.reported }
    let sequence = isBatchFirst ? all : all.transposed([2, 0, 1, 3])
    let states = (results.first?.states ?? []).indices.map { index in
      stack(results.map { $0.states[index] }, axis: isBatchFirst ? 1 : 0)
    }
    return ([sequence] + states).map { .tensor(ONNXTensor($0, type: type)) }
  }
}
