import TensorGraph

extension ONNXOperator {
  /// Attention.
  static let attention: [String: ONNXOperator] = [
    "Attention": ONNXOperator { try $0.attended() },
    "RotaryEmbedding": ONNXOperator { try $0.rotated() },
    "LinearAttention": ONNXOperator { try $0.linearlyAttended() },
  ]
}

extension ONNXCall {
  /// `x`, `[batch, time, heads · size]`, as `[batch, heads, time, size]`.
  func heads(_ x: Symbol, _ count: Int?) throws -> Symbol {
    if x.shape.rank == 4 { return x }
    guard x.shape.rank == 3, let count, count > 0, x.shape[2] % count == 0 else {
      throw ONNXError.mistake("\(x.shape) cannot be cut into \(count ?? 0) heads")
    }
    return x.reshaped([x.shape[0], x.shape[1], count, x.shape[2] / count])
      .transposed([0, 2, 1, 3])
  }

  /// `key` or `value` with each head repeated for the heads of the query that share it.
  func shared(_ x: Symbol, _ query: Symbol) throws -> Symbol {
    guard x.shape[1] > 0, query.shape[1] % x.shape[1] == 0, x.shape[0] == query.shape[0] else {
      throw ONNXError.mistake("\(x.shape[1]) heads cannot be shared by \(query.shape[1])")
    }
    return x.repeated(query.shape[1] / x.shape[1], axis: 1)
  }

  /// Scaled dot-product attention.
  fileprivate func attended() throws -> [ONNXValue] {
    let isFlat = try shape(0).rank == 3, type = try type(0)
    let query = try heads(x(0), int("q_num_heads"))
    var key = try heads(x(1), int("kv_num_heads")), value = try heads(x(2), int("kv_num_heads"))
    guard query.shape.rank == 4, query.shape.count > 0, key.shape[3] == query.shape[3],
      value.shape[1] == key.shape[1], value.shape[2] == key.shape[2]
    else {
      throw ONNXError.mistake("\(query.shape), \(key.shape) and \(value.shape) do not fit")
    }
    var past = 0
    if has(4), has(5) {
      past = try shape(4).rank == 4 ? shape(4)[2] : 0
      key = concatenate([try x(4).cast(to: key.dtype), key], axis: 2)
      value = concatenate([try x(5).cast(to: value.dtype), value], axis: 2)
      guard key.isValid, value.isValid else { throw ONNXError.reported }
    }
    let present = [key, value].map { ONNXValue.tensor(ONNXTensor($0, type: type)) }
    (key, value) = (try shared(key, query), try shared(value, query))
    let mask = try attentionMask(query, key, past)
    let scale = float("scale") ?? 1 / Double(query.shape[3]).squareRoot()
    let softcap = float("softcap", 0), isCausal = bool("is_causal")
    let wantsScores = node.outputs.count > 3 && !node.outputs[3].isEmpty
    var scores: Symbol?
    var y: Symbol
    if softcap == 0, !wantsScores, mask.bias == nil, !isCausal || past == 0,
      int("softmax_precision") == nil
    {
      y = TensorGraph.attention(
        query, key, value, mask: mask.allowed, scale: scale, isCausal: isCausal)
    } else {
      var given = mask
      if isCausal {
        let causal = causalMask(query.shape[2], key.shape[2], past)
        given.allowed = given.allowed.map { $0 .& causal } ?? causal
      }
      let all = try products(query, key, value, scale: scale, softcap: softcap, given)
      (y, scores) = (all.y, all.scores)
    }
    guard y.isValid else { throw ONNXError.reported }
    if isFlat {
      y = y.transposed([0, 2, 1, 3]).reshaped([y.shape[0], y.shape[2], y.shape[1] * y.shape[3]])
    }
    return [.tensor(ONNXTensor(y.cast(to: query.dtype), type: type))] + present
      + [scores].compactMap(\.self).map {
        .tensor(ONNXTensor($0.cast(to: query.dtype), type: type))
      }
  }

  /// Which keys a query sees, `bool[queries, keys]`: none after its own place.
  private func causalMask(_ queries: Int, _ keys: Int, _ past: Int) -> Symbol {
    let square: Shape = [queries, keys]
    return trace.iota(square, axis: 0) + Double(past) .>= trace.iota(square, axis: 1)
  }

  /// What decides on the keys a query sees, and what is added to scores.
  private struct Mask {
    var allowed: Symbol?
    var bias: Symbol?
  }

  /// The masks of the inputs 3 and 6.
  private func attentionMask(_ query: Symbol, _ key: Symbol, _ past: Int) throws -> Mask {
    var result = Mask()
    let keys = key.shape[2]
    let whole: Shape = [query.shape[0], query.shape[1], query.shape[2], keys]
    if has(3) {
      var given = try x(3)
      guard given.shape.rank > 0, given.shape[-1] <= keys else {
        throw ONNXError.mistake("attn_mask is \(given.shape), the scores are \(whole)")
      }
      let missing = keys - given.shape[-1], zeros = given.shape.dims.map { _ in 0 }
      if missing > 0 {
        let high = Array(zeros.dropLast()) + [missing]
        given =
          given.dtype == .bool
          ? given.cast(to: .int32).padded(low: zeros, high: high) .> 0
          : given.padded(low: zeros, high: high)
        let known = trace.iota([keys], axis: 0) .< Double(keys - missing)
        if given.dtype != .bool { result.allowed = known }
      }
      guard given.shape.broadcast(with: whole) == whole else {
        throw ONNXError.mistake("attn_mask is \(given.shape), the scores are \(whole)")
      }
      if given.dtype == .bool { result.allowed = given } else { result.bias = given }
    }
    if has(6) {
      guard try shape(6) == [query.shape[0]] else {
        throw ONNXError.mistake("nonpad_kv_seqlen is \(try shape(6))")
      }
      let lengths = try x(6).cast(to: .int32).reshaped([query.shape[0], 1, 1, 1])
      let counts = trace.iota([1, 1, 1, keys], axis: 3) .< lengths
      result.allowed = result.allowed.map { $0 .& counts } ?? counts
    }
    return result
  }

  /// Attention written out, with the scores that the attribute qk_matmul_output_mode asks for.
  private func products(
    _ query: Symbol, _ key: Symbol, _ value: Symbol, scale: Double, softcap: Double, _ mask: Mask
  ) throws -> (y: Symbol, scores: Symbol) {
    let wide = query.dtype.promoted(with: .float32)
    var scores = matmul(query.cast(to: wide) * scale, key.cast(to: wide).transposed())
    var shown = scores
    let mode = int("qk_matmul_output_mode", 0)
    if softcap != 0 { scores = softcap * tanh(scores / softcap) }
    if mode == 1 { shown = scores }
    if let bias = mask.bias { scores = scores + bias.cast(to: wide) }
    if let allowed = mask.allowed, scores.isValid {
      scores = select(allowed.broadcast(to: scores.shape), scores, -.infinity)
    }
    if mode == 2 { shown = scores }
    let weights = softmax(scores)
    if mode == 3 { shown = weights }
    return (matmul(weights, value.cast(to: wide)), shown)
  }
}
