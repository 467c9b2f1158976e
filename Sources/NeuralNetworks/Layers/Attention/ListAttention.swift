import TensorGraph

/// Query, value and key of an attention without heads, as `Attention` takes them.
struct ListAttention {
  let query: Symbol
  let value: Symbol
  let key: Symbol
  /// Which scores count: broadcasts to `[batch…, queries, keys]`.
  let mask: Symbol?
  private let context: LayerContext
  private let isCausal: Bool
  private let masksBeforeCausal: Symbol?

  /// Takes `inputs` of `layer` apart; nothing after a mistake.
  init?(
    _ inputs: [Symbol], of layer: any AttentionLayer, _ dropout: Double, _ context: LayerContext
  ) {
    self.context = context
    let shapes = inputs.map { $0.shape.dims }
    guard (2...3).contains(inputs.count), shapes.allSatisfy({ $0.count >= 3 }),
      shapes.allSatisfy({ $0.dropLast(2) == shapes[0].dropLast(2) })
    else {
      _ = context.fail(
        "\(layer.className) takes query, value and perhaps key, [batch, time, features]; it was "
          + "given " + inputs.map { "\($0.shape)" }.joined(separator: ", "),
        hint: "call it on the query and the value")
      return nil
    }
    query = inputs[0]
    value = inputs[1]
    key = inputs.count > 2 ? inputs[2] : inputs[1]
    guard key.shape[-2] == value.shape[-2], key.shape[-1] == query.shape[-1] else {
      _ = context.fail(
        "\(layer.className) needs a key for each value, with the features of the query", query,
        value, key)
      return nil
    }
    guard (0...1).contains(dropout) else {
      _ = context.fail("\(layer.className) needs a dropout from 0 to 1, not \(dropout)")
      return nil
    }
    let rank = query.shape.rank
    /// Over the keys if the mask has them, else over the axes before.
    func overKeys(_ mask: Symbol) -> Symbol {
      guard mask.shape.rank == rank - 1 else { return mask.trailing(rank) }
      return mask.expandingDims(at: -2)
    }
    let masks = (inputs.count > 2 ? [value.mask, key.mask] : [value.mask]).map {
      $0.map(overKeys)
    }
    isCausal = context.flag("use_causal_mask")
    let causal =
      isCausal
      ? causalMask(query.trace, queries: query.shape[-2], keys: key.shape[-2]) : nil
    masksBeforeCausal = allOf(masks)
    mask = allOf(masks + [causal])
  }

  /// Whether nothing asks for the scores themselves.
  func isFused(_ dropout: Double) -> Bool {
    !context.flag("return_attention_scores") && (dropout == 0 || !context.isTraining)
  }

  /// The outputs of a product of queries and keys, without the scores.
  func fused(_ query: Symbol) -> [Symbol] {
    /// With one head: `[batch, 1, time, features]`.
    func matrices(_ x: Symbol) -> Symbol {
      x.reshaped([-1, 1, x.shape[-2], x.shape[-1]])
    }
    let scores = Shape(query.shape.dims.dropLast() + [key.shape[-2]])
    let given = masksBeforeCausal.map { matrices($0.broadcast(to: scores)) }
    let y = attention(
      matrices(query), matrices(key), matrices(value), mask: given, scale: 1, isCausal: isCausal)
    return finished(
      y.isValid ? y.reshaped(Shape(query.shape.dims.dropLast() + [value.shape[-1]])) : y, nil)
  }

  /// The outputs from `scores`, `[batch…, queries, keys]`.
  func outputs(_ scores: Symbol, dropout: Double) -> [Symbol] {
    guard scores.isValid else { return [scores] }
    var weights = context.attentionWeights(scores, mask).cast(to: value.dtype)
    if context.isTraining, dropout > 0 {
      weights = context.dropout(weights, dropout, weights.shape)
    }
    return finished(matmul(weights, value), weights)
  }

  /// Zeros where the query is masked, the mask of the query, and the scores if they are asked for.
  private func finished(_ y: Symbol, _ scores: Symbol?) -> [Symbol] {
    guard y.isValid else { return [y] }
    var y = y
    if let mask = query.mask {
      y = select(mask.trailing(y.shape.rank).broadcast(to: y.shape), y, 0)
    }
    let returned = context.flag("return_attention_scores") ? scores : nil
    return [y.masked(by: query.mask)] + [returned].compactMap(\.self)
  }
}

extension Symbol {
  /// With axes of size 1 added after the last, until there are `rank`.
  func trailing(_ rank: Int) -> Symbol {
    reshaped(Shape(shape.dims + Array(repeating: 1, count: Swift.max(rank - shape.rank, 0))))
  }
}
