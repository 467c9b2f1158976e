// A BERT of six layers, as the file of weights has it.
//
// Devlin et al., BERT, 2018; Wang et al., MiniLM, 2020

import Strata

/// The sum of three vectors: those of the piece of a word, of its place in the text, and of the
/// sentence it is in, which is always the first here.
final class Embeddings: Layer {
  let name: String? = "embeddings"
  let pieces = Embedding(30_522, 384, maskZero: true, name: "pieces")
  let places = Embedding(512, 384, name: "places")
  let sentences = Embedding(2, 384, name: "sentences")
  let norm = LayerNormalization(epsilon: 1e-12, name: "norm")
  var masking: MaskHandling { .explicit }

  func call(_ ids: Symbol, _ context: LayerContext) -> Symbol {
    let x = pieces(ids)  // masked where a text has ended: the number of padding is 0
    let place = ids.trace.iota([1, ids.shape[1]], axis: 1, dtype: .int32)
    let first = ids.trace.constant(0, [1, 1], dtype: .int32)
    return norm((x + places(place) + sentences(first)).masked(by: x.mask))
  }
}

/// Each piece looks at all pieces of its text, and then by itself through two dense layers.
final class Block: Layer {
  let name: String?
  let attention = MultiHeadAttention(numHeads: 12, keyDim: 32, name: "attention")
  let attentionNorm = LayerNormalization(epsilon: 1e-12, name: "attention_norm")
  let intermediate = Dense(1536, activation: .gelu, name: "intermediate")
  let output = Dense(384, name: "output")
  let outputNorm = LayerNormalization(epsilon: 1e-12, name: "output_norm")

  init(name: String) { self.name = name }

  func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    let y = attentionNorm(x + attention(x, x))
    return outputNorm(y + output(intermediate(y)))
  }
}

/// Numbers of word pieces, `[batch, pieces]`, to vectors of length 1, `[batch, 384]`.
func makeModel() throws -> Model {
  try Model(input: [nil], dtype: .int32, name: "all-minilm-l6-v2") {
    Embeddings()
    for index in 0..<6 { Block(name: "block_\(index)") }
    GlobalAveragePooling1D()  // of the pieces that are not masked
    UnitNormalization()
  }
}
