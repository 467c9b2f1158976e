import Foundation
import ModelFormats
import Strata
import Testing

@Suite("Files that Keras wrote")
struct KerasReadingTests {
  static let cases = KerasCase.all("keras_files")

  @Test("are there")
  func present() { #expect(KerasCase.all("keras_files").count == 69) }

  @Test("with penalties and constraints have them, and train on")
  func regularized() throws {
    let golden = try #require(KerasCase.all("keras_files").first { $0.name == "layer_regularized" })
    let model = try Model.load(from: golden.file("file"))
    #expect(model.declarations.map(\.constraint) == [.maxNorm(2), nil])
    try model.compile(optimizer: .sgd(learningRate: 10), loss: .meanSquaredError)
    let x = try golden.arrays()["input.0"] ?? Tensor(Float(0))
    let y = Tensor(TensorType(.float32, [3, 3]), repeating: 9)
    let before = try model.evaluate(x, y)["loss"] ?? 0
    let squares = model.weights["dense/kernel"]?.numbers.reduce(0) { $0 + $1 * $1 } ?? 0
    let errors = try model.predict(x).numbers.reduce(0) { $0 + ($1 - 9) * ($1 - 9) }
    #expect(abs(before - errors / 9 - 0.01 * squares) < 1e-4)
    try model.fit(x, y, epochs: 2, verbose: .silent)
    let kernel = try #require(model.weights["dense/kernel"]).numbers
    for unit in 0..<3 {
      let squares = stride(from: unit, to: 15, by: 3).reduce(0) { $0 + kernel[$1] * kernel[$1] }
      #expect(squares.squareRoot() < 2.00001)
    }
  }

  @Test("give models that compute what Keras computed", arguments: cases)
  func predictions(_ golden: KerasCase) throws {
    let arrays = try golden.arrays()
    let model = try Model.load(from: golden.file("file"), compile: false)
    let weights = golden.entry["weights"]?.array ?? []
    let layout = try WeightLayout(model).weights
    #expect(layout.count == weights.count)
    for (index, weight) in zip(layout, weights) {
      let expected = try #require(weight["array"]?.string.flatMap { arrays[$0] })
      #expect(model.variables[index] == expected, "\(weight)")
      #expect(model.isTrainable(index) == (weight["trainable"] == .bool(true)), "\(weight)")
    }
    let inputs = try golden.names("inputs").map { try #require(arrays[$0]) }
    let outputs = try model.predict(inputs)
    #expect(outputs.count == golden.names("outputs").count)
    for (output, name) in zip(outputs, golden.names("outputs")) {
      #expect(largestDifference(output, try #require(arrays[name])) < 1e-5, "\(name)")
    }
  }

  @Test("give compiled models that measure what Keras measured", arguments: cases)
  func evaluation(_ golden: KerasCase) throws {
    guard golden.entry["compiled"] == .bool(true) else { return }
    let arrays = try golden.arrays()
    let model = try Model.load(from: golden.file("file"))
    let stored = golden.entry["optimizer_variables"]?.array ?? []
    let ours = try #require(OptimizerLayout(model, WeightLayout(model))).values(of: model)
    #expect(ours.count == stored.count)
    for (variable, entry) in zip(ours, stored) {
      let expected = try #require(entry["array"]?.string.flatMap { arrays[$0] })
      #expect(variable == expected.cast(to: variable.dtype), "\(entry)")
    }
    guard let evaluation = golden.entry["evaluation"]?.object else { return }
    let targets = golden.entry["targets"]?.object ?? [:]
    let names = targets.keys.contains("") ? [""] : model.structure.outputNames
    let data = try TrainingData(
      inputs: golden.names("inputs").map { try #require(arrays[$0]) },
      targets: names.map { try #require(targets[$0]?.string.flatMap { arrays[$0] }) },
      targetNames: names == [""] ? [] : names)
    let logs = try model.evaluate(data)
    #expect(Set(logs.keys) == Set(evaluation.keys))
    for (name, value) in evaluation {
      let expected = try #require(value.number)
      let got = try #require(logs[name])
      #expect((got - expected).magnitude < 1e-5 * max(1, expected.magnitude), "\(name)")
    }
  }
}

extension JSONValue {
  /// The number, of one.
  var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}
