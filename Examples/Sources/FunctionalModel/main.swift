// A model with two inputs and a shared layer: are two points of the same cloud?

import Foundation
import Strata

// Pairs of points of four clouds; every second pair is of one cloud.
let points = try SyntheticData.blobs(samples: 4000, classes: 4, features: 8, deviation: 1)
let (features, clouds) = (points.inputs[0].numbers.map(Float.init), points.targets[0].numbers)
let pairs = (0..<2000).map { pair in
  let first = pair * 1999 % 4000
  let step = pair % 2 == 0 ? 4 : 1 + pair / 2 % 3  // classes take turns, four by four
  return (first, (first + step) % 4000)
}

func side(_ index: KeyPath<(Int, Int), Int>) -> Tensor {
  let rows = pairs.map { 8 * $0[keyPath: index] }
  return Tensor([2000, 8], rows.flatMap { features[$0..<$0 + 8] })
}

let same = Tensor([2000, 1], pairs.map { Float(clouds[$0.0] == clouds[$0.1] ? 1 : 0) })
let data = try TrainingData(inputs: [side(\.0), side(\.1)], targets: [same])

let left = Input([8], name: "left"), right = Input([8], name: "right")
let tower = Dense(16, activation: .tanh, name: "tower")  // called twice: one set of weights
let (a, b) = (tower(left), tower(right))
let joined = Concatenate()([Multiply()([a, b]), Subtract()([a, b])])
let hidden = Dense(16, activation: .relu)(joined)
let answer = Dense(1, activation: .sigmoid, name: "same")(hidden)

let model = try Model(inputs: [left, right], outputs: [answer], name: "twins", seed: 1)
print(model.summary(lineLength: 96))

try model.compile(optimizer: "adam", loss: .binaryCrossentropy, metrics: [.accuracy])
try model.fit(data, epochs: 5, validationSplit: 0.2, verbose: .linePerEpoch)
try model.plot().write(toFile: "twins.svg", atomically: true, encoding: .utf8)
print("The layers and their connections: twins.svg")
