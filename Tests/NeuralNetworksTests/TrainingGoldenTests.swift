import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph
import Testing

@Suite struct TrainingGoldenTests {
  // Arguments of a test cannot throw.
  // swift-format-ignore: NeverUseForceTry
  private static let cases = try! TrainingGolden.all("training")

  @Test("five steps as in Keras", arguments: cases)
  func golden(_ golden: TrainingGolden) throws {
    let arrays = try golden.arrays()
    let model = try model(golden.entry["before"]?.string ?? "")
    try model.compile(
      CompileSettings(
        golden.entry["compile_config"] ?? nil, outputNames: model.structure.outputNames))

    func step(_ name: String, _ step: Int) throws -> Tensor {
      let all = try arrays.array(name)
      let one = all.rows(step..<step + 1)
      return one.reshaped(Shape(Array(all.shape.dims.dropFirst())))
    }
    let names = golden.entry["inputs"]?.array?.compactMap(\.string) ?? []
    let first = try names.map { try step($0, 0) }
    #expect(distance(try model.predict(first)[0], try arrays.array("predictions_before")) < 1e-5)
    for index in 0..<(golden.entry["steps"]?.int ?? 0) {
      let weights = golden.entry["sample_weight"] == true
      let data = try TrainingData(
        inputs: names.map { try step($0, index) }, targets: [step("target", index)],
        sampleWeights: weights ? [step("sample_weight", index)] : [])
      let history = try model.fit(data, shuffle: false, verbose: .silent)
      let loss = try arrays.array("losses").numbers[index]
      #expect((history["loss"][0] - loss).magnitude < 2e-5 * max(loss, 1), "loss \(index)")
      let accuracy = try arrays.array("accuracies").numbers[index]
      #expect((history["accuracy"][0] - accuracy).magnitude < 1e-6, "accuracy \(index)")
    }
    let trained = try self.model(golden.entry["after"]?.string ?? "")
    for (path, expected) in trained.weights where !Self.undetermined(golden, path) {
      let weight = try #require(model.weights[path])
      #expect(distance(weight, expected) < 2e-4, "\(path)")
    }
    if !golden.name.hasPrefix("residual") {
      let after = distance(try model.predict(first)[0], try arrays.array("predictions_after"))
      #expect(after < 2e-4)
    }
    let optimizer = golden.entry["optimizer_variables"]?.array?.count
    #expect(model.optimizerVariables.count == optimizer)
  }

  /// Whether the loss does not depend on a weight: a bias before a batch normalization. Its gradient
  /// is rounding noise, of which Adam makes whole steps.
  private static func undetermined(_ golden: TrainingGolden, _ path: String) -> Bool {
    golden.name.hasPrefix("residual") && ["conv_1/bias", "conv_2/bias"].contains(path)
  }

  /// The model in a file of Keras.
  private func model(_ name: String) throws -> Model {
    let file = try ZipReader(
      Data(contentsOf: TrainingGolden.folder("training").appending(path: name)))
    let model = try Model(
      NetworkConfiguration(JSONValue(parsing: file.bytes(of: "config.json"))),
      engine: ReferenceEngine(), drawsWeights: false)
    try load(HDF5File(image: file.bytes(of: "model.weights.h5")), into: model)
    return model
  }

  /// Gives the weights their values in a file of Keras, whose order within a layer is ours.
  private func load(_ file: HDF5File, into model: Model) throws {
    var groups: [String: [String]] = [:]
    for path in try file.datasets()
    where !path.hasPrefix("optimizer") && !path.hasPrefix("/optimizer") {
      let parts = path.split(separator: "/").map(String.init)
      guard let layers = parts.firstIndex(of: "layers"), layers + 1 < parts.count else { continue }
      groups[parts[layers + 1], default: []].append(path)
    }
    var weights = model.weights
    // Files number layers by class, whatever they are named.
    var counts: [String: Int] = [:], titles: [Substring: String] = [:]
    for entry in model.structure.layers where !entry.path.contains("/") {
      let base = entry.layer.className.snakeCased
      let count = counts[base, default: 0]
      counts[base] = count + 1
      titles[entry.path[...]] = count == 0 ? base : "\(base)_\(count)"
    }
    for layer in Set(weights.keys.map { $0.split(separator: "/")[0] }) {
      let own = weights.keys.filter { $0.split(separator: "/")[0] == layer }
      let stored = try #require(groups[titles[layer] ?? ""], "\(layer) of \(groups.keys.sorted())")
      // Weights of parts, such as an attention's query, are found by the name of the part.
      var used: Set<String> = []
      for path in own {
        let parts = path.split(separator: "/").map(String.init)
        let part = parts.count > 2 ? parts[1] : nil
        let candidates = stored.filter { path in
          guard let part else { return true }
          return path.contains("/\(part.replacing("attention_", with: ""))_dense/")
            || path.contains("/\(part)")
            || (part.hasPrefix("forward") && path.contains("/forward_layer/"))
            || (part.hasPrefix("backward") && path.contains("/backward_layer/"))
        }
        let name = try #require(
          candidates.sorted().first { !used.contains($0) }, "\(path) among \(stored)")
        used.insert(name)
        weights[path] = try file.tensor(name)
      }
    }
    try model.setWeights(weights)
  }
}
