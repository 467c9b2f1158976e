// Who is speaking? Nine men say two vowels: series of 7 to 29 steps with twelve numbers each.
//
// Kudo, Toyama, Shimbo, Multidimensional Curve Classification Using Passing-Through Regions, 1999

import Strata
import Support

let vowels = try DataCatalog.dataset(named: "japanese-vowels")
let training = available { try vowels.load(.training) }, test = available { try vowels.load(.test) }

// Behind the end of a series there are zeros up to the longest. `Masking` marks those steps, and no
// layer after it takes them for speech: the backward LSTM begins at the last step that was spoken.
let model = try Model(input: [nil, 12], name: "vowels", seed: 1) {
  Masking()
  Bidirectional(LSTM(48))
  Dropout(0.4)
  Dense(9, activation: .softmax)
}
print(model.summary())

try model.compile(
  optimizer: .adam(learningRate: 3e-3), loss: .sparseCategoricalCrossentropy,
  metrics: [.accuracy])
let epochs = max(5, part(of: 60))
let history = try model.fit(training, batchSize: 27, epochs: epochs, verbose: .silent)
for epoch in stride(from: 4, to: epochs, by: 5) {
  let logs = history.epochs[epoch].logs
  print("epoch \(epoch + 1): accuracy \(percent(logs["accuracy"] ?? 0))")
}

let scores = try model.evaluate(test)
let accuracy = scores["accuracy"] ?? 0
print("Of \(test.sampleCount) other series \(percent(accuracy)) are of the man who was named.")

// Padding changes nothing: the first series as it was spoken, and with ever more zeros behind it.
let series = test.inputs[0].rows(0..<1)
let spoken = (0..<29).prefix { step in
  series.numbers[12 * step..<12 * step + 12].contains { $0 != 0 }
}
let short = Tensor(
  [1, spoken.count, 12], series.scalars(as: Float.self).prefix(12 * spoken.count).map { $0 })
let a = try model.predict(short).numbers, b = try model.predict(series).numbers
let difference = zip(a, b).map { abs($0 - $1) }.max() ?? 1
print("\(spoken.count) steps, or 29 with zeros: the probabilities differ by \(difference)")

let loss = history["loss"]
demand(
  accuracy > 0.93 && difference < 1e-5,
  orForAPart: loss[epochs - 1] < loss[0] / 1.1 && difference < 1e-5, "accuracy above 0.93")
