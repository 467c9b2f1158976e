// Flowers in three species by four lengths: a table, from raw centimeters to unseen flowers.

import Strata
import Support

let flowers = try DataCatalog.dataset(named: "iris")
let training = try flowers.load(.training), test = try flowers.load(.test)

// The layer finds mean and spread of each column before training. It is a part of the model: whoever
// uses that gives centimeters.
let normalize = try Normalization().adapted(to: training.inputs[0])

let model = try Model(input: [4], name: "iris", seed: 1) {
  normalize
  Dense(16, activation: .relu)
  Dense(3, activation: .softmax)
}
print(model.summary())

try model.compile(
  optimizer: .adam(learningRate: 0.01), loss: .sparseCategoricalCrossentropy,
  metrics: [.accuracy])

// A fifth of the training flowers tells when to stop; the test flowers have no say.
let stopping = EarlyStopping(patience: 20, restoreBestWeights: true)
let history = try model.fit(
  training, batchSize: 16, epochs: 300, validationSplit: 0.2, callbacks: [stopping],
  verbose: .silent)
print("\(history.epochs.count) epochs, the best was number \((stopping.bestEpoch ?? 0) + 1)")

let scores = try model.evaluate(test)
let accuracy = scores["accuracy"] ?? 0
print("Of \(test.sampleCount) other flowers \(percent(accuracy)) are named correctly.")

let probabilities = try model.predict(Tensor([1, 4], [5.9, 3.0, 5.1, 1.8] as [Float])).numbers
for (name, probability) in zip(training.classNames, probabilities) {
  print("  \(name): \(percent(probability))")
}
demand(accuracy > 0.93, "accuracy above 0.93")
