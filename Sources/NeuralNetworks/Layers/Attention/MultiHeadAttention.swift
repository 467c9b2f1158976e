import TensorGraph

/// Attention with several heads: each looks for keys that fit a query, and averages their values.
///
///     yₕ = softmax(query · Wq · (key · Wk)ᵀ / √keyDim) · (value · Wv),   y = [y₁, y₂, …] · Wo
///
/// The mask of the query, of the value and of the key, `attention_mask` and the causal mask hold
/// together. A query that may look at no key averages all values, as in Keras; where the scores
/// are computed (with dropout, or when they are returned), its scores are 0.
///
/// - Inputs: query `[batch, queries, features]`, value `[batch, keys, features]` and, if it is not
///   the value, key `[batch, keys, features]`
/// - Arguments: `attention_mask` `bool[batch, queries, keys]`, `use_causal_mask` (query `i` looks
///   at keys `0...i`), `return_attention_scores`
/// - Outputs: `[batch, queries]` and `outputShape`, or the features of the query; then, if they
///   are asked for, the scores `[batch, heads, queries, keys]`
/// - Weights: `query/kernel` `[features, heads, keyDim]`, `query/bias` `[heads, keyDim]`; `key/…`
///   alike; `value/…` alike, with `valueDim`; `attention_output/kernel`
///   `[heads, valueDim, outputShape…]`, `attention_output/bias` `[outputShape…]`
/// - Reference: [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762)
public final class MultiHeadAttention: MultiInputLayer, NamedLayer {
  /// The number of heads.
  public let numHeads: Int
  /// The size of a head's queries and keys.
  public let keyDim: Int
  /// The size of a head's values; `keyDim` if nothing is said.
  public let valueDim: Int?
  /// The share of scores that are dropped in training, from 0 to 1.
  public let dropout: Double
  /// Whether the projections have biases.
  public let useBias: Bool
  /// The axes of the output after the queries; the features of the query if nothing is said.
  public let outputShape: OneOrMany<Int>?
  /// How the kernels start.
  public let kernelInitializer: Initializer
  /// How the biases start.
  public let biasInitializer: Initializer
  public let name: String?

  public static let example = MultiHeadAttention(numHeads: 1, keyDim: 1)

  /// Creates an attention with `numHeads` heads of size `keyDim`.
  public init(
    numHeads: Int, keyDim: Int, valueDim: Int? = nil, dropout: Double = 0, useBias: Bool = true,
    outputShape: OneOrMany<Int>? = nil, kernelInitializer: Initializer = .glorotUniform,
    biasInitializer: Initializer = .zeros, name: String? = nil
  ) {
    self.numHeads = numHeads
    self.keyDim = keyDim
    self.valueDim = valueDim
    self.dropout = dropout
    self.useBias = useBias
    self.outputShape = outputShape
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
    self.name = name
  }

  public var masking: MaskHandling { .explicit }

  /// Applies the layer while a model is traced.
  public func callAsFunction(
    _ query: Symbol, _ value: Symbol, key: Symbol? = nil, attentionMask: Symbol? = nil,
    useCausalMask: Bool = false
  ) -> Symbol {
    let (inputs, arguments) = arranged([query, value, key], attentionMask, useCausalMask)
    return apply(to: inputs, arguments: arguments)[0]
  }

  /// Notes a call of the layer.
  public func callAsFunction(
    _ query: SymbolicTensor, _ value: SymbolicTensor, key: SymbolicTensor? = nil,
    attentionMask: SymbolicTensor? = nil, useCausalMask: Bool = false,
    file: String = #fileID, line: Int = #line
  ) -> SymbolicTensor {
    let (inputs, arguments) = arranged([query, value, key], attentionMask, useCausalMask)
    return apply(to: inputs, arguments: arguments, file: file, line: line)[0]
  }

