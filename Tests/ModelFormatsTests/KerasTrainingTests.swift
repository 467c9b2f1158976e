import Foundation
import Strata
import Testing

@Suite("Training that Keras began")
struct KerasTrainingTests {
  @Test("goes on as in Keras, step by step", arguments: KerasCase.all("training"))
  func training(_ golden: KerasCase) throws {
    let arrays = try golden.arrays()
    let model = try Model.load(from: golden.file("before"))
    let inputs = try golden.names("inputs").map { try #require(arrays[$0]) }
    func step(_ name: String, _ index: Int) throws -> Tensor {
      let all = try #require(arrays[name])
      return all.rows(index..<index + 1).reshaped(Shape(Array(all.shape.dims.dropFirst())))
    }
    func predictions() throws -> Tensor {
      try model.predict(golden.names("inputs").map { try step($0, 0) })[0]
    }
    #expect(
      largestDifference(try predictions(), try #require(arrays["predictions_before"])) < 1e-5)

    let steps = try #require(inputs.first).shape[0]
    #expect(steps == 5)
    let losses = try #require(arrays["losses"]).numbers
    let accuracies = try #require(arrays["accuracies"]).numbers
    for index in 0..<steps {
      let history = try model.fit(
        TrainingData(
          inputs: golden.names("inputs").map { try step($0, index) },
          targets: [step("target", index)],
          sampleWeights: arrays["sample_weight"] == nil ? [] : [step("sample_weight", index)]),
        batchSize: 8, shuffle: false, verbose: .silent)
      let loss = try #require(history["loss"].first)
      #expect((loss - losses[index]).magnitude < 2e-5 * max(1, losses[index]), "step \(index)")
      let accuracy = try #require(history["accuracy"].first)
      #expect((accuracy - accuracies[index]).magnitude < 1e-6, "step \(index)")
    }
    #expect(model.iterations == steps)
    let after = try Model.load(from: golden.file("after"))
    // A bias before a batch normalization has a gradient of rounding errors, and Adam makes whole
    // steps of them, which inference then sees.
    let noise: Set = golden.name.hasPrefix("residual") ? ["conv_1/bias", "conv_2/bias"] : []
    if noise.isEmpty {
      #expect(
        largestDifference(try predictions(), try #require(arrays["predictions_after"])) < 1e-4)
    }
    for (path, weight) in model.weights where !noise.contains(path) {
      #expect(largestDifference(weight, try #require(after.weights[path])) < 1e-4, "\(path)")
    }
    for (ours, theirs) in zip(model.optimizerVariables, after.optimizerVariables) {
      #expect(largestDifference(ours.value, theirs.value) < 1e-4, "\(ours.name)")
    }
  }
}
