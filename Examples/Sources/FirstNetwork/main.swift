// The network every introduction begins with: features in, a hidden layer, a category out.

import Foundation
import Strata

let features = ["weight", "height", "ears"]  // 100 kg, meters, from 0 = round to 1 = pointed
let categories = ["cat", "dog", "human"]

// Sixty animals near their category's usual measures; a sine scatters them.
let usual: [[Float]] = [[0.04, 0.25, 0.9], [0.25, 0.55, 0.6], [0.70, 1.70, 0.1]]
let spread: [Float] = [0.3, 0.2, 0.2]
let animals = (0..<60).map { animal in
  (0..<3).map { usual[animal % 3][$0] * (1 + spread[$0] * sin(Float(7 * animal + 3 * $0))) }
}
let x = Tensor([60, 3], animals.flatMap { $0 })
let y = Tensor([60], (0..<60).map { Int32($0 % 3) })

let model = try Model(input: [3], name: "first_network", seed: 4) {
  Dense(4, activation: .relu, name: "hidden")
  Dense(3, activation: .softmax, name: "output")
}
try model.compile(
  optimizer: .adam(learningRate: 0.05), loss: .sparseCategoricalCrossentropy,
  metrics: [.accuracy])

let rex = Tensor([3], [0.30, 0.60, 0.5] as [Float])

func show(_ title: String, _ model: Model) throws {
  print("\(title)\n")
  print(try model.explain(layer: "hidden", unit: 0, input: rex, inputNames: features))
  print()
  let probabilities = try model.predict(rex.reshaped([1, 3])).numbers
  for (category, probability) in zip(categories, probabilities) {
    let bar = String(repeating: "▇", count: Int(30 * probability))
    let name = category.padding(toLength: 6, withPad: " ", startingAt: 0)
    print(String(format: "  %5.1f %%", 100 * probability), name, bar)
  }
  print()
}

try show("Rex weighs 30 kg and is 60 cm tall. Before training:", model)

print("epoch    loss  accuracy  hidden/kernel[0, 0]")
for epoch in 1...30 {
  let logs = try model.fit(x, y, batchSize: 10, epochs: 1, verbose: .silent).epochs[0].logs
  guard epoch % 5 == 0 || epoch == 1 else { continue }
  let weight = model.weights["hidden/kernel"]?.numbers[0] ?? 0
  print(
    String(
      format: "%5d  %6.3f  %8.2f  %19.3f", epoch, logs["loss"] ?? 0, logs["accuracy"] ?? 0, weight))
}

try show("\nAfter training:", model)

let picture = try model.plot(sample: rex, inputNames: features, outputNames: categories)
try picture.write(toFile: "first_network.svg", atomically: true, encoding: .utf8)
print("The network with Rex in it: first_network.svg")
