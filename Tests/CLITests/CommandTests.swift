import Foundation
import ModelFormats
import NeuralNetworks
import Strata
import TensorGraph
import Testing

@Suite struct CommandTests {
  @Test("evaluate prints the loss and the metrics")
  func evaluate() throws {
    let box = try Sandbox()
    try box.trainIris()
    let text = try box.strata("evaluate", "iris.keras", "--x", "x.npy", "--y", "y.npy")
    #expect(text.status == 0, "\(text.messages)")
    #expect(try #/^loss [\d.]+  accuracy [\d.]+\n$/#.firstMatch(in: text.output) != nil)
    let run = try box.strata(
      "evaluate", "iris.keras", "--x", "x.npy", "--y", "y.npy", "--json", "--batch-size", "7")
    let logs = try run.json()
    #expect(Set(logs.object?.keys.map { $0 } ?? []) == ["loss", "accuracy"])
    let model = try Model.load(from: box.folder.appending(path: "iris.keras").path())
    let expected = try model.evaluate(box.array("x.npy"), box.array("y.npy"), batchSize: 7)
    #expect(run.output.contains("\"loss\": \(expected["loss"] ?? 0),"))
    let other = try box.strata(
      "evaluate", "iris.keras", "--data", "iris", "--metrics",
      "sparse_categorical_crossentropy", "--json")
    #expect(try other.json()["sparse_categorical_crossentropy"] != nil)
  }

  @Test("predict writes an array, or prints a line for each sample")
  func predict() throws {
    let box = try Sandbox()
    try box.trainIris()
    let written = try box.strata("predict", "iris.keras", "--x", "x.npy", "-o", "p.npy")
    #expect(written.status == 0 && written.output.isEmpty, "\(written.messages)")
    let model = try Model.load(from: box.folder.appending(path: "iris.keras").path())
    let expected = try model.predict(box.array("x.npy"))
    #expect(try box.array("p.npy") == expected)
    #expect(try box.strata("predict", "iris.keras", "--x", "x.npy", "-o", "p.npz").status == 0)
    let archive = try NumPy.archive(path: box.folder.appending(path: "p.npz").path())
    #expect(archive.map(\.name) == model.structure.outputNames)
    #expect(archive.map(\.tensor) == [expected])
    let lines = try box.strata("predict", "iris.keras", "--x", "x.npy", "--json")
    #expect(lines.lines.count == 30)
    let first = try lines.json()
    #expect(first["sample"]?.int == 0 && first["output"]?.array?.count == 3)
  }

  @Test("predict writes bfloat16, which NumPy does not have, as float32")
  func predictHalves() throws {
    let box = try Sandbox()
    try box.trainIris()
    let trained = try box.strata(
      "train", "mlp", "--data", "iris", "--epochs", "1", "--precision", "mixed_bfloat16", "-o",
      "half.keras")
    #expect(trained.status == 0, "\(trained.messages)")
    let written = try box.strata("predict", "half.keras", "--x", "x.npy", "-o", "p.npy")
    #expect(written.status == 0 && written.output.isEmpty, "\(written.messages)")
    let model = try Model.load(from: box.folder.appending(path: "half.keras").path())
    let expected = try model.predict(box.array("x.npy"))
    #expect(expected.dtype == .bfloat16)
    #expect(try box.array("p.npy") == expected.cast(to: .float32))
  }

