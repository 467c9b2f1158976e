import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph
import Testing

/// A loss that Keras computed, with weights and masks or without.
struct LossGolden: Sendable, CustomStringConvertible {
  let entry: JSONValue
  let arrays: [String: Tensor]

  var name: String { entry["name"]?.string ?? "" }
  var description: String { name }

  /// All cases of `Tests/Golden/losses`.
  static func all() throws -> [LossGolden] {
    let folder = TrainingGolden.folder("losses")
    var arrays: [String: [String: Tensor]] = [:]
    for (name, tensor) in try NumPy.archive(path: folder.appending(path: "losses.npz").path()) {
      let parts = name.split(separator: "/").map(String.init)
      arrays[parts[0], default: [:]][parts[1]] = tensor
    }
    let index = try JSONValue(parsing: Data(contentsOf: folder.appending(path: "losses.json")))
    return (index["cases"]?.array ?? []).map {
      LossGolden(entry: $0, arrays: arrays[$0["name"]?.string ?? ""] ?? [:])
    }
  }

  /// What files of Keras have for the loss, with the settings that Keras leaves out of them.
  var config: JSONValue? {
    guard var object = entry["config"]?.object, var config = object["config"]?.object,
      let settings = entry["settings"]?.object
    else { return nil }
    config.merge(settings) { $1 }
    object["config"] = .object(config)
    return .object(object)
  }
}

@Suite("Losses are those of Keras") struct LossesGoldenTests {
  // Arguments of a test cannot throw.
  // swift-format-ignore: NeverUseForceTry
  private static let cases = try! LossGolden.all()

  /// The loss that a file with `config` names.
  private func loss(_ config: JSONValue?) throws -> any Loss {
    let settings = try CompileSettings(["loss": config ?? nil], outputNames: ["y"])
    guard case .all(let choice) = settings.loss else { throw FormatError("no loss") }
    return try choice.resolved()
  }

  @Test("Values and gradients", arguments: cases)
  func golden(_ golden: LossGolden) throws {
    let arrays = golden.arrays
    let loss = try loss(golden.config)
    let target = try arrays.array("y_true"), prediction = try arrays.array("y_pred")
    // Keras makes probabilities of logits before it takes their logarithm.
    let isRounded = golden.name.contains("focal")
    let variants = golden.entry["variants"]?.array ?? []
    #expect(!variants.isEmpty)
    for variant in variants {
      let prefix = variant["prefix"]?.string ?? ""
      let trace = Trace()
      let y = trace.input("y", target.type), p = trace.input("p", prediction.type)
      var fed = [target, prediction], masked = p
      var weight: Symbol?
      if let mask = arrays[prefix + "mask"] {
        masked = p.masked(by: trace.input("mask", mask.type))
        fed.append(mask)
      }
      if let given = arrays[prefix + "sample_weight"] {
        weight = trace.input("weight", given.type)
        fed.append(given)
      }
      let value = loss(y, masked, sampleWeight: weight)
      let each = loss.values(loss.targets.aligned(y, with: p), p)
      let graph = try trace.graph(returning: [value, each] + gradients(of: value, with: [p]))
      let results = try ReferenceEngine().compile(graph).run(fed)
      #expect(
        distance(results[0], try arrays.array(prefix + "value")) < (isRounded ? 2e-5 : 2e-6),
        "\(prefix)value")
      #expect(
        distance(results[2], try arrays.array(prefix + "gradient")) < (isRounded ? 2e-4 : 2e-5),
        "\(prefix)gradient")
      if prefix.isEmpty, let values = arrays["per_sample"] {
        #expect(distance(results[1], values) < (isRounded ? 2e-5 : 2e-6), "values")
      }
    }
  }

  @Test("Files have them as Keras does", arguments: cases)
  func files(_ golden: LossGolden) throws {
    let settings = try CompileSettings(["loss": golden.config ?? nil], outputNames: ["y"])
    let written = try settings.json()["loss"]
    let expected = golden.config
    #expect(written?["class_name"] == expected?["class_name"])
    var own = written?["config"]?.object ?? [:]
    var theirs = expected?["config"]?.object ?? [:]
    own["name"] = nil
    theirs["name"] = nil
    // Keras takes these, but does not write them at their defaults.
    for (key, standard) in ["axis": -1, "delta": 1.0] as [String: JSONValue]
    where theirs[key] == nil && number(own[key] ?? nil) == number(standard) { own[key] = nil }
    #expect(own.mapValues(number) == theirs.mapValues(number))
    // It is read again as the same loss.
    let again = try loss(written)
    #expect(try encoded(again) == encoded(loss(golden.config)))
  }

  private func encoded(_ loss: any Loss) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(loss)
  }

  /// `value` with whole numbers as numbers: 1.0 and 1 are the same setting.
  private func number(_ value: JSONValue) -> JSONValue {
    switch value {
    case .int(let value): .number(Double(value))
    case .array(let values): .array(values.map(number))
    default: value
    }
  }

  @Test("Every loss has a case")
  func every() {
    let present = Set(Self.cases.compactMap { $0.entry["config"]?["class_name"]?.string })
    #expect(present.count == 22)
  }

  @Test("Every name of Keras is known")
  func names() throws {
    let index = try JSONValue(
      parsing: Data(contentsOf: TrainingGolden.folder("losses").appending(path: "names.json")))
    let names = index["cases"]?.array ?? []
    #expect(names.count > 50)
    for entry in names {
      let name = try #require(entry["name"]?.string), expected = try #require(entry["loss"]?.string)
      let found = try LossChoice.named(name).resolved().className
      #expect(found == expected || found.snakeCased == expected, "\(name)")
    }
    // These Keras has as classes alone.
    for name in ["categorical_generalized_cross_entropy", "CategoricalGeneralizedCrossEntropy"] {
      #expect(try LossChoice.named(name).resolved() is CategoricalGeneralizedCrossEntropy)
    }
  }
}
