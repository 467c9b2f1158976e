// Pictures of clothes in ten categories: a convolutional network.

import Strata
import Support

let clothes = available { try FashionMNIST.load() }
let training = part(of: clothes.training), test = clothes.test

let model = try Model(input: [28, 28], dtype: .uint8, name: "cnn", seed: 1) {
  Reshape([28, 28, 1])
  Rescaling(1 / 255.0)
  Conv2D(32, kernelSize: 3, padding: .same, activation: .relu)
  MaxPooling2D(2)
  Conv2D(64, kernelSize: 3, padding: .same, activation: .relu)
  MaxPooling2D(2)
  Flatten()
  Dropout(0.3)
  Dense(128, activation: .relu)
  Dropout(0.3)
  Dense(10, activation: .softmax)
}
print(model.summary())

try model.compile(
  optimizer: .adam(learningRate: 1e-3), loss: .sparseCategoricalCrossentropy,
  metrics: [.accuracy])
try model.fit(
  training, batchSize: 128, epochs: part(of: 10), validationSplit: 0.1, verbose: .linePerEpoch)

let scores = try model.evaluate(test, batchSize: 256)
let accuracy = scores["accuracy"] ?? 0
print("Of \(test.sampleCount) other pictures \(percent(accuracy)) are named correctly.")

let names = test.classNames
let probabilities = try model.predict(test.inputs[0].rows(0..<5)).numbers
for (sample, label) in test.targets[0].rows(0..<5).scalars(as: Int32.self).enumerated() {
  let row = probabilities[10 * sample..<10 * sample + 10]
  let (best, probability) = zip(names, row).max { $0.1 < $1.1 } ?? ("nothing", 0)
  print("  \(names[Int(label)]): \(best), \(percent(probability))")
}
demand(accuracy > 0.91, orForAPart: accuracy > 0.3, "accuracy above 0.91")
