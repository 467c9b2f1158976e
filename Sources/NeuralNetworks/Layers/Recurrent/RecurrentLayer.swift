import TensorGraph

/// A layer that carries a state through the steps of a sequence.
///
/// - Inputs: `[batch, time, features]`, then, if given, the states before the first step,
///   `[batch, units]` each
/// - Outputs: h of the last step, `[batch, units]`, or of all steps, `[batch, time, units]`; then,
///   with `returnState`, the last states
public protocol RecurrentLayer: MultiInputLayer, NamedLayer {
  /// The number of states, of which the first is the output.
  static var stateCount: Int { get }
  /// The size of a state.
  var units: Int { get }
  /// The share of the inputs that are dropped in training, the same at each step.
  var dropout: Double { get }
  /// The share of the state that is dropped in training, the same at each step.
  var recurrentDropout: Double { get }
  /// Whether the output has all steps, not the last alone.
  var returnSequences: Bool { get }
  /// Whether the last states are outputs too.
  var returnState: Bool { get }
  /// Whether the last step is done first; the output has the steps in the order they are done.
  var goBackwards: Bool { get }
  /// Whether a batch begins with the states that the batch before it left.
  var stateful: Bool { get }
  /// Whether each step is written out in the graph; that makes short sequences faster to run.
  var unroll: Bool { get }
  /// Whether the output of a masked step is 0, not that of the step before.
  var zeroOutputForMask: Bool { get }
  /// h of all steps of `x`, done from first to last, and the last states. Masked steps keep them.
  ///
  /// The weights are declared before the first states are asked for, which may be variables too.
  func steps(
    of x: Symbol, mask: Symbol?, from states: () -> [Symbol], _ context: LayerContext
  ) -> (sequence: Symbol, states: [Symbol])
}

extension RecurrentLayer {
  public var masking: MaskHandling { .explicit }
  public var takesList: Bool { false }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    recurred(inputs, context, reversed: goBackwards, zeroOutput: zeroOutputForMask)
  }

  /// The outputs, with direction and output of masked steps as `Bidirectional` wants them.
  func recurred(
    _ inputs: [Symbol], _ context: LayerContext, reversed: Bool, zeroOutput: Bool
  ) -> [Symbol] {
    guard let x = inputs.first?.floatingPoint, x.shape.rank == 3, x.shape[1] > 0 else {
      return [
        context.fail(
          "\(className) expects [batch, time, features]", inputs[0],
          hint: "return sequences from the layer before, or add a time axis")
      ]
    }
    guard isSize(units), (0...1).contains(dropout), (0...1).contains(recurrentDropout) else {
      return [context.fail("\(className) needs units above 0, and dropouts from 0 to 1")]
    }
    let shape: Shape = [x.shape[0], units]
    let given = Array(inputs.dropFirst())
    guard given.isEmpty || given.count == Self.stateCount, given.allSatisfy({ $0.shape == shape })
    else {
      return [context.fail("\(className) takes \(Self.stateCount) states of shape \(shape)", x)]
    }
    let mask = inputs[0].mask.map { reversed ? $0.reversed(axis: 1) : $0 }
    func initial() -> [Symbol] {
      // Declared even where states are given, so that all graphs of a model have them.
      let kept = stateful ? stateNames.map { context.state($0, shape, .zeros) } : []
      if !given.isEmpty { return given }
      return stateful ? kept : stateNames.map { _ in x.trace.constant(0, shape, dtype: x.dtype) }
    }
    var (sequence, last) = steps(
      of: reversed ? x.reversed(axis: 1) : x, mask: mask, from: initial, context)
    guard sequence.isValid else { return [sequence] }
    if stateful {
      for (name, state) in zip(stateNames, last) { context.update(name, to: state) }
    }
    if let mask, zeroOutput {
      sequence = select(mask.expandingDims(at: -1), sequence, 0)
    }
    let output = returnSequences ? sequence.masked(by: mask) : sequence.entry(-1, axis: 1)
    return [output] + (returnState ? last : [])
  }

  private var stateNames: [String] {
    (0..<Self.stateCount).map { $0 == 0 ? "rnn_state" : "rnn_state_\($0)" }
  }

  /// The steps by their definition: `body` gives the states after a step from those before it.
  func looped(
    over sequence: Symbol, mask: Symbol?, from states: [Symbol],
    _ body: (_ step: Symbol, _ states: [Symbol]) -> [Symbol]
  ) -> (sequence: Symbol, states: [Symbol]) {
    guard sequence.isValid else { return (sequence, states) }
    func advanced(_ step: [Symbol], _ states: [Symbol]) -> [Symbol] {
      let next = body(step[0], states)
      guard step.count > 1 else { return next }
      let counts = step[1].expandingDims(at: -1)
      return zip(next, states).map { select(counts, $0, $1) }
    }
    let inputs = [sequence] + (mask.map { [$0] } ?? [])
    guard unroll else {
      let timeMajor = inputs.map { $0.transposed([1, 0] + Array(2..<$0.shape.rank)) }
      let (last, outputs) = scan(over: timeMajor, from: states) { step, states in
        let next = advanced(step, states)
        return (state: next, outputs: [next[0]])
      }
      guard let h = outputs.first, h.isValid else { return (sequence.trace.invalid, last) }
      return (h.transposed([1, 0, 2]), last)
    }
    var states = states, outputs: [Symbol] = []
    for time in 0..<sequence.shape[1] {
      states = advanced(inputs.map { $0.entry(time, axis: 1) }, states)
      outputs.append(states[0])
    }
    return (stack(outputs, axis: 1), states)
  }

  /// What the input and the state are multiplied by in training, before the products for `gates`
  /// gates: nothing, one mask for all gates, or one for each.
  ///
  /// As in Keras, each gate has its own masks if the state has any.
  func dropoutMasks(
    for x: Symbol, gates: Int, _ context: LayerContext
  ) -> (input: [Symbol], state: [Symbol]) {
    guard context.isTraining else { return ([], []) }
    func masks(_ rate: Double, _ shape: Shape, _ count: Int) -> [Symbol] {
      rate == 0 ? [] : (0..<count).map { _ in context.dropoutMask(rate, shape, dtype: x.dtype) }
    }
    let count = recurrentDropout > 0 ? gates : 1
    return (
      masks(dropout, [x.shape[0], 1, x.shape[2]], count),
      masks(recurrentDropout, [x.shape[0], units], count)
    )
  }
}

/// `x · kernel`, where `x` is first multiplied by the one mask, or by one for each part of the
/// kernel's columns.
func product(_ x: Symbol, _ kernel: Symbol, masks: [Symbol]) -> Symbol {
  if masks.count <= 1 { return matmul(masks.first.map { x * $0 } ?? x, kernel) }
  let parts = zip(masks, kernel.split(masks.count, axis: -1)).map { matmul(x * $0, $1) }
  return concatenate(parts, axis: -1)
}
