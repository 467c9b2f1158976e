import TensorGraph

extension ONNXCall {
  /// Attention without a softmax, whose memory is a matrix for each head:
  ///
  ///     S = exp(decay) · S + k ⊗ v,  or with a correction of what S has for k already
  ///     S = S′ + beta · k ⊗ (v − S′ᵀ k),  S′ = exp(decay) · S
  ///     y = scale · qᵀ S
  func linearlyAttended() throws -> [ONNXValue] {
    guard let queryHeads = int("q_num_heads"), let count = int("kv_num_heads"), count > 0,
      queryHeads > 0, queryHeads % count == 0
    else { throw ONNXError.mistake("heads of keys have to divide those of queries") }
    let rule = string("update_rule", "gated_delta")
    guard ["linear", "gated", "delta", "gated_delta"].contains(rule) else {
      throw ONNXError.mistake("update_rule is \(rule)")
    }
    let decays = rule.hasPrefix("gated"), corrects = rule.hasSuffix("delta")
    guard has(4) == decays, has(5) == corrects else {
      throw ONNXError.mistake("update_rule \(rule) has other inputs")
    }
    let query = try x(0), dtype = query.dtype.promoted(with: .float32)
    guard query.shape.rank == 3, query.shape.count > 0, query.shape[2] % queryHeads == 0 else {
      throw ONNXError.mistake("\(query.shape) cannot be cut into \(queryHeads) heads")
    }
    let (batch, time) = (query.shape[0], query.shape[1]), size = query.shape[2] / queryHeads
    /// The steps of an input with `heads` heads, each of them of the shape given.
    func steps(_ index: Int, _ heads: Int, _ shape: (Int) -> [Int]) throws -> Symbol {
      let x = try x(index).cast(to: dtype)
      guard x.shape.rank == 3, x.shape[0] == batch, x.shape[1] == time, x.shape[2] > 0,
        x.shape[2] % heads == 0
      else { throw ONNXError.mistake("input \(index) is \(x.shape), the query \(query.shape)") }
      return x.reshaped(Shape([batch, time, heads] + shape(x.shape[2] / heads)))
        .transposed([1, 0, 2, 3, 4])
    }
    var sequences = [
      try steps(0, count) { [$0 / size, size] }, try steps(1, count) { [$0, 1] },
      try steps(2, count) { [1, $0] },
    ]
    let width = sequences[2].shape[4], memory: Shape = [batch, count, size, width]
    guard sequences[1].shape[3] == size else {
      throw ONNXError.mistake("keys are of \(sequences[1].shape[3]) numbers, queries of \(size)")
    }
    if decays {
      let decay = try steps(4, count) { [$0, 1] }
      guard [1, size].contains(decay.shape[3]) else {
        throw ONNXError.mistake("decay is \(try shape(4))")
      }
      sequences.append(exp(decay))
    }
    if corrects {
      let isShared = try shape(5).dims.last == 1
      let beta = try steps(5, isShared ? 1 : count) { [$0, 1] }
      guard beta.shape[3] == 1 else { throw ONNXError.mistake("beta is \(try shape(5))") }
      sequences.append(beta)
    }
    if has(3), try shape(3) != memory {
      throw ONNXError.mistake("past_state is \(try shape(3)), not \(memory)")
    }
    let start = has(3) ? try x(3).cast(to: dtype) : trace.constant(0, memory, dtype: dtype)
    let stated = float("scale", 0), scale = stated == 0 ? 1 / Double(size).squareRoot() : stated
    let (last, outputs) = scan(over: sequences, from: [start]) { step, states in
      var state = states[0], value = step[2]
      if decays { state = state * step[3] }
      if corrects {
        value = step[decays ? 4 : 3] * (value - matmul(step[1].transposed(), state))
      }
      state = state + step[1] * value
      return (state: [state], outputs: [scale * matmul(step[0], state)])
    }
    guard let y = outputs.first, y.isValid else { throw ONNXError.reported }
    let flat = y.transposed([1, 0, 2, 3, 4]).reshaped([batch, time, queryHeads * width])
    let stateType = has(3) ? try type(3) : try type(0)
    return [
      .tensor(ONNXTensor(flat.cast(to: query.dtype), type: try type(0))),
      .tensor(ONNXTensor(last[0].cast(to: stateType.dtype ?? dtype), type: stateType)),
    ]
  }
}