  @Test("predict reads tables, and names the likeliest classes")
  func top() throws {
    let box = try Sandbox()
    try box.trainIris()
    try box.write("a,b,c,d\n5.1,3.5,1.4,0.2\n", "t.csv")
    try box.write("setosa\nversicolor\nvirginica\n", "labels.txt")
    let start = ["predict", "iris.keras", "--x", "t.csv", "--labels", "labels.txt", "--top"]
    let run = try box.strata(start + ["3", "--json"])
    #expect(run.status == 0, "\(run.messages)")
    let best = try run.json()["top"]?.array ?? []
    #expect(Set(best.compactMap { $0["label"]?.string }) == ["setosa", "versicolor", "virginica"])
    #expect(best.first?["class"]?.int != nil && best.first?["value"] != nil)
    let text = try box.strata(start + ["1"])
    #expect(text.lines.count == 1)
    #expect(try box.strata(start + ["4"]).status == 1)
    try box.write("setosa\n", "labels.txt")
    #expect(
      try box.strata(start + ["1"]).messages == """
        error: there are 3 classes and 1 names
          in    labels.txt
          help  write the name of each class on a line of its own, in order

        """)
  }

  @Test("summary prints Keras's table, or an object", arguments: BuiltInModel.all.map(\.name))
  func summary(name: String) throws {
    let text = try Sandbox().strata("summary", name)
    #expect(text.status == 0 && text.output.hasPrefix("Model: \"\(name)\"\n┏━"))
    let object = try Sandbox().strata("summary", name, "--json").json()
    #expect(object["name"]?.string == name)
    #expect(object["flops_per_sample"]?.int ?? 0 > 10_000)
    let parameters = ["mlp": 101_770, "cnn": 34_826, "lstm": 81_674, "transformer": 1_546_250]
    if let count = parameters[name] { #expect(object["trainable"]?["count"]?.int == count) }
  }

  @Test("datasets lists what --data knows")
  func datasets() throws {
    let box = try Sandbox()
    #expect(try box.strata("datasets").lines.count == DataCatalog.all.count)
    let all = try box.strata("datasets", "--json").json().array ?? []
    #expect(all.compactMap { $0["name"]?.string } == DataCatalog.all.map(\.name))
    let one = try box.strata("datasets", "iris", "--json").json()
    #expect(one["license"]?.string == "CC BY 4.0")
    #expect(one["location"] != nil && one["bytes"]?.int == 3000)
    #expect(try box.strata("datasets", "iris").output.contains("license  CC BY 4.0"))
  }

  @Test("plot draws a model")
  func plot() throws {
    let box = try Sandbox()
    try box.trainIris()
    for sample in [[], ["--x", "-0.9,0.4,0.1,2"], ["--x", "x.npy"]] {
      let run = try box.strata(["plot", "iris.keras", "-o", "m.svg"] + sample)
      #expect(run.status == 0, "\(run.messages)")
      let svg = String(decoding: box.bytes("m.svg") ?? Data(), as: UTF8.self)
      #expect(svg.contains("<svg") && svg.contains("</svg>"))
    }
    #expect(try box.strata("plot", "iris.keras", "-o", "m.svg", "--x", "1,2").status == 1)
  }

  @Test("explain prints a unit's arithmetic")
  func explain() throws {
    let box = try Sandbox()
    try box.trainIris()
    let start = ["explain", "iris.keras", "--x", "-0.9,0.4,0.1,2", "--layer", "dense"]
    let text = try box.strata(start + ["--unit", "3"])
    #expect(text.status == 0 && text.output.hasPrefix("Unit 3 of "), "\(text.messages)")
    let object = try box.strata(start + ["--unit", "3", "--json"]).json()
    #expect(object["terms"]?.array?.count == 4 && object["sum"] != nil)
    let wrong = try box.strata(start + ["--unit", "500"])
    #expect(wrong.status == 1 && wrong.messages.hasPrefix("error: dense has no unit 500"))
  }

  @Test("bench measures steps and predictions")
  func bench() throws {
    let box = try Sandbox()
    let keys: Set = ["name", "batch", "train_us", "predict_us", "gflops", "peak_share"]
    for (flag, more) in [([], []), (["--compiling"], ["compile_us", "first_us"])] {
      let run = try box.strata(["bench", "mlp", "--batch-size", "4", "--json"] + flag)
      #expect(run.status == 0, "\(run.messages)")
      let rows = try run.json().array ?? []
      #expect(rows.count == 1)
      #expect(Set(rows.first?.object?.keys.map { $0 } ?? []) == keys.union(more))
      #expect(rows.first?["name"]?.string == "mlp" && rows.first?["batch"]?.int == 4)
      #expect(more.allSatisfy { (rows.first?[$0]?.double ?? 0) > 0 })
    }
    let profile = try box.strata("bench", "mlp", "--batch-size", "4", "--profile")
    #expect(profile.status == 0 && profile.lines.count > 5)
  }
}
