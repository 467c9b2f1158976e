// Pictures of clothes in ten categories: a dense network learns them in an epoch.

import Foundation
import Strata

let clothes: (training: TrainingData, test: TrainingData)
do {
  clothes = try FashionMNIST.load()
} catch {
  print("\(error)\nThis example needs the pictures.")
  exit(0)
}

let model = try Model(input: [28, 28], dtype: .uint8, name: "mlp", seed: 1) {
  Rescaling(1 / 255.0)
  Flatten()
  Dense(128, activation: .relu)
  Dropout(0.2)
  Dense(10, activation: .softmax)
}
print(model.summary())

try model.compile(
  optimizer: "adam", loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
try model.fit(clothes.training, epochs: 1, validationSplit: 0.1, verbose: .linePerEpoch)

let scores = try model.evaluate(clothes.test, batchSize: 256)
print("Of the test pictures \(Int(100 * (scores["accuracy"] ?? 0))) % are named correctly.")

let names = clothes.test.classNames
let probabilities = try model.predict(clothes.test.inputs[0].rows(0..<5)).numbers
for (sample, label) in clothes.test.targets[0].rows(0..<5).scalars(as: Int32.self).enumerated() {
  let row = probabilities[10 * sample..<10 * sample + 10]
  let (best, probability) = zip(names, row).max { $0.1 < $1.1 } ?? ("nothing", 0)
  print("\(names[Int(label)]): \(best), \(Int(100 * probability)) %")
}
