import TensorGraph

/// Attention with several heads: each looks for keys that fit a query, and averages their values.
///
///     yₕ = softmax(query · Wq · (key · Wk)ᵀ / √keyDim) · (value · Wv),   y = [y₁, y₂, …] · Wo
///
/// The masks of the query, of the value and of the key, `attention_mask`, the causal mask and the
/// sliding window hold together. A query that may look at no key averages all values, as in Keras;
/// where the scores are computed (with dropout, or when they are returned), its scores are 0.
/// Unless they are needed the scores are not computed by themselves: that is what `flash_attention`
/// of Keras's files asks for.
///
/// With `useGate` what the heads give is multiplied by `sigmoid(query · Wg)` before `Wo`.
///
/// - Inputs: query `[batch, queries, features]`, value `[batch, keys, features]` and, if it is not
///   the value, key `[batch, keys, features]`; with more axes between batch and features,
///   `attentionAxes` are those along which queries look
/// - Arguments: `attention_mask` `bool[batch, queries, keys]`, `use_causal_mask` (query `i` looks
///   at keys `0...i`), `return_attention_scores`
/// - Outputs: `[batch, queries]` and `outputShape`, or the features of the query; then, if they
///   are asked for, the scores `[batch, heads, queries, keys]`
/// - Weights: `query/kernel` `[features, heads, keyDim]`, `query/bias` `[heads, keyDim]`; `key/…`
///   alike; `gate/…` and `value/…` alike, with `valueDim`; `attention_output/kernel`
///   `[heads, valueDim, outputShape…]`, `attention_output/bias` `[outputShape…]`
/// - Reference: [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762); the gate,
///   [Qiu et al., 2025](https://arxiv.org/abs/2505.06708)
public final class MultiHeadAttention: MultiHeadLayer {
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
  /// The axes along which queries look; all between batch and features if nothing is said.
  public let attentionAxes: OneOrMany<Int>?
  /// How far a query sees: to keys fewer than this many places away, on both sides.
  public let slidingWindow: Int?
  /// How the kernels start.
  public let kernelInitializer: Initializer
  /// How the biases start.
  public let biasInitializer: Initializer
  /// Whether a gate, a projection of the query, multiplies what the heads give.
  public let useGate: Bool
  public let options: LayerOptions

  public static let example = MultiHeadAttention(numHeads: 1, keyDim: 1)

  /// Creates an attention with `numHeads` heads of size `keyDim`.
  public init(
    numHeads: Int, keyDim: Int, valueDim: Int? = nil, dropout: Double = 0, useBias: Bool = true,
    outputShape: OneOrMany<Int>? = nil, attentionAxes: OneOrMany<Int>? = nil,
    slidingWindow: Int? = nil, kernelInitializer: Initializer = .glorotUniform,
    biasInitializer: Initializer = .zeros, useGate: Bool = false, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.numHeads = numHeads
    self.keyDim = keyDim
    self.valueDim = valueDim
    self.dropout = dropout
    self.useBias = useBias
    self.outputShape = outputShape
    self.attentionAxes = attentionAxes
    self.slidingWindow = slidingWindow
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
    self.useGate = useGate
    self.options = LayerOptions(name, options)
  }

  public func property(holding part: String) -> String {
    switch part {
    case "gate": "_gate_dense"
    case "attention_output": "output_dense"
    default: part + "_dense"
    }
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard
      let given = HeadInputs(inputs, attentionAxes: attentionAxes?.values, of: self, context)
    else { return [inputs[0].trace.invalid] }
    let valueDim = valueDim ?? keyDim
    let shape = outputShape?.values ?? [given.query.shape[-1]]
    guard ([numHeads, keyDim, valueDim] + shape).allSatisfy(isSize) else {
      return [
        context.fail(
          "MultiHeadAttention needs sizes above 0: \(numHeads) heads of \(keyDim) and \(valueDim), "
            + "output \(shape)")
      ]
    }
    if let mistake = sharedMistake { return [context.fail(mistake)] }
    let q = projected(given.query, "query", numHeads, keyDim, context)
    let k = projected(given.key, "key", numHeads, keyDim, context)
    let gate = useGate ? projected(given.query, "gate", numHeads, valueDim, context) : nil
    let v = projected(given.value, "value", numHeads, valueDim, context)
    guard q.isValid, k.isValid, v.isValid else { return [q.trace.invalid] }
    return outputs(q, k, v, gate: gate, given, shape: shape, context)
  }
}
