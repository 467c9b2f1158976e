extension Fused {
  /// A gated recurrent unit over the steps of a sequence, with gates z, r and the candidate n.
  ///
  ///     z, r, n = split(projectedₜ);  z′, r′, n′ = split(h · recurrentKernel + recurrentBias)
  ///     z = σ(z + z′);  r = σ(r + r′);  n = tanh(n + r · n′)
  ///     h = z · h + (1 − z) · n
  ///     projected [batch, time, 3·units], recurrentKernel [units, 3·units],
  ///     recurrentBias [3·units], h0 [batch, units], mask bool [batch, time]
  ///       → h [batch, time, units], last h [batch, units], gates [batch, time, 3·units],
  ///         n′ [batch, time, units]
  ///
  /// `projected` is the input times the kernel, plus the input bias. The reset gate applies after
  /// the product, which makes it one for all gates. Steps the mask leaves out keep h. The gates,
  /// after their activations, and n′ are for the gradient.
  /// Reference: Cho et al., 2014, https://arxiv.org/abs/1406.1078
  public struct GRU: FusedOperation {
    /// Whether there is a mask.
    public let hasMask: Bool

    /// Creates the operation.
    public init(hasMask: Bool = false) { self.hasMask = hasMask }
    public var name: String { "gru" }
    public var operands: [OperandPattern] {
      [
        "projected [batch, time, 3·units]", "recurrentKernel [units, 3·units]",
        "recurrentBias [3·units]", "h0 [batch, units]",
      ] + (hasMask ? ["mask bool [batch, time]"] : [])
    }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      let (recurrentKernel, recurrentBias) = (x[1], x[2])
      let steps = [timeMajor(x[0])] + (hasMask ? [timeMajor(x[4])] : [])
      let (last, outputs) = scan(over: steps, from: [x[3]]) { step, state in
        let outer = step[0].split(3, axis: -1)
        let inner = (matmul(state[0], recurrentKernel) + recurrentBias).split(3, axis: -1)
        let (z, r) = (sigmoid(outer[0] + inner[0]), sigmoid(outer[1] + inner[1]))
        let n = tanh(outer[2] + r * inner[2])
        var h = z * state[0] + (1 - z) * n
        if hasMask { h = keep(step[1], h, state[0]) }
        return (state: [h], outputs: [h, concatenate([z, r, n], axis: -1), inner[2]])
      }
      let sequences = outputs.map(timeMajor)
      return [sequences[0], last[0], sequences[1], sequences[2]]
    }

    public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
      guard dy[2] == nil, dy[3] == nil else { return definitionGradient(x, dy) }
      let trace = x[0].trace
      let given = (0..<2).map { dy[$0] ?? trace.constant(0, y[$0].shape, dtype: y[$0].dtype) }
      let dx = trace.emit(
        GRUGradient(hasMask: hasMask),
        given + [y[2], y[3], delayed(y[0], from: x[3]), x[1]] + x.dropFirst(4), results: 3)
      return [
        dx[0], recurrentKernelGradient(h: y[0], h0: x[3], dx[1]), dx[1].sum(axes: [0, 1]), dx[2],
      ] + x.dropFirst(4).map { _ in nil }
    }
  }

  /// The gradient of the GRU, from the last step to the first. With the gates after their
  /// activations, h′ the state before the step, and dh what comes from the step after:
  ///
  ///     dh = dhₜ + dh
  ///     dn = dh · (1 − z) · (1 − n²)
  ///     dz = dh · (h′ − n) · z(1 − z);  dr = dn · n′ · r(1 − r)
  ///     dprojectedₜ = dz, dr, dn;  dinnerₜ = dz, dr, dn · r
  ///     dh = dh · z + dinnerₜ · recurrentKernelᵀ
  ///     dh [batch, time, units], dlastH [batch, units], gates [batch, time, 3·units],
  ///     n′, h′ [batch, time, units], recurrentKernel [units, 3·units], mask bool [batch, time]
  ///       → dprojected, dinner [batch, time, 3·units], dh0 [batch, units]
  public struct GRUGradient: FusedOperation {
    /// Whether there is a mask.
    public let hasMask: Bool

    /// Creates the operation.
    public init(hasMask: Bool = false) { self.hasMask = hasMask }
    public var name: String { "gruGradient" }
    public var operands: [OperandPattern] {
      [
        "dh [batch, time, units]", "dlastH [batch, units]", "gates [batch, time, 3·units]",
        "n′ [batch, time, units]", "h′ [batch, time, units]", "recurrentKernel [units, 3·units]",
      ] + (hasMask ? ["mask bool [batch, time]"] : [])
    }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      let recurrentKernel = x[5]
      let steps = [x[0], x[2], x[3], x[4]] + x.dropFirst(6)
      let (first, outputs) = scan(
        over: steps.map(timeMajor), from: [x[1]], isReversed: true
      ) { step, state in
        let (dh, inner, previous) = (step[0] + state[0], step[2], step[3])
        let gates = step[1].split(3, axis: -1)
        let (z, r, n) = (gates[0], gates[1], gates[2])
        let dn = dh * (1 - z) * (1 - square(n))
        let dz = dh * (previous - n) * z * (1 - z)
        let dr = dn * inner * r * (1 - r)
        var dprojected = concatenate([dz, dr, dn], axis: -1)
        var dinner = concatenate([dz, dr, dn * r], axis: -1)
        var next =
          dh * z + dinner.trace.emit(MatMul(transposeB: true), [dinner, recurrentKernel])
        if hasMask {
          dprojected = keep(step[4], dprojected, dprojected.constant(0))
          dinner = keep(step[4], dinner, dinner.constant(0))
          next = keep(step[4], next, dh)
        }
        return (state: [next], outputs: [dprojected, dinner])
      }
      return outputs.map(timeMajor) + first
    }
  }
}
