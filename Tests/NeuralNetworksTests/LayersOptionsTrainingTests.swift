import Foundation
import ModelFormats
import Strata
import Testing

/// Networks with penalties, constraints, frozen layers and element types, as Keras trained them.
@Suite("Options of layers in training, as in Keras")
struct LayersOptionsTrainingTests {
  // Arguments of a test cannot throw.
  // swift-format-ignore: NeverUseForceTry
  private static let all = try! TrainingGolden.all("options")
  static let exact = all.filter { !$0.name.hasPrefix("type_") || $0.name == "type_float64" }
  static let half = all.filter { $0.name.hasPrefix("type_") && $0.name != "type_float64" }

  @Test("Reference engine: five steps", arguments: exact)
  func reference(_ golden: TrainingGolden) throws {
    try check(golden, on: ReferenceEngine(), losses: 1e-5, weights: 1e-5)
  }

  @Test("CPU engine: five steps", arguments: exact)
  func cpu(_ golden: TrainingGolden) throws {
    try check(golden, on: CPUEngine(), losses: 1e-5, weights: 1e-5)
  }

  @Test("Reference engine: five steps in half types", arguments: half)
  func halfReference(_ golden: TrainingGolden) throws {
    try check(golden, on: ReferenceEngine(), losses: 0.03, weights: 0.03)
  }

  @Test("CPU engine: five steps in half types", arguments: half)
  func halfCPU(_ golden: TrainingGolden) throws {
    try check(golden, on: CPUEngine(), losses: 0.03, weights: 0.03)
  }

  private func check(
    _ golden: TrainingGolden, on engine: any Engine, losses: Double, weights: Double
  ) throws {
    let arrays = try golden.arrays()
    let model = try model(golden, "before", engine)
    func step(_ name: String, _ step: Int) throws -> Tensor {
      let all = try arrays.array(name)
      return all.rows(step..<step + 1).reshaped(Shape(Array(all.shape.dims.dropFirst())))
    }
    let names = golden.entry["inputs"]?.array?.compactMap(\.string) ?? []
    func data(_ index: Int) throws -> TrainingData {
      try TrainingData(inputs: names.map { try step($0, index) }, targets: [step("target", index)])
    }
    let first = try names.map { try step($0, 0) }
    let predicted = try model.predict(first)[0].cast(to: .float32)
    #expect(distance(predicted, try arrays.array("predictions_before")) < weights)

    let logs = try model.evaluate(data(0), batchSize: 4)
    for (name, value) in golden.entry["evaluation"]?.object ?? [:] {
      let expected = try value.decoded()
      #expect(
        ((logs[name] ?? .nan) - expected).magnitude < losses * max(1, expected),
        "evaluated \(name)")
    }
    let frozen = Set(golden.entry["frozen"]?.array?.compactMap(\.string) ?? [])
    let before = model.weights
    for index in 0..<(golden.entry["steps"]?.int ?? 0) {
      let history = try model.fit(data(index), shuffle: false, verbose: .silent)
      let expected = try arrays.array("losses").numbers[index]
      #expect(
        (history["loss"][0] - expected).magnitude < losses * max(1, expected), "loss \(index)")
    }
    let trained = try self.model(golden, "after", engine)
    for (path, expected) in trained.weights {
      let weight = try #require(model.weights[path])
      #expect(weight.dtype == expected.dtype, "\(path)")
      #expect(distance(weight, expected) < weights, "\(path)")
      if frozen.contains(path), path.hasPrefix("frozen") {
        #expect(weight == before[path], "\(path)")
      }
    }
    #expect(
      distance(
        try model.predict(first)[0].cast(to: .float32), try arrays.array("predictions_after"))
        < 10 * weights)
  }

  private func model(_ golden: TrainingGolden, _ key: String, _ engine: any Engine) throws -> Model
  {
    let url = TrainingGolden.folder("options").appending(path: golden.entry[key]?.string ?? "")
    return try KerasFile.model(Data(contentsOf: url), engine: engine)
  }
}

extension JSONValue {
  /// The number that this is.
  fileprivate func decoded() throws -> Double {
    switch self {
    case .int(let value): Double(value)
    case .number(let value): value
    default: throw FormatError("expected a number")
    }
  }
}
