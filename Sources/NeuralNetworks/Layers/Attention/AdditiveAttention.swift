import TensorGraph

/// Additive attention: means of values, weighted by how well their keys fit a query.
///
///     y = softmax(scores) · value,   scoresᵢⱼ = Σ scale · tanh(queryᵢ + keyⱼ)
///
/// Masks work as in `Attention`.
///
/// - Inputs: query `[batch, queries, features]`, value `[batch, keys, size]` and, if it is not the
///   value, key `[batch, keys, features]`
/// - Arguments: `use_causal_mask`, `return_attention_scores`
/// - Outputs: `[batch, queries, size]`; then, if they are asked for, the weights of the values,
///   after the dropout, `[batch, queries, keys]`
/// - Weights: with `useScale`, `scale` `[features]`
/// - Reference: [Bahdanau et al., 2015](https://arxiv.org/abs/1409.0473)
public final class AdditiveAttention: AttentionLayer, RandomLayer {
  /// Whether the features have weights in the score.
  public let useScale: Bool
  /// The share of weights that are dropped in training, from 0 to 1.
  public let dropout: Double
  public let options: LayerOptions

  public static let example = AdditiveAttention()

  /// Creates an additive attention.
  public init(
    useScale: Bool = true, dropout: Double = 0, name: String? = nil, options: LayerOptions = []
  ) {
    self.useScale = useScale
    self.dropout = dropout
    self.options = LayerOptions(name, options)
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard let given = ListAttention(inputs, of: self, dropout, context) else {
      return [inputs[0].trace.invalid]
    }
    let sum = tanh(given.query.expandingDims(at: -2) + given.key.expandingDims(at: -3))
    let weighted =
      useScale ? sum * context.weight("scale", [given.query.shape[-1]], .glorotUniform) : sum
    return given.outputs(weighted.sum(axes: [-1]), dropout: dropout)
  }
}
