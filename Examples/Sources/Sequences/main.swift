// Sequences of different lengths: masked where they have ended, an open size in the model.

import Strata

// Each step is a number; a sequence is of class 1 if its numbers sum to more than zero. What comes
// after its end is filled with -9, and must not count.
let (count, longest, filler) = (800, 12, Float(-9))

func sequence(_ index: Int) -> (steps: [Float], label: Int32) {
  let length = 3 + index * 5 % (longest - 2)
  let steps = (0..<length).map { Float((index * 37 + $0 * 53 + index * $0 * 11) % 101) / 50 - 1 }
  let padding = [Float](repeating: filler, count: longest - length)
  return (steps + padding, steps.reduce(0, +) > 0 ? 1 : 0)
}

let sequences = (0..<count).map(sequence)
let x = Tensor([count, longest, 1], sequences.flatMap(\.steps))
let y = Tensor([count], sequences.map(\.label))

let model = try Model(input: [nil, 1], seed: 2) {
  Masking(maskValue: Double(filler))
  GRU(16)
  Dense(2, activation: .softmax)
}
print(model.summary())

try model.compile(
  optimizer: .adam(learningRate: 0.01), loss: .sparseCategoricalCrossentropy,
  metrics: [.accuracy])
try model.fit(x, y, epochs: 8, validationSplit: 0.1, verbose: .linePerEpoch)

// The length is open: a short sequence needs no padding, and padding changes nothing.
let short = try model.predict(Tensor([1, 3, 1], [0.5, -0.2, 0.4] as [Float])).numbers[1]
let padded = try model.predict(
  Tensor([1, 5, 1], [0.5, -0.2, 0.4, filler, filler] as [Float])
).numbers[1]
print("P(0.5 - 0.2 + 0.4 > 0) = \(short), with padding \(padded)")
