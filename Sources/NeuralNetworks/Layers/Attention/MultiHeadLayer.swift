import TensorGraph

/// Attention with several heads: what its layers share.
public protocol MultiHeadLayer: AttentionLayer, RandomLayer {
  /// The share of scores that are dropped in training, from 0 to 1.
  var dropout: Double { get }
  /// Whether the projections have biases.
  var useBias: Bool { get }
  /// Whether a gate, a projection of the query, multiplies what the heads give.
  var useGate: Bool { get }
  /// How far a query sees: to keys fewer than this many places away.
  var slidingWindow: Int? { get }
  /// How the kernels start.
  var kernelInitializer: Initializer { get }
  /// How the biases start.
  var biasInitializer: Initializer { get }
}

extension MultiHeadLayer {
  public var takesList: Bool { false }

  /// Applies the layer while a model is traced; a query looks at the keys for which
  /// `attentionMask`, `bool[batch, queries, keys]`, is `true`.
  public func callAsFunction(
    _ query: Symbol, _ value: Symbol, key: Symbol? = nil, attentionMask: Symbol,
    useCausalMask: Bool = false
  ) -> Symbol {
    let call = AttentionCall(
      [query, value, key], attentionMask: attentionMask, useCausalMask: useCausalMask)
    return apply(to: call.inputs, arguments: call.arguments)[0]
  }

  /// Notes a call of the layer with an `attentionMask`.
  public func callAsFunction(
    _ query: SymbolicTensor, _ value: SymbolicTensor, key: SymbolicTensor? = nil,
    attentionMask: SymbolicTensor, useCausalMask: Bool = false,
    file: String = #fileID, line: Int = #line
  ) -> SymbolicTensor {
    let call = AttentionCall(
      [query, value, key], attentionMask: attentionMask, useCausalMask: useCausalMask)
    return apply(to: call.inputs, arguments: call.arguments, file: file, line: line)[0]
  }

  /// `x`, `[batch, …, features]`, projected for each of `count` heads: `[batch, …, count, dim]`.
  func projected(
    _ x: Symbol, _ name: String, _ count: Int, _ dim: Int, _ context: LayerContext
  ) -> Symbol {
    let features = x.shape[-1]
    let initializer = kernelInitializer.scaled(fanIn: features, fanOut: count * dim)
    let kernel = context.weight("\(name)/kernel", [features, count, dim], initializer)
    var y = matmul(x, kernel.reshaped([features, count * dim]))
    if useBias {
      let bias = context.weight("\(name)/bias", [count, dim], biasInitializer)
      y = y + bias.reshaped([count * dim])
    }
    // Keras penalizes the projections too; that of the output is what the layer gives.
    if let regularizer = options.activityRegularizer { context.penalize(y, by: regularizer) }
    return y.reshaped(Shape(x.shape.dims.dropLast() + [count, dim]))
  }

  /// `x`, `[batch, …, heads, dim]`, projected to `[batch, …]` and `shape`.
  func joined(_ x: Symbol, _ shape: [Int], _ context: LayerContext) -> Symbol {
    let (heads, dim) = (x.shape[-2], x.shape[-1])
    let size = shape.reduce(1, *)
    let kernel = context.weight(
      "attention_output/kernel", Shape([heads, dim] + shape),
      kernelInitializer.scaled(fanIn: heads * dim, fanOut: size))
    let outer = x.shape.dims.dropLast(2)
    let y = matmul(
      x.reshaped(Shape(outer + [heads * dim])), kernel.reshaped([heads * dim, size])
    ).reshaped(Shape(outer + shape))
    let bias =
      useBias ? context.weight("attention_output/bias", Shape(shape), biasInitializer) : nil
    let output = bias.map { y + $0 } ?? y
    // Keras penalizes what a GroupQueryAttention gives twice: as its own, and as a projection's.
    if self is GroupQueryAttention, let regularizer = options.activityRegularizer {
      context.penalize(output, by: regularizer)
    }
    return output
  }

  /// What is wrong with the hyperparameters that all layers with heads have, or nothing.
  var sharedMistake: String? {
    if !(0...1).contains(dropout) {
      return "\(className) needs a dropout from 0 to 1, not \(dropout)"
    }
    if let slidingWindow, slidingWindow < 1 {
      return "\(className) needs a sliding window of at least 1, not \(slidingWindow)"
    }
    return nil
  }

  /// The outputs for projections `[batch, …, heads, dim]`, of which `gate` may be none; the rest is
  /// as `query`, `value` and `key` were given.
  func outputs(
    _ q: Symbol, _ k: Symbol, _ v: Symbol, gate: Symbol?, _ given: HeadInputs,
    shape: [Int], _ context: LayerContext
  ) -> [Symbol] {
    guard let mask = given.mask(context, slidingWindow: slidingWindow) else {
      return [q.trace.invalid]
    }
    let axes = given.axes
    let (query, key, value) = (axes.matrices(q), axes.matrices(k), axes.matrices(v))
    let returnsScores = context.flag("return_attention_scores")
    var (y, scores): (Symbol, Symbol?)
    if dropout > 0 || returnsScores {
      let causal =
        given.isCausal
        ? causalMask(q.trace, queries: query.shape[2], keys: key.shape[2]) : nil
      let products =
        matmul(
          query.forMoments * (1 / Double(query.shape[3]).squareRoot()),
          key.forMoments.transposed())
      let all = allOf([mask.symbol, causal])
      var weights = context.attentionWeights(products, all)
      if let all { weights = select(all.broadcast(to: weights.shape), weights, 0) }
      weights = weights.cast(to: value.dtype)
      let kept =
        context.isTraining && dropout > 0
        ? context.dropout(weights, dropout, weights.shape) : weights
      (y, scores) = (matmul(kept, value), axes.scores(weights, q.shape, k.shape))
    } else {
      (y, scores) = (
        attention(query, key, value, mask: mask.symbol, isCausal: given.isCausal), nil
      )
    }
    guard y.isValid else { return [y] }
    y = axes.restored(y, Shape(q.shape.dims.dropLast() + [v.shape[-1]]))
    if let gate { y = y * sigmoid(gate) }
    y = joined(y, shape, context)
    return [y.masked(by: given.query.mask)] + (returnsScores ? [scores].compactMap(\.self) : [])
  }
}

extension Initializer {
  /// This initializer for a weight with so many inputs to a unit, and units to an input, which its
  /// shape does not tell.
  func scaled(fanIn: Int, fanOut: Int) -> Initializer {
    guard let (scale, mode, distribution) = scaling else { return self }
    let n =
      switch mode {
      case .fanIn: Double(fanIn)
      case .fanOut: Double(fanOut)
      case .fanAverage: (Double(fanIn) + Double(fanOut)) / 2
      }
    let variance = scale / max(1, n)
    switch distribution {
    case .truncatedNormal:  // the standard deviation of a normal cut at ±2
      return .truncatedNormal(stddev: variance.squareRoot() / 0.87962566103423978)
    case .untruncatedNormal: return .randomNormal(stddev: variance.squareRoot())
    case .uniform:
      let limit = (3 * variance).squareRoot()
      return .randomUniform(minval: -limit, maxval: limit)
    }
  }
}
