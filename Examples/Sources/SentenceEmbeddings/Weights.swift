// The weights as PyTorch saved them: kernels have their outputs first, heads have no axis of their
// own, and everything has another name.

import Strata

/// What the file calls the layers of ours; the ends of the names, such as `weight`, follow from
/// the convention.
private let names: [String: String] = {
  var names = [
    "embeddings/pieces": "embeddings.word_embeddings",
    "embeddings/places": "embeddings.position_embeddings",
    "embeddings/sentences": "embeddings.token_type_embeddings",
    "embeddings/norm": "embeddings.LayerNorm",
  ]
  for block in 0..<6 {
    for (ours, theirs) in [
      ("attention", "attention.self"), ("attention/attention_output", "attention.output.dense"),
      ("attention_norm", "attention.output.LayerNorm"), ("intermediate", "intermediate.dense"),
      ("output", "output.dense"), ("output_norm", "output.LayerNorm"),
    ] {
      names["block_\(block)/\(ours)"] = "encoder.layer.\(block).\(theirs)"
    }
  }
  return names
}()

extension Model {
  /// Takes the weights in the file at `path`, which also has a layer that is not needed here.
  func loadBERT(from path: String) throws {
    try loadWeights(from: path, convention: .pyTorch, renaming: names, allowsUnused: true)
  }
}
