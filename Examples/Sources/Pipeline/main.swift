// A dataset from a stream of numbers to an LSTM: windows of a time series, shuffled, made noisy,
// batched and prepared by other threads while the model trains.

import Foundation
import Strata

// The temperature of every hour: days, years, and weather that drifts.
let hours = 24 * 200
var weather: Float = 0
let temperatures = (0..<hours).map { hour -> Float in
  weather = 0.98 * weather + 0.4 * sin(Float(hour * hour % 1000))
  let time = Float(hour) / 24
  return 10 + 6 * sin(2 * .pi * time) - 9 * cos(2 * .pi * time / 365) + weather
}
let mean = temperatures.reduce(0, +) / Float(hours)
let series = Tensor([hours, 1], temperatures.map { ($0 - mean) / 8 })

// Two days, every other hour, are to tell the temperature six hours after their end.
let (length, rate, ahead) = (24, 2, 6)
let offset = (length - 1) * rate + ahead
func windows(_ range: Range<Int>) throws -> Dataset {
  try Dataset(
    timeSeries: series, targets: series.rows(offset..<hours), sequenceLength: length,
    sequenceStride: 4, samplingRate: rate, startIndex: range.lowerBound,
    endIndex: range.upperBound - ahead)
}
let training = try windows(0..<4000)
  .shuffle(seed: 1)
  .mapRandomly(seed: 2) { sample, random in
    // A thermometer that is not exact.
    let noisy = sample.inputs[0].numbers.map { $0 + .random(in: -0.02...0.02, using: &random) }
    return Sample(Tensor(sample.inputs[0].type, numbers: noisy), sample.targets[0])
  }
  .batch(32, dropRemainder: true)
  .prefetch(8)
let validation = try windows(4000..<hours).batch(64).cache()
print("\(training.count ?? 0) batches to learn from, \(validation.count ?? 0) to measure on")

let model = try Model(input: [length, 1], seed: 1) {
  LSTM(16)
  Dense(1)
}
try model.compile(optimizer: .adam(learningRate: 0.01), loss: .meanSquaredError)
let history = try model.fit(training, epochs: 5, validationData: validation, verbose: .silent)
for report in history.epochs {
  let error = 8 * (report.logs["val_loss"] ?? 0).squareRoot()
  print("epoch \(report.epoch + 1): wrong by \((100 * error).rounded() / 100) degrees")
}

let found = try model.predict(validation, steps: 1).numbers.prefix(3)
let truth = try validation.elements(limit: 1)[0].targets[0].numbers
for (found, truth) in zip(found, truth) {
  let degrees = [found, truth].map { (10 * (8 * $0 + Double(mean))).rounded() / 10 }
  print("expected \(degrees[0]) degrees, measured \(degrees[1])")
}
