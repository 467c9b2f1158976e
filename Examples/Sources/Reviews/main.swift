// Did they like the film? Reviews, from text to a probability.
//
// Maas et al., Learning Word Vectors for Sentiment Analysis, 2011

import Strata
import Support

// 24 904 different reviews in random order, of which a fifth is for the test.
let reviews = try DataCatalog.dataset(named: "imdb-reviews")
let training = available { part(of: try reviews.load(.training)) }
let test = available { part(of: try reviews.load(.test)) }

// The 20 000 most frequent words get numbers, all others share one. Of a review the first 250 words
// are used; shorter ones get zeros behind them, which the network does not see.
let length = 250
let vectorize = try TextVectorization(maxTokens: 20_000, outputSequenceLength: length)
  .adapted(to: training.inputs[0])
print("The most frequent words:", vectorize.words[2..<12].joined(separator: ", "))

let model = try Model(input: [length], dtype: .int32, name: "reviews", seed: 1) {
  Embedding(vectorize.vocabularySize, 64, maskZero: true)
  Dropout(0.4)
  Bidirectional(GRU(32))
  Dropout(0.4)
  Dense(1, activation: .sigmoid)
}
print(model.summary())

func numbered(_ data: TrainingData) throws -> TrainingData {
  try TrainingData(
    x: vectorize(data.inputs[0]), y: data.targets[0].reshaped([data.sampleCount, 1]))
}
try model.compile(
  optimizer: .adam(learningRate: 1e-3), loss: .binaryCrossentropy, metrics: [.accuracy])
let history = try model.fit(
  numbered(training), batchSize: 64, epochs: max(2, part(of: 4)), validationSplit: 0.1,
  callbacks: [EarlyStopping(patience: 1, restoreBestWeights: true)], verbose: .linePerEpoch)

let scores = try model.evaluate(numbered(test), batchSize: 256)
let accuracy = scores["accuracy"] ?? 0
print("Of \(test.sampleCount) other reviews \(percent(accuracy)) are understood.")

let own = [
  "A wonderful film: warm, clever, and the best acting I have seen in years.",
  "Two hours of my life that I will never get back. Dull, predictable, badly acted.",
]
for (text, probability) in zip(own, try model.predict(vectorize(Tensor(own))).numbers) {
  print("  liked with a probability of \(percent(probability)): \(text)")
}
let loss = history["loss"]
demand(
  accuracy > 0.86, orForAPart: loss[loss.count - 1] < loss[0], "accuracy above 0.86")
