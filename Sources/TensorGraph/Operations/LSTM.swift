extension Fused {
  /// A long short-term memory over the steps of a sequence, with gates i, f, g, o.
  ///
  ///     i, f, g, o = split(projectedₜ + h · recurrentKernel)
  ///     c = σ(f) · c + σ(i) · tanh(g)
  ///     h = σ(o) · tanh(c)
  ///     projected [batch, time, 4·units], recurrentKernel [units, 4·units],
  ///     h0, c0 [batch, units], mask bool [batch, time]
  ///       → h [batch, time, units], last h [batch, units], last c [batch, units],
  ///         gates [batch, time, 4·units], c [batch, time, units]
  ///
  /// `projected` is the input times the kernel, plus the bias. Steps the mask leaves out keep h and
  /// c. The gates, after their activations, and c are for the gradient.
  /// Reference: Hochreiter and Schmidhuber, 1997, https://doi.org/10.1162/neco.1997.9.8.1735
  public struct LSTM: FusedOperation {
    /// Whether there is a mask.
    public let hasMask: Bool

    /// Creates the operation.
    public init(hasMask: Bool = false) { self.hasMask = hasMask }
    public var name: String { "lstm" }
    public var operands: [OperandPattern] {
      [
        "projected [batch, time, 4·units]", "recurrentKernel [units, 4·units]",
        "h0 [batch, units]", "c0 [batch, units]",
      ] + (hasMask ? ["mask bool [batch, time]"] : [])
    }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      let recurrentKernel = x[1]
      let steps = [timeMajor(x[0])] + (hasMask ? [timeMajor(x[4])] : [])
      let (last, outputs) = scan(over: steps, from: [x[2], x[3]]) { step, state in
        let parts = (step[0] + matmul(state[0], recurrentKernel)).split(4, axis: -1)
        let (i, f, g, o) = (sigmoid(parts[0]), sigmoid(parts[1]), tanh(parts[2]), sigmoid(parts[3]))
        var c = f * state[1] + i * g
        var h = o * tanh(c)
        if hasMask {
          c = keep(step[1], c, state[1])
          h = keep(step[1], h, state[0])
        }
        return (state: [h, c], outputs: [h, concatenate([i, f, g, o], axis: -1), c])
      }
      let sequences = outputs.map(timeMajor)
      return [sequences[0], last[0], last[1], sequences[1], sequences[2]]
    }

    public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
      guard dy[3] == nil, dy[4] == nil else { return definitionGradient(x, dy) }
      let trace = x[0].trace
      let given = (0..<3).map { dy[$0] ?? trace.constant(0, y[$0].shape, dtype: y[$0].dtype) }
      let dx = trace.emit(
        LSTMGradient(hasMask: hasMask), given + [y[3], y[4], x[1], x[3]] + x.dropFirst(4),
        results: 3)
      let dkernel = recurrentKernelGradient(h: y[0], h0: x[2], dx[0])
      return [dx[0], dkernel, dx[1], dx[2]] + x.dropFirst(4).map { _ in nil }
    }
  }

  /// The gradient of the LSTM, from the last step to the first. With the gates after their
  /// activations, c′ the cell before the step, and dh, dc what comes from the step after:
  ///
  ///     dh = dhₜ + dh;  dc = dc + dh · o · (1 − tanh²(c))
  ///     dprojectedₜ = dc · g · i(1 − i), dc · c′ · f(1 − f), dc · i · (1 − g²),
  ///                   dh · tanh(c) · o(1 − o)
  ///     dh = dprojectedₜ · recurrentKernelᵀ;  dc = dc · f
  ///     dh [batch, time, units], dlastH, dlastC [batch, units], gates [batch, time, 4·units],
  ///     c [batch, time, units], recurrentKernel [units, 4·units], c0 [batch, units],
  ///     mask bool [batch, time]
  ///       → dprojected [batch, time, 4·units], dh0, dc0 [batch, units]
  public struct LSTMGradient: FusedOperation {
    /// Whether there is a mask.
    public let hasMask: Bool

    /// Creates the operation.
    public init(hasMask: Bool = false) { self.hasMask = hasMask }
    public var name: String { "lstmGradient" }
    public var operands: [OperandPattern] {
      [
        "dh [batch, time, units]", "dlastH [batch, units]", "dlastC [batch, units]",
        "gates [batch, time, 4·units]", "c [batch, time, units]",
        "recurrentKernel [units, 4·units]", "c0 [batch, units]",
      ] + (hasMask ? ["mask bool [batch, time]"] : [])
    }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      let recurrentKernel = x[5]
      let steps = [x[0], x[3], x[4], delayed(x[4], from: x[6])] + x.dropFirst(7)
      let (first, outputs) = scan(
        over: steps.map(timeMajor), from: [x[1], x[2]], isReversed: true
      ) { step, state in
        let (dh, tanhC, previous) = (step[0] + state[0], tanh(step[2]), step[3])
        let gates = step[1].split(4, axis: -1)
        let (i, f, g, o) = (gates[0], gates[1], gates[2], gates[3])
        let dc = state[1] + dh * o * (1 - square(tanhC))
        var dprojected = concatenate(
          [
            dc * g * i * (1 - i), dc * previous * f * (1 - f), dc * i * (1 - square(g)),
            dh * tanhC * o * (1 - o),
          ], axis: -1)
        if hasMask { dprojected = keep(step[4], dprojected, dprojected.constant(0)) }
        var next = [
          dprojected.trace.emit(MatMul(transposeB: true), [dprojected, recurrentKernel]), dc * f,
        ]
        if hasMask { next = [keep(step[4], next[0], dh), keep(step[4], next[1], state[1])] }
        return (state: next, outputs: [dprojected])
      }
      return [timeMajor(outputs[0])] + first
    }
  }
}

/// `[batch, time, …]` as `[time, batch, …]`, or the other way round.
func timeMajor(_ x: Symbol) -> Symbol {
  x.isValid ? x.transposed([1, 0] + Array(2..<x.shape.rank)) : x
}

/// `new` in the rows where the mask `[batch]` holds, else `old`.
func keep(_ mask: Symbol, _ new: Symbol, _ old: Symbol) -> Symbol {
  select(mask.expandingDims(at: -1), new, old)
}

/// The state before each step: `first`, then the states `[batch, time, units]` but the last.
func delayed(_ states: Symbol, from first: Symbol) -> Symbol {
  let (start, steps) = (first.expandingDims(at: 1), states.shape[1])
  guard steps > 1 else { return start }
  return concatenate([start, states.sliced(axis: 1, 0..<steps - 1)], axis: 1)
}

/// One product for all steps: the states before them, transposed, times the gates' cotangents.
func recurrentKernelGradient(h: Symbol, h0: Symbol, _ dgates: Symbol) -> Symbol {
  guard dgates.isValid else { return dgates }
  let before = delayed(h, from: h0)
  return before.trace.emit(
    MatMul(transposeA: true),
    [before.reshaped([-1, before.shape[-1]]), dgates.reshaped([-1, dgates.shape[-1]])])
}
