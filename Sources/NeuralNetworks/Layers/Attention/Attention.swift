import TensorGraph

/// Dot-product attention: means of values, weighted by how well their keys fit a query.
///
///     y = softmax(scores) · value
///     scores = scale · query · keyᵀ                                     (dot)
///     scoresᵢⱼ = concat_score_weight · Σ tanh(scale · (queryᵢ + keyⱼ))  (concat)
///
/// Keys whose value or key is masked, or that come after the query with `use_causal_mask`, do not
/// count; a query that may look at no key looks at all alike. Masked queries give 0.
///
/// - Inputs: query `[batch, queries, features]`, value `[batch, keys, size]` and, if it is not the
///   value, key `[batch, keys, features]`
/// - Arguments: `use_causal_mask`, `return_attention_scores`
/// - Outputs: `[batch, queries, size]`; then, if they are asked for, the weights of the values,
///   after the dropout, `[batch, queries, keys]`
/// - Weights: with `useScale`, `scale` `[]`; with `concat`, `concat_score_weight` `[]`
/// - Reference: [Luong et al., 2015](https://arxiv.org/abs/1508.04025)
public final class Attention: AttentionLayer, RandomLayer {
  /// How well a key fits a query.
  public enum ScoreMode: String, Sendable, Hashable, Codable, CaseIterable {
    /// Their product.
    case dot
    /// The hyperbolic tangents of their sum, summed.
    case concat
  }

  /// Whether scores are multiplied by a weight.
  public let useScale: Bool
  /// How scores are computed.
  public let scoreMode: ScoreMode
  /// The share of weights that are dropped in training, from 0 to 1.
  public let dropout: Double
  public let options: LayerOptions

  public static let example = Attention()

  /// Creates an attention.
  public init(
    useScale: Bool = false, scoreMode: ScoreMode = .dot, dropout: Double = 0,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.useScale = useScale
    self.scoreMode = scoreMode
    self.dropout = dropout
    self.options = LayerOptions(name, options)
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard let given = ListAttention(inputs, of: self, dropout, context) else {
      return [inputs[0].trace.invalid]
    }
    let scale = useScale ? context.weight("scale", [], .ones) : nil
    switch scoreMode {
    case .dot:
      let query = scale.map { given.query * $0 } ?? given.query
      if given.isFused(dropout) { return given.fused(query) }
      let scores = matmul(query.forMoments, given.key.forMoments.transposed())
      return given.outputs(scores, dropout: dropout)
    case .concat:
      let weight = context.weight("concat_score_weight", [], .ones)
      let sum = given.query.expandingDims(at: -2) + given.key.expandingDims(at: -3)
      let scores = weight * tanh(scale.map { $0 * sum } ?? sum).sum(axes: [-1])
      return given.outputs(scores, dropout: dropout)
    }
  }
}
