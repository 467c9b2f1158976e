import Foundation
import ModelFormats
import NeuralNetworks
import Strata
import TensorGraph
import Testing

@Suite("strata convert")
struct ConvertTests {
  @Test("writes files of all kinds, which compute the same")
  func kinds() throws {
    let box = try Sandbox()
    try box.trainIris()
    func predicted(_ file: String) throws -> Tensor {
      let run = try box.strata("predict", file, "--x", "x.npy", "-o", "p.npy")
      #expect(run.status == 0, "\(run.messages)")
      return try box.array("p.npy")
    }
    let expected = try predicted("iris.keras")
    for name in ["a.h5", "a.onnx", "a.keras"] {
      let run = try box.strata("convert", "iris.keras", name)
      #expect(run.status == 0 && run.messages.isEmpty, "\(run.messages)")
      #expect(run.output.hasPrefix("wrote \(name): "), "\(run.output)")
      try FileManager.default.moveItem(
        at: box.folder.appending(path: name), to: box.folder.appending(path: "model.bin"))
      for (a, b) in zip(try predicted("model.bin").numbers, expected.numbers) {
        #expect((a - b).magnitude < 1e-5)
      }
      // Every command opens it.
      for arguments in [
        ["summary", "model.bin"], ["plot", "model.bin", "-o", "m.svg"],
        ["bench", "model.bin", "--batch-size", "2"],
        [
          "evaluate", "model.bin", "--x", "x.npy", "--y", "y.npy", "--loss",
          "sparse_categorical_crossentropy",
        ],
        [
          "train", "model.bin", "--x", "x.npy", "--y", "y.npy", "--loss",
          "sparse_categorical_crossentropy", "--epochs", "1",
        ],
      ] {
        let run = try box.strata(arguments)
        #expect(run.status == 0, "\(arguments) \(run.messages)")
      }
      #expect(box.bytes(name == "a.onnx" ? "model-trained.onnx" : "model-trained.keras") != nil)
      try FileManager.default.removeItem(at: box.folder.appending(path: "model.bin"))
    }
    for name in ["w.safetensors", "w.npz", "w.weights.h5"] {
      #expect(try box.strata("convert", "iris.keras", name).status == 0)
      let run = try box.strata("convert", name, "b.keras", "--architecture", "iris.keras")
      #expect(run.status == 0, "\(run.messages)")
      #expect(try predicted("b.keras") == expected)
    }
    #expect(try box.strata("convert", "iris.keras", "n.json").status == 0)
    let run = try box.strata("convert", "w.npz", "c.keras", "--architecture", "n.json")
    #expect(run.status == 0, "\(run.messages)")
    #expect(try predicted("c.keras") == expected)
  }

  @Test("says what is lost")
  func losses() throws {
    let box = try Sandbox()
    try box.trainIris()
    let text = try box.strata("convert", "iris.keras", "a.onnx")
    #expect(text.output.contains("not carried over:\n"))
    #expect(text.output.contains("how the model is trained: "))
    let object = try box.strata("convert", "iris.keras", "a.onnx", "--json").json()
    #expect(object["from"] == "keras" && object["to"] == "onnx")
    #expect(object["bytes"]?.int == box.bytes("a.onnx")?.count)
    #expect(object["largest_difference"]?.double ?? 1 < 1e-5)
    let kinds = object["not_carried_over"]?.array?.compactMap { $0["kind"]?.string } ?? []
    #expect(kinds.contains("layers") && kinds.contains("optimizer_state"))
    let same = try box.strata("convert", "iris.keras", "b.keras")
    #expect(
      same.output.hasSuffix("read again, it is the same\nall of iris.keras is in it\n"),
      "\(same.output)")
    let again = try box.strata("convert", "iris.keras", "b.keras", "--json").json()
    #expect(again["not_carried_over"] == [] && again["largest_difference"]?.double == 0)
  }

  @Test("leaves what was there when it fails")
  func failures() throws {
    let box = try Sandbox()
    try box.trainIris()
    #expect(try box.strata("convert", "iris.keras", "w.safetensors").status == 0)
    try box.write("precious", "old.onnx")
    try box.write("precious", "old.keras")
    try box.bytes("iris.keras")?.prefix(5000).write(to: box.folder.appending(path: "cut.keras"))
    for (arguments, expected) in [
      (["cut.keras", "old.onnx"], "error: "),
      (["none.keras", "old.onnx"], "error: none.keras cannot be read"),
      (["x.npy", "old.onnx"], "error: this is no model\n  got   an array of NumPy"),
      (["w.safetensors", "old.keras"], "error: this file has weights and no network"),
      (
        ["w.safetensors", "old.keras", "--architecture", "lstm"],
        "error: the weights in the file do not fit lstm"
      ),
      (
        ["iris.keras", "old.onnx", "--architecture", "mlp"], "error: the file has a network of its"
      ),
      (["iris.keras", "no/m.onnx"], "error: no/m.onnx cannot be written"),
    ] {
      let run = try box.strata(["convert"] + arguments)
      #expect(run.status == 1 && run.messages.hasPrefix(expected), "\(arguments) \(run.messages)")
    }
    for (arguments, expected) in [
      (["iris.keras", "m.pt"], "error: OUT ends in .keras, .h5, .onnx, .json, .weights.h5, "),
      (["iris.keras"], "error: Missing expected argument '<output>'"),
      (["iris.keras", "m.onnx", "--opset", "9"], "error: --opset is a number from "),
      (["iris.keras", "m.keras", "--opset", "18"], "error: --opset goes with an .onnx file"),
    ] {
      let run = try box.strata(["convert"] + arguments)
      #expect(run.status == 64 && run.messages.hasPrefix(expected), "\(arguments) \(run.messages)")
    }
    for name in ["old.onnx", "old.keras"] { #expect(box.bytes(name) == Data("precious".utf8)) }
    #expect(box.bytes("m.pt") == nil && box.bytes("m.onnx") == nil)
    let model = try box.strata("predict", "w.safetensors", "--x", "x.npy")
    #expect(model.status == 1)
    #expect(
      model.messages == """
        error: this file has weights and no network
          got   a safetensors file
          in    w.safetensors
          help  put both into one file: strata convert w.safetensors OUT.keras --architecture \
        MODEL, or build the network and load them: model.loadWeights(from:)

        """)
    let late = try box.strata(
      "train", "iris.keras", "--x", "x.npy", "--y", "y.npy", "-o", "m.npz")
    #expect(late.status == 1 && late.messages.contains("does not hold a whole model"))
  }
}
