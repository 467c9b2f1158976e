import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph
import Testing

@Suite struct MetricsTests {
  /// A metric that Keras computed over three batches.
  struct Golden: Sendable, CustomStringConvertible {
    let entry: JSONValue
    var description: String { entry["name"]?.string ?? "" }
    /// The array `name`, if the case has it.
    subscript(name: String) -> Tensor? { MetricsTests.arrays["\(description)/\(name)"] }
  }

  private static func cases(_ file: String) throws -> [JSONValue] {
    let index = try JSONValue(
      parsing: Data(contentsOf: TrainingGolden.folder("metrics").appending(path: file)))
    return index["cases"]?.array ?? []
  }

  // Arguments of a test cannot throw.
  // swift-format-ignore: NeverUseForceTry
  private static let cases = try! cases("metrics.json").map { Golden(entry: $0) }
  // swift-format-ignore: NeverUseForceTry
  private static let arrays = Dictionary(
    uniqueKeysWithValues: try! NumPy.archive(
      path: TrainingGolden.folder("metrics").appending(path: "metrics.npz").path()
    ).map { ($0.name, $0.tensor) })

  /// The metric of a case, read from Keras's file or chosen by its name.
  private func choice(_ golden: Golden) throws -> MetricChoice {
    if let name = golden.entry["identifier"]?.string { return .named(name) }
    let settings = try CompileSettings(
      ["loss": "mse", "metrics": [golden.entry["config"] ?? nil]], outputNames: ["y"])
    guard case .all(let metrics) = settings.metrics, let metric = metrics.first else {
      throw FormatError("there is no metric")
    }
    return metric
  }

  @Test("running results as in Keras", arguments: cases)
  func golden(_ golden: Golden) throws {
    let choice = try choice(golden)
    #expect(choice.name == golden.entry["resolved"]?.string)
    for variant in golden.entry["variants"]?.array ?? [] {
      let prefix = variant["prefix"]?.string ?? ""
      let metric = try RunningMetric(choice, engine: ReferenceEngine())
      for batch in 0..<3 {
        let prediction = try #require(golden["y_pred.\(batch)"])
        let target = golden["y_true.\(batch)"] ?? prediction
        let resolved = try choice.resolved(target: target.shape, prediction: prediction.shape)
        #expect(resolved.className == golden.entry["class_name"]?.string)
        try metric.update(
          target, prediction, sampleWeight: golden["\(prefix)sample_weight.\(batch)"],
          mask: golden["\(prefix)mask.\(batch)"])
        let expected = try #require(golden["\(prefix)result.\(batch)"]).numbers
        #expect(metric.results.count == expected.count)
        for (result, expected) in zip(metric.results, expected) {
          #expect(
            (result - expected).magnitude <= 1e-6 * max(1, expected.magnitude),
            "\(prefix)\(batch): \(result), not \(expected)")
        }
      }
    }
  }

  @Test(
    "hyperparameters in files as in Keras's",
    arguments: cases.filter { $0.entry["config"] != nil })
  func files(_ golden: Golden) throws {
    let metric = try choice(golden)
    let written = try CompileSettings(loss: .all("mse"), metrics: .all([metric])).json()
    let object = try #require(written["metrics"]?.array?.first)
    #expect(object["class_name"]?.string == golden.entry["class_name"]?.string)
    #expect(object["module"]?.string == "keras.metrics")
    let config = try #require(object["config"]?.object)
    let expected = try #require(golden.entry["config"]?["config"]?.object)
    // Keras does not say them, or not when they are the default, or as a tensor.
    let others = [
      "dtype", "axis", "num_thresholds", "thresholds", "label_weights", "from_sorted_ids",
    ]
    #expect(
      Set(config.keys).subtracting(others) == Set(expected.keys).subtracting(others),
      "\(config.keys.sorted()), not \(expected.keys.sorted())")
    for (key, value) in config where !others.contains(key) {
      let wanted = number(expected[key] ?? .null), got = number(value)
      #expect(got == wanted, "\(key)")
    }
    let again = try CompileSettings(written, outputNames: ["y"])
    guard case .all(let metrics) = again.metrics, case .value(let read)? = metrics.first,
      case .value(let first) = metric
    else { throw FormatError("there is no metric") }
    func isEqual<M: Metric>(_ metric: M) -> Bool { metric == read as? M }
    let isSame = isEqual(first)
    #expect(isSame)
  }

  /// `value` with whole numbers as those with a fraction.
  private func number(_ value: JSONValue) -> JSONValue {
    if case .int(let whole) = value { return .number(Double(whole)) }
    return value.array.map { .array($0.map(number)) } ?? value
  }

  @Test("every string that Keras knows is known")
  func names() throws {
    let names = try Self.cases("names.json")
    #expect(names.count > 80)
    for entry in names {
      let name = try #require(entry["name"]?.string), choice = MetricChoice.named(name)
      if name.lowercased() != "accuracy" {  // by the shapes
        let metric = try choice.resolved(target: [2, 3], prediction: [2, 3])
        #expect(metric.className == entry["class_name"]?.string, "\(name)")
      }
      if entry["is_complete"] == true {
        try choice.check()
      } else {
        #expect(throws: GraphError.self, "\(name)") { try choice.check() }
      }
    }
  }

  @Test("a name that is like one, and one that needs more")
  func mistakenNames() {
    #expect(throws: GraphError("there is no metric accurcy", hint: "did you mean accuracy?")) {
      try MetricChoice.named("accurcy").check()
    }
    #expect(
      throws: GraphError(
        "the metric MeanIoU needs its hyperparameters: MeanIoU needs from 1 to 4096 classes, not 0",
        hint: "write it as a value instead of its name")
    ) { try MetricChoice.named("MeanIoU").check() }
  }
}
