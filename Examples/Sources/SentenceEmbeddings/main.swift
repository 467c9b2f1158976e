// What sentences mean, as vectors: a transformer with the weights of all-MiniLM-L6-v2.
//
// Reimers, Gurevych, Sentence-BERT, 2019

import Foundation
import Strata
import Support

let folder = "all-minilm-l6-v2"
let vocabulary = available { try Files.lines(of: DataCatalog.path("\(folder)/vocab.txt")) }
let weights = available { try DataCatalog.path("\(folder)/model.safetensors") }

let tokenizer = try WordPieceTokenizer(
  vocabulary: vocabulary, sequenceLength: 256, padToSequenceLength: false, lowercase: true,
  stripAccents: true, startToken: "[CLS]", endToken: "[SEP]", padToken: "[PAD]")
let model = try makeModel()
try model.loadBERT(from: weights)
print(model.summary())

let sentences = lines(PackageResources.sentences_txt)
for sentence in sentences.prefix(3) {
  print("\(sentence)\n  \(tokenizer.tokens(for: sentence).joined(separator: " "))")
}
let embeddings = try model.predict(tokenizer(sentences))

// Vectors of length 1: their product is the cosine of the angle between them.
func cosine(_ a: [Float], _ b: [Float]) -> Double {
  zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

print("\nHow much alike two sentences are, in percent:")
let vectors = rows(embeddings)
for (index, vector) in vectors.enumerated() {
  let row = vectors.prefix(index + 1).map { String(format: "%4.0f", 100 * cosine($0, vector)) }
  print(row.joined(), " ", sentences[index].prefix(50))
}

let query = "Which animal is asleep on the carpet?"
let asked = rows(try model.predict(tokenizer([query])))[0]
let found = vectors.map { cosine($0, asked) }.enumerated().sorted { $0.element > $1.element }
print("\n\(query)")
for (index, likeness) in found.prefix(3) {
  print("  \(rounded(likeness, 3))  \(sentences[index].prefix(70))")
}

let batch = tokenizer((0..<64).map { sentences[$0 % sentences.count] })
let times = try (0..<3).map { _ in
  try ContinuousClock().measure { _ = try model.predict(batch, batchSize: 64) }
}
let seconds = rounded((times.min() ?? .zero) / .seconds(1), 2)
print("\n64 sentences, filled up to \(batch.shape[1]) pieces, take \(seconds) s.")

// What PyTorch and Hugging Face's tokenizers make of the same sentences.
let expected = rows(try NumPy.array(Data(PackageResources.embeddings_npy)))
let worst = zip(vectors, expected).map { cosine($0, $1) }.min() ?? 0
let sameTokens = zip(sentences, lines(PackageResources.tokens_txt)).allSatisfy {
  tokenizer.tokens(for: $0) == $1.split(separator: " ").map(String.init)
}
print("The cosine to PyTorch's vectors is at least \(rounded(worst, 7)).")
demand(sameTokens, "the pieces of Hugging Face's tokenizers")
demand(worst > 0.9999 && worst < 1.0001, "a cosine above 0.9999 to PyTorch's vectors")
demand(found[0].offset == 1, "the answer to the question")

/// The rows of a matrix.
func rows(_ matrix: Tensor) -> [[Float]] {
  let (numbers, size) = (matrix.scalars(as: Float.self), matrix.shape[1])
  return (0..<matrix.shape[0]).map { Array(numbers[$0 * size..<($0 + 1) * size]) }
}

/// The lines of a text that is part of the program.
func lines(_ text: [UInt8]) -> [String] {
  text.split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
}