  private func arranged<Value>(
    _ sequences: [Value?], _ attentionMask: Value?, _ useCausalMask: Bool
  ) -> (inputs: [Value], arguments: [String: CallArgument]) {
    let inputs = sequences.compactMap(\.self)
    var arguments: [String: CallArgument] = [:]
    if useCausalMask { arguments["use_causal_mask"] = .bool(true) }
    guard let attentionMask else { return (inputs, arguments) }
    arguments["attention_mask"] = .input(inputs.count)
    return (inputs + [attentionMask], arguments)
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    let (sequences, named) = context.separated(inputs)
    let third = named["key"] ?? (sequences.count > 2 ? sequences[2] : nil)
    guard (2...3).contains(sequences.count),
      (sequences + [third].compactMap(\.self)).allSatisfy({ $0.shape.rank == 3 })
    else {
      return [
        context.fail(
          "MultiHeadAttention expects query, value and perhaps key, [batch, time, features]",
          inputs[0])
      ]
    }
    let (query, value, key) = (sequences[0], sequences[1], third ?? sequences[1])
    let valueDim = valueDim ?? keyDim
    let shape = outputShape?.values ?? [query.shape[2]]
    guard ([numHeads, keyDim, valueDim] + shape).allSatisfy(isSize), (0...1).contains(dropout),
      key.shape[1] == value.shape[1]
    else {
      return [
        context.fail(
          "MultiHeadAttention needs sizes above 0, a dropout from 0 to 1, and a key for each value",
          query, key, value)
      ]
    }
    let q = heads(query, "query", keyDim, context)
    let k = heads(key, "key", keyDim, context)
    let v = heads(value, "value", valueDim, context)
    let mask = mask(query, value, third, named["attention_mask"])
    let isCausal = context.flag("use_causal_mask")

    let returnsScores = context.flag("return_attention_scores")
    var (y, scores): (Symbol, Symbol?)
    if dropout > 0 || returnsScores {
      let weights = weights(q, k, mask, isCausal)
      let kept =
        context.isTraining && dropout > 0
        ? context.dropout(weights, dropout, weights.shape) : weights
      (y, scores) = (matmul(kept, v), weights)
    } else {
      (y, scores) = (attention(q, k, v, mask: mask, isCausal: isCausal), nil)
    }
    guard y.isValid else { return [y] }

    let kernel = context.weight(
      "attention_output/kernel", Shape([numHeads, valueDim] + shape), kernelInitializer)
    let joined = y.transposed([0, 2, 1, 3]).reshaped([q.shape[0], q.shape[2], numHeads * valueDim])
    y = matmul(joined, kernel.reshaped([numHeads * valueDim, -1]))
      .reshaped(Shape([q.shape[0], q.shape[2]] + shape))
    if useBias {
      y = y + context.weight("attention_output/bias", Shape(shape), biasInitializer)
    }
    return [y.masked(by: query.mask)] + (returnsScores ? [scores].compactMap(\.self) : [])
  }

  /// `x` projected for each head: `[batch, heads, time, dim]`.
  private func heads(_ x: Symbol, _ name: String, _ dim: Int, _ context: LayerContext) -> Symbol {
    let features = x.shape[2]
    let kernel = context.weight("\(name)/kernel", [features, numHeads, dim], kernelInitializer)
    var y = matmul(x, kernel.reshaped([features, numHeads * dim]))
    if useBias {
      let bias = context.weight("\(name)/bias", [numHeads, dim], biasInitializer)
      y = y + bias.reshaped([numHeads * dim])
    }
    return y.reshaped([x.shape[0], x.shape[1], numHeads, dim]).transposed([0, 2, 1, 3])
  }

  /// Which keys a query may look at, of 4 axes that broadcast to the scores.
  private func mask(
    _ query: Symbol, _ value: Symbol, _ key: Symbol?, _ attentionMask: Symbol?
  ) -> Symbol? {
    var masks: [Symbol] = []
    if let mask = query.mask {
      masks.append(mask.reshaped([query.shape[0], 1, query.shape[1], 1]))
    }
    for mask in [value.mask, key?.mask].compactMap(\.self) {
      masks.append(mask.reshaped([value.shape[0], 1, 1, value.shape[1]]))
    }
    if var mask = attentionMask?.cast(to: .bool) {
      while mask.isValid, mask.shape.rank < 4 {
        mask = mask.expandingDims(at: mask.shape.rank == 3 ? 1 : 0)
      }
      masks.append(mask)
    }
    return masks.dropFirst().reduce(masks.first) { first, mask in first.map { $0 .& mask } }
  }

  /// How much each query looks at each key: a softmax, with 0 where it may not look.
  private func weights(_ query: Symbol, _ key: Symbol, _ mask: Symbol?, _ isCausal: Bool) -> Symbol
  {
    let products = matmul(query * (1 / Double(keyDim).squareRoot()), key.transposed())
    var mask = mask
    if isCausal {
      let square: Shape = [query.shape[2], key.shape[2]]
      let causal = query.trace.iota(square, axis: 0) .>= query.trace.iota(square, axis: 1)
      mask = mask.map { $0 .& causal } ?? causal
    }
    guard let mask else { return softmax(products) }
    // Finite, so that a query that may look at no key has no NaN in its gradient.
    return select(mask, softmax(select(mask, products, -1e9)), 0)
  }
}

extension LayerContext {
  /// The inputs given by position, and those given by name.
  func separated(_ inputs: [Symbol]) -> (positional: [Symbol], named: [String: Symbol]) {
    var named: [String: Symbol] = [:], taken: Set<Int> = []
    for (name, argument) in arguments {
      guard case .input(let index) = argument, inputs.indices.contains(index) else { continue }
      named[name] = inputs[index]
      taken.insert(index)
    }
    return (inputs.indices.filter { !taken.contains($0) }.map { inputs[$0] }, named)
  }
}
