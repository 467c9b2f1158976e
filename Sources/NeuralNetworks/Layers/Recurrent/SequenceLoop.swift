import TensorGraph

/// The most steps that are written out in a graph.
let unrollLimit = 1024

/// The steps of `x`, `[batch, time, …]`, one after another, from the first to the last.
///
/// A step that the mask leaves out keeps the states. Its output is that of the step before: the
/// state that is the output, if the body returns one as both, else the last output that counted,
/// or 0.
///
/// - Parameters:
///   - x: `[batch, time, …]`.
///   - mask: which steps count: `bool[batch, time]`.
///   - states: the states before the first step.
///   - unroll: whether each step is written out.
///   - context: the layer whose steps they are.
///   - body: one step: its output, and the new states.
/// - Returns: the outputs `[batch, time, …]`, and the last states.
func looped(
  over x: Symbol, mask: Symbol?, from states: [Symbol], unroll: Bool, _ context: LayerContext,
  _ body: (_ step: Symbol, _ states: [Symbol]) -> (output: Symbol, states: [Symbol])
) -> (sequence: Symbol, states: [Symbol]) {
  func failed(_ y: Symbol) -> (Symbol, [Symbol]) { (y, states.map { _ in y }) }
  guard x.isValid, states.allSatisfy(\.isValid) else { return failed(x.trace.invalid) }
  var outputIsState = true
  func advanced(
    _ step: [Symbol], _ states: [Symbol]
  ) -> (output: Symbol, states: [Symbol]) {
    let (output, next) = body(step[0], states)
    guard output.isValid, next.allSatisfy(\.isValid) else { return failed(x.trace.invalid) }
    guard next.map(\.type) == states.map(\.type) else {
      return failed(
        context.fail(
          "a step makes \(next.map(\.type)) of the states \(states.map(\.type))",
          hint: "a state keeps its shape and element type from step to step"))
    }
    guard step.count > 1 else { return (output, next) }
    let kept = zip(next, states).map { chosen(step[1], $0, $1) }
    if let index = next.firstIndex(where: { $0.trace === output.trace && $0.id == output.id }) {
      return (kept[index], kept)
    }
    outputIsState = false
    return (output, kept)
  }

  let inputs = [x] + (mask.map { [$0] } ?? [])
  var sequence: Symbol, last = states
  if unroll {
    let time = x.shape[1]
    guard time <= unrollLimit else {
      return failed(
        context.fail(
          "\(time) steps are too many to be written out, which is done up to \(unrollLimit)", x,
          hint: "leave unroll out: a loop computes the same"))
    }
    var outputs: [Symbol] = []
    context.model.repeating(time) { turn in
      let next = advanced(inputs.map { $0.entry(turn, axis: 1) }, last)
      outputs.append(next.output)
      last = next.states
    }
    guard outputs.allSatisfy(\.isValid) else { return failed(x.trace.invalid) }
    sequence = stack(outputs, axis: 1)
  } else {
    let (final, outputs) = scan(over: inputs.map(timeMajor), from: states) { step, states in
      let next = advanced(step, states)
      return (state: next.states, outputs: [next.output])
    }
    guard let output = outputs.first, output.isValid else { return failed(x.trace.invalid) }
    (sequence, last) = (timeMajor(output), final)
  }
  if let mask, !outputIsState { sequence = filled(sequence, mask) }
  return (sequence, last)
}

/// `sequence` with the masked steps replaced by the last step before them that counts, or by 0.
private func filled(_ sequence: Symbol, _ mask: Symbol) -> Symbol {
  let none = sequence.trace.constant(0, sequence.shape.removing(1), dtype: sequence.dtype)
  let steps = [timeMajor(sequence), timeMajor(mask)]
  return timeMajor(
    scan(over: steps, from: [none]) { step, last in
      let output = chosen(step[1], step[0], last[0])
      return (state: [output], outputs: [output])
    }.outputs[0])
}

/// `new` in the samples where the mask `[batch]` holds, else `old`.
private func chosen(_ mask: Symbol, _ new: Symbol, _ old: Symbol) -> Symbol {
  select(mask.reshaped(Shape([-1] + Array(repeating: 1, count: new.shape.rank - 1))), new, old)
}

/// `[batch, time, …]` as `[time, batch, …]`, or the other way round.
private func timeMajor(_ x: Symbol) -> Symbol {
  x.isValid ? x.transposed([1, 0] + Array(2..<x.shape.rank)) : x
}
