import Foundation
import ModelFormats
import Strata
import Testing

@Suite("Files in the dialects of Keras 1 and 2, and older files of Keras 3")
struct LegacyDialectTests {
  static let cases = KerasCase.all("legacy_files")

  @Test("are there")
  func present() { #expect(KerasCase.all("legacy_files").count == 7) }

  private func predict(_ model: Model, _ golden: KerasCase) throws -> [Tensor] {
    let arrays = try golden.arrays()
    return try model.predict(golden.names("inputs").map { try #require(arrays[$0]) })
  }

  @Test("give models that compute what Keras computes", arguments: cases)
  func predictions(_ golden: KerasCase) throws {
    let model = try Model.load(from: golden.file("file"))
    let arrays = try golden.arrays(), outputs = try predict(model, golden)
    #expect(outputs.count == golden.names("outputs").count)
    for (output, name) in zip(outputs, golden.names("outputs")) {
      #expect(largestDifference(output, try #require(arrays[name])) < 1e-5, "\(name)")
    }
  }

  @Test("give compiled models that measure and train on as Keras does", arguments: cases)
  func training(_ golden: KerasCase) throws {
    guard let evaluation = golden.entry["evaluation"]?.object else { return }
    let arrays = try golden.arrays()
    let model = try Model.load(from: golden.file("file"))
    #expect(model.iterations == 2)
    let data = try TrainingData(
      inputs: golden.names("inputs").map { try #require(arrays[$0]) },
      targets: [#require(arrays["target"])])
    let logs = try model.evaluate(data)
    #expect(Set(logs.keys) == Set(evaluation.keys))
    for (name, value) in evaluation {
      let (ours, theirs) = try (#require(logs[name]), #require(value.number))
      #expect((ours - theirs).magnitude < 1e-5 * max(1, theirs.magnitude), "\(name)")
    }
    try model.fit(data, batchSize: 4, epochs: 3, shuffle: false, verbose: .silent)
    #expect(try largestDifference(predict(model, golden)[0], #require(arrays["after"])) < 1e-5)
  }

  @Test("are the same models in files of today", arguments: cases)
  func rewritten(_ golden: KerasCase) throws {
    let model = try Model.load(from: golden.file("file"))
    for data in [try KerasFile.data(of: model), try LegacyKerasFile.data(of: model)] {
      let again =
        HDF5File.isHDF5(data)
        ? try LegacyKerasFile.model(data, engine: model.engine)
        : try KerasFile.model(data, engine: model.engine)
      #expect(everything(in: again) == everything(in: model))
      #expect(try predict(again, golden) == predict(model, golden))
    }
  }
}
