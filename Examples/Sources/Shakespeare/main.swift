// A network that reads Shakespeare character by character, and then writes on its own.

import Foundation
import Strata
import Support

// Passages of 100 characters, as numbers, and for each character the one that follows it.
let works = try DataCatalog.dataset(named: "shakespeare")
let training = available { part(of: try works.load(.training)) }
let test = available { part(of: try works.load(.test)) }
let characters = works.classNames

/// The network for batches of `batch` passages. With `stateful` it goes on where it ended.
func network(batch: Int? = nil, length: Int?, stateful: Bool = false) throws -> Model {
  let passage = Input([length], dtype: .int32, batchSize: batch)
  let vectors = Embedding(characters.count, 32)(passage)
  let states = LSTM(256, returnSequences: true, stateful: stateful)(vectors)
  return try Model(inputs: passage, outputs: Dense(characters.count)(states), seed: 1)
}

let reader = try network(length: 100)
print(reader.summary())
try reader.compile(
  optimizer: .adam(learningRate: 3e-3, options: [.clipnorm(1)]),
  loss: .sparseCategoricalCrossentropy(fromLogits: true), metrics: [.accuracy])
let untrained = try reader.evaluate(test, batchSize: 64)["loss"] ?? 0
try reader.fit(training, batchSize: 64, epochs: part(of: 2), verbose: .linePerEpoch)
let scores = try reader.evaluate(test, batchSize: 64)
let loss = scores["loss"] ?? 100
print(
  "The loss for other passages is \(rounded(loss, 3)), before training \(rounded(untrained, 3)):")
print("as if one had to choose among \(rounded(exp(loss), 1)) characters, not \(characters.count).")

// The same weights in a network that takes one character at a time and keeps its state.
let writer = try network(batch: 1, length: 1, stateful: true)
try writer.setWeights(reader.weights)

/// The number of a character drawn from `logits`. A low temperature takes the likely ones.
func draw(
  _ logits: [Double], temperature: Double, using random: inout Generator
) -> Int {
  let largest = logits.max() ?? 0
  let weights = logits.map { exp(($0 - largest) / temperature) }
  var rest = Double.random(in: 0..<weights.reduce(0, +), using: &random)
  return weights.firstIndex { weight in
    rest -= weight
    return rest < 0
  } ?? 0
}

for temperature in [0.5, 0.8] {
  writer.resetStates()
  var text = "O Romeo, "
  var random = Generator(seed: 7)
  var logits: [Double] = []
  func read(_ character: Int) throws {
    logits = try writer.predict(Tensor([1, 1], [Int32(character)])).numbers
  }
  for character in text { try read(characters.firstIndex(of: String(character)) ?? 0) }
  for _ in 0..<part(of: 400) {
    let next = draw(logits, temperature: temperature, using: &random)
    text += characters[next] == "\\n" ? "\n" : characters[next]
    try read(next)
  }
  print("\nTemperature \(temperature):\n\(text)")
}
demand(loss < 1.7, orForAPart: loss < untrained - 0.5, "a loss below 1.7 for passages never read")
