// How many sunspots will there be next year? An LSTM looks at 24 years, from 1700 on.

import Strata
import Support

let path = available { try DataCatalog.path("sunspots/sunspots.csv") }
let table = try CSVTable(Files.contents(of: path), file: path)
let years = try table.trainingData(target: "SUNACTIVITY", as: .numbers)
let hundreds = years.targets[0].scalars(as: Float.self).map { $0 / 100 }
let series = Tensor([hundreds.count, 1], hundreds)

// The window at i holds the years from i on; its target is the year after them. What comes after
// 1949 is for the test, and no window that is learned from reaches into it.
let window = 24, end = 1950 - 1700, count = hundreds.count
let training = try Dataset(
  timeSeries: series.rows(0..<end), targets: series.rows(window..<end), sequenceLength: window)
let test = try Dataset(
  timeSeries: series.rows(end - window..<count), targets: series.rows(end..<count),
  sequenceLength: window)

let model = try Model(input: [window, 1], name: "sunspots", seed: 1) {
  LSTM(32, returnSequences: true)
  LSTM(32)
  Dense(1)
}
print(model.summary())

try model.compile(
  optimizer: .adam(learningRate: 2e-3), loss: .meanSquaredError, metrics: [.rootMeanSquaredError])
let epochs = max(5, part(of: 150))
let history = try model.fit(training.shuffle().batch(16), epochs: epochs, verbose: .silent)
for epoch in stride(from: 0, to: epochs, by: max(1, epochs / 5)) {
  print("epoch \(epoch + 1): loss \(rounded(history["loss"][epoch], 4))")
}

let forecasts = try model.predict(test.batch(64)).numbers.map { 100 * $0 }
let truth = hundreds[end...].map { 100 * Double($0) }
let lastYear = hundreds[(end - 1)..<(count - 1)].map { 100 * Double($0) }

func error(_ forecasts: [Double]) -> Double {
  let squares = zip(forecasts, truth).map { ($0 - $1) * ($0 - $1) }
  return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
}

print("year  sunspots  forecast  year before")
for index in stride(from: 0, to: truth.count, by: 6) {
  print(
    1950 + index, rounded(truth[index], 1), rounded(forecasts[index], 1),
    rounded(lastYear[index], 1), separator: "  ")
}
let ours = error(forecasts), naive = error(lastYear)
print("RMS error over \(truth.count) years from 1950: \(rounded(ours, 1)) sunspots")
print("of the forecast that nothing changes:     \(rounded(naive, 1))")
demand(
  ours < 0.75 * naive, orForAPart: history["loss"][epochs - 1] < history["loss"][0],
  "an error at least a quarter below the naive forecast's")
