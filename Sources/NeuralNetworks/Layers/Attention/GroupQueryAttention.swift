import TensorGraph

/// Attention with several heads of which groups share keys and values.
///
///     yₕ = softmax(query · Wqₕ · (key · Wkᵍ)ᵀ / √headDim) · (value · Wvᵍ),   y = [y₁, y₂, …] · Wo
///
/// Head `h` belongs to the group `g = h / (numQueryHeads / numKeyValueHeads)`. One head of keys and
/// values is multi-query attention; as many as of queries is multi-head attention. Masks, gate and
/// scores are as in `MultiHeadAttention`.
///
/// - Inputs: query `[batch, queries, features]`, value `[batch, keys, features]` and, if it is not
///   the value, key `[batch, keys, features]`
/// - Arguments: `attention_mask` `bool[batch, queries, keys]`, `use_causal_mask`,
///   `return_attention_scores`
/// - Outputs: `[batch, queries, features]`; then, if they are asked for, the scores
///   `[batch, numQueryHeads, queries, keys]`
/// - Weights: `query/kernel` `[features, numQueryHeads, headDim]`, `query/bias`
///   `[numQueryHeads, headDim]`; `gate/…` alike; `key/…` and `value/…` alike, with
///   `numKeyValueHeads`; `attention_output/kernel` `[numQueryHeads, headDim, features]`,
///   `attention_output/bias` `[features]`
/// - Reference: [Ainslie et al., 2023](https://arxiv.org/abs/2305.13245)
public final class GroupQueryAttention: MultiHeadLayer {
  /// The size of a head.
  public let headDim: Int
  /// The number of heads.
  public let numQueryHeads: Int
  /// The number of groups, each with keys and values of its own.
  public let numKeyValueHeads: Int
  /// The share of scores that are dropped in training, from 0 to 1.
  public let dropout: Double
  /// Whether the projections have biases.
  public let useBias: Bool
  /// How far a query sees: to keys fewer than this many places away, on both sides.
  public let slidingWindow: Int?
  /// How the kernels start.
  public let kernelInitializer: Initializer
  /// How the biases start.
  public let biasInitializer: Initializer
  /// Whether a gate, a projection of the query, multiplies what the heads give.
  public let useGate: Bool
  public let options: LayerOptions

  public static let example = GroupQueryAttention(
    headDim: 1, numQueryHeads: 1, numKeyValueHeads: 1)

  /// Creates an attention with `numQueryHeads` heads in `numKeyValueHeads` groups.
  public init(
    headDim: Int, numQueryHeads: Int, numKeyValueHeads: Int, dropout: Double = 0,
    useBias: Bool = true, slidingWindow: Int? = nil,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    useGate: Bool = false, name: String? = nil, options: LayerOptions = []
  ) {
    self.headDim = headDim
    self.numQueryHeads = numQueryHeads
    self.numKeyValueHeads = numKeyValueHeads
    self.dropout = dropout
    self.useBias = useBias
    self.slidingWindow = slidingWindow
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
    self.useGate = useGate
    self.options = LayerOptions(name, options)
  }

  /// Keras calls the class by another name than its layers.
  public var defaultName: String { "grouped_query_attention" }

  public func property(holding part: String) -> String {
    part == "attention_output" ? "_output_dense" : "_\(part)_dense"
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard let given = HeadInputs(inputs, of: self, context) else {
      return [inputs[0].trace.invalid]
    }
    guard given.query.shape.rank == 3 else {
      return [context.fail("\(className) expects [batch, time, features]", given.query)]
    }
    guard [headDim, numQueryHeads, numKeyValueHeads].allSatisfy(isSize),
      numQueryHeads % numKeyValueHeads == 0
    else {
      return [
        context.fail(
          "\(className) cannot cut \(numQueryHeads) heads of size \(headDim) into "
            + "\(numKeyValueHeads) groups",
          hint: "sizes are above 0, and the number of groups divides that of heads")
      ]
    }
    if let mistake = sharedMistake { return [context.fail(mistake)] }
    let features = given.query.shape[-1]
    let q = projected(given.query, "query", numQueryHeads, headDim, context)
    let k = projected(given.key, "key", numKeyValueHeads, headDim, context)
    let gate = useGate ? projected(given.query, "gate", numQueryHeads, headDim, context) : nil
    let v = projected(given.value, "value", numKeyValueHeads, headDim, context)
    guard q.isValid, k.isValid, v.isValid else { return [q.trace.invalid] }
    return outputs(
      q, repeated(k), repeated(v), gate: gate, given, shape: [features], context)
  }

  /// `x`, `[batch, time, groups, dim]`, with each group for all of its heads.
  private func repeated(_ x: Symbol) -> Symbol {
    let (b, t, g, d) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let count = numQueryHeads / numKeyValueHeads
    return x.expandingDims(at: 3).broadcast(to: [b, t, g, count, d])
      .reshaped([b, t, numQueryHeads, d])
  }
}
