import Foundation
import Glibc
import NeuralNetworks
import Strata
import TensorGraph
import Testing

@Suite struct TrainTests {
  @Test("train writes a model, and an object for each epoch")
  func train() throws {
    let box = try Sandbox()
    let run = try box.strata(
      "train", "mlp", "--data", "moons", "--epochs", "2", "--validation-split", "0.2", "--json")
    #expect(run.status == 0, "\(run.messages)")
    #expect(run.lines.count == 2)
    let epoch = try run.json()
    #expect(
      Set(epoch.object?.keys.map { $0 } ?? []) == [
        "epoch", "seconds", "samples_per_second", "loss", "accuracy", "val_loss", "val_accuracy",
        "val_seconds",
      ])
    #expect(epoch["epoch"]?.int == 1)
    #expect(run.output.hasPrefix("{\"epoch\": 1, \"seconds\": "))
    #expect(run.messages.hasSuffix("saved mlp-trained.keras\n"))
    #expect(run.messages.contains("Epoch 2/2  loss "))
    let model = try Model.load(from: box.folder.appending(path: "mlp-trained.keras").path())
    #expect(model.weights["dense/kernel"]?.shape == [2, 128])
    #expect(model.iterations == 2 * 25)  // 800 samples in batches of 32
  }

  @Test("training goes on from a file, with its own settings")
  func goesOn() throws {
    let box = try Sandbox()
    try box.trainIris()
    let run = try box.strata(
      "train", "iris.keras", "--x", "x.npy", "--y", "y.npy", "-o", "more.keras")
    #expect(run.status == 0, "\(run.messages)")
    let model = try Model.load(from: box.folder.appending(path: "more.keras").path())
    #expect(model.iterations == 2)
    #expect(model.optimizer?.className == "Adam")
  }

  @Test("options decide over optimizer, loss, metrics and learning rate")
  func options() throws {
    let box = try Sandbox()
    try box.trainIris()
    let run = try box.strata(
      "train", "iris.keras", "--x", "x.npy", "--y", "y.npy", "--optimizer", "sgd",
      "--learning-rate", "0.25", "--metrics", "sparse_top_k_categorical_accuracy", "--json", "-o",
      "more.keras")
    #expect(run.status == 0, "\(run.messages)")
    #expect(try run.json()["sparse_top_k_categorical_accuracy"] != nil)
    #expect(try run.json()["accuracy"] == nil)
    let model = try Model.load(from: box.folder.appending(path: "more.keras").path())
    #expect(model.optimizer?.className == "SGD")
    #expect(model.learningRate == 0.25)
  }

  @Test("classes count as much as is said")
  func classWeights() throws {
    let box = try Sandbox()
    try box.trainIris()
    func loss(_ weights: String...) throws -> Double {
      let run = try box.strata(
        [
          "train", "iris.keras", "--x", "x.npy", "--y", "y.npy", "--no-shuffle", "--json", "-o",
          "more.keras", "--learning-rate", "1e-9",
        ] + weights)
      #expect(run.status == 0, "\(run.messages)")
      return try run.json()["loss"]?.double ?? .nan
    }
    let plain = try loss(), none = try loss("--class-weight", "0:0,1:0,2:0")
    let doubled = try loss("--class-weight", "0:2,1:2,2:2")
    #expect(none == 0)
    #expect((doubled - 2 * plain).magnitude < 1e-5)
    let wrong = try box.strata(
      "train", "mlp", "--data", "iris", "--class-weight", "0-1", "-o", "m.keras")
    #expect(wrong.status == 64)
  }

  @Test("mixed precision learns as well, with weights in float32")
  func precision() throws {
    let box = try Sandbox()
    func accuracy(_ precision: String) throws -> Double {
      let run = try box.strata(
        "train", "mlp", "--data", "moons", "--epochs", "20", "--precision", precision, "--json",
        "-o", "m.keras")
      #expect(run.status == 0, "\(run.messages)")
      let last = try JSONValue(parsing: Data((run.lines.last ?? "").utf8))
      return last["accuracy"]?.double ?? .nan
    }
    let full = try accuracy("float32"), mixed = try accuracy("mixed_bfloat16")
    #expect(full > 0.85)
    #expect((full - mixed).magnitude < 0.03)
    let model = try Model.load(from: box.folder.appending(path: "m.keras").path())
    #expect(model.weights["dense/kernel"]?.dtype == .float32)
    #expect(
      try box.strata("train", "mlp", "--data", "moons", "--precision", "int8").status == 64)
  }

  @Test(
    "built-in networks adapt to the data",
    arguments: [
      (["--data", "iris"], "(None, 3)"), (["--data", "sine"], "(None, 1)"),
      (["--csv", "t.csv", "--target", "kind"], "(None, 2)"),
      (["--csv", "t.csv", "--target", "b"], "(None, 1)"),
    ])
  func adapts(source: [String], output: String) throws {
    let box = try Sandbox()
    try box.write("a,b,kind\n1,0.5,cat\n2,1.5,dog\n3,2.5,cat\n4,4.25,dog\n", "t.csv")
    #expect(try box.strata(["train", "mlp", "-o", "m.keras"] + source).status == 0)
    let summary = try box.strata("summary", "m.keras")
    #expect(summary.output.contains("\(output)"), "\(summary.output)")
  }

  @Test(
    "networks for pictures, sequences and tokens train", arguments: ["cnn", "lstm", "transformer"])
  func networks(name: String) throws {
    let box = try Sandbox()
    let isText = name == "transformer"
    let type = isText ? TensorType(.int32, [6, 12]) : TensorType(.uint8, [6, 12, 12])
    let numbers = (0..<type.shape.count).map { Double($0 * 37 % 200) }
    try box.write(Tensor(type, numbers: numbers), "x.npy")
    try box.write(Tensor([6], [Int32](0..<6)), "y.npy")
    let run = try box.strata("train", name, "--x", "x.npy", "--y", "y.npy", "-o", "m.keras")
    #expect(run.status == 0, "\(run.messages)")
    let prediction = try box.strata("predict", "m.keras", "--x", "x.npy", "-o", "p.npy")
    #expect(prediction.status == 0, "\(prediction.messages)")
    #expect(try box.array("p.npy").shape == [6, 6])
  }

  @Test("several inputs go by name, in any order")
  func severalInputs() throws {
    let box = try Sandbox()
    let file = Sandbox.golden("training/two_inputs_adam_before.keras")
    let arrays = try Golden.arrays("training/two_inputs_adam.npz")
    func firstStep(_ name: String) throws -> Tensor {
      let steps = try #require(arrays[name])
      return steps.rows(0..<1).reshaped(Shape(Array(steps.shape.dims.dropFirst())))
    }
    let model = try Model.load(from: file)
    for (index, name) in model.structure.inputNames.enumerated() {
      try box.write(firstStep("input.\(index)"), "\(name).npy")
    }
    try box.write(firstStep("target"), "y.npy")
    let x = model.structure.inputNames.reversed().flatMap { ["--x", "\($0)=\($0).npy"] }
    let run = try box.strata(["train", file, "--y", "y.npy", "-o", "m.keras"] + x)
    #expect(run.status == 0, "\(run.messages)")
    let prediction = try box.strata(["predict", file, "-o", "p.npy"] + x)
    #expect(prediction.status == 0, "\(prediction.messages)")
    let expected = arrays["predictions_before"]?.numbers ?? []
    #expect(zip(try box.array("p.npy").numbers, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    let wrong = try box.strata(
      "predict", file, "--x", "\(model.structure.inputNames[0])=y.npy", "--x", "nonsense=y.npy")
    #expect(wrong.status == 1)
    #expect(wrong.messages.contains("has no input nonsense"))
  }

  @Test("the same seed gives the same weights bit for bit, another seed others")
  func seeds() throws {
    let box = try Sandbox()
    func weights(_ seed: String) throws -> [Tensor] {
      let run = try box.strata(
        "train", "mlp", "--data", "spirals", "--epochs", "3", "--seed", seed, "-o", "m.keras")
      #expect(run.status == 0, "\(run.messages)")
      let model = try Model.load(from: box.folder.appending(path: "m.keras").path())
      return Array(model.weights.values)
    }
    let first = try weights("7")
    #expect(try weights("7") == first)
    #expect(try weights("8") != first)
  }

  @Test("an interrupted training saves what it learned", arguments: [SIGINT, SIGTERM])
  func interruption(signal: Int32) throws {
    let box = try Sandbox()
    let arguments = [
      "train", "mlp", "--data", "moons", "--epochs", "1000000", "-o", "m.keras", "--csv-log",
      "log.csv",
    ]
    let run = try box.run(Sandbox.command, arguments) { process in
      for _ in 0..<1000 where (box.bytes("log.csv")?.count ?? 0) < 20 {
        usleep(20_000)  // until the first epoch is done
      }
      kill(process.processIdentifier, signal)
    }
    #expect(run.status == 128 + signal)
    #expect(
      try #/interrupted after \d+ steps; saved m.keras\n$/#.firstMatch(in: run.messages) != nil,
      "\(run.messages)")
    #expect(try Model.load(from: box.folder.appending(path: "m.keras").path()).iterations > 0)
  }

  @Test("a training that fails leaves the output alone")
  func failure() throws {
    let box = try Sandbox()
    try box.writeIris()
    try box.write("precious", "m.keras")
    let run = try box.strata(
      "train", "mlp", "--x", "x.npy", "--y", "y.npy", "--optimizer", "sgd", "--learning-rate",
      "1e30", "--epochs", "50", "--terminate-on-nan", "-o", "m.keras")
    #expect(run.status == 1)
    #expect(run.messages.contains("error: the loss became"), "\(run.messages)")
    #expect(box.bytes("m.keras") == Data("precious".utf8))
    let names = try FileManager.default.contentsOfDirectory(atPath: box.folder.path())
    #expect(Set(names) == ["x.npy", "y.npy", "m.keras"])
  }

  @Test("early stopping ends training, and knows what it watches before the first step")
  func earlyStopping() throws {
    let box = try Sandbox()
    try box.writeIris()
    let start = ["train", "mlp", "--x", "x.npy", "--y", "y.npy", "--epochs", "200", "--json"]
    let run = try box.strata(start + ["--learning-rate", "1e-12", "--early-stopping", "loss:2"])
    #expect(run.status == 0, "\(run.messages)")
    #expect(run.lines.count < 200)
    let wrong = try box.strata(start + ["--early-stopping", "val_loss"])
    #expect(wrong.status == 1)
    #expect(wrong.lines.isEmpty)
    #expect(
      wrong.messages == """
        error: early stopping watches val_loss, which this training does not have
          help  give data to validate with: --validation-split 0.1

        """)
  }

  @Test("on a terminal a bar is drawn over itself, elsewhere there are plain lines")
  func progress() throws {
    let box = try Sandbox()
    // An epoch of more than a tenth of a second, after which the bar is drawn.
    let count = 20_000
    try box.write(Tensor(TensorType(.float32, [count, 2]), repeating: 1), "x.npy")
    try box.write(Tensor([count], (0..<count).map { Int32($0 % 2) }), "y.npy")
    let arguments = [
      "train", "mlp", "--x", "x.npy", "--y", "y.npy", "--epochs", "2", "--batch-size", "1",
      "--threads", "1", "-o", "m.keras",
    ]
    let plain = try box.strata(arguments)
    #expect(plain.status == 0)
    #expect(!plain.messages.contains("\u{1B}") && !plain.messages.contains("\r"))
    let lines = plain.messages.split(separator: "\n").map(String.init)
    #expect(lines.filter { $0.hasPrefix("Epoch ") || $0.hasPrefix("saved ") }.count == 3)
    let line = ([Sandbox.command.path()] + arguments).joined(separator: " ")
    let terminal = try box.run(
      URL(filePath: "/usr/bin/script"), ["-qec", line, "/dev/null"])
    #expect(terminal.status == 0, "\(terminal.output)")
    #expect(terminal.output.contains("\r\u{1B}[KEpoch 1/2  "))
    #expect(terminal.output.contains("━"))
  }
}
