import Foundation
import ModelFormats
import Strata
import Testing

/// Runs where `Scripts/golden/environment` has installed onnxruntime; `make test` does that first.
@Suite(
  "Models written as ONNX, in onnxruntime",
  .enabled(if: Files.exists(ONNXInPython.interpreter)))
struct ONNXExportTests {
  @Test("pass the checker and give what they give here")
  func inONNXRuntime() throws {
    let cases = try ExportNetworks.all() + ExportLayers.all()
    let classes = Set(cases.flatMap { $0.model.structure.layers.map(\.layer.className) })
    let missing = LayerRegistry.all.map { $0.className }.filter {
      !classes.contains($0) && !ExportLayers.withoutOperators.contains($0)
    }
    #expect(missing.isEmpty)
    for (item, finding) in zip(cases, try ONNXInPython.check(cases)) {
      #expect(finding.error == nil, "\(item.name): \(finding.error ?? "")")
      guard finding.error == nil else { continue }
      for type in item.has {
        #expect(
          finding.operators[type] ?? 0 > 0, "\(item.name) has no \(type): \(finding.operators)")
      }
      for (type, most) in item.most {
        #expect(
          finding.operators[type] ?? 0 <= most, "\(item.name) has too many: \(finding.operators)")
      }
    }
  }
}

@Suite("ONNX export")
struct ONNXExportFileTests {
  private func file(_ model: Model) throws -> ONNXModelProto {
    try ONNXModelProto(serializedBytes: ONNXFile.data(of: model))
  }

  @Test("Nodes are called after layers, constants after weights, and sizes stay open")
  func names() throws {
    let model = try Model(input: [nil, 4], name: "reader", seed: 1) {
      Bidirectional(LSTM(3), name: "both")
      Dense(2, activation: .softmax, name: "class")
    }
    let file = try file(model)
    #expect(file.producerName == "Strata" && file.graph.name == "reader")
    #expect(file.opsetImport.map(\.version) == [18] && file.irVersion == 8)
    let names = file.graph.node.map(\.name)
    #expect(names.contains("both/forward_lstm/LSTM") && names.contains("both/backward_lstm/LSTM"))
    #expect(names.contains("class/Gemm") && names.last == "class/Softmax")
    let weights = Set(file.graph.initializer.map(\.name))
    #expect(weights.isSuperset(of: ["class/kernel", "class/bias", "both/forward_lstm/kernel"]))
    let dims = file.graph.input[0].type.tensorType.shape.dim
    #expect(dims.map(\.dimParam) == ["batch", "time", ""] && dims[2].dimValue == 4)
    #expect(file.graph.output.map(\.name) == ["class"])
    let reversed = file.graph.node.first { $0.name == "both/backward_lstm/LSTM" }
    #expect(
      reversed?.attribute.contains { $0.name == "direction" && $0.s == Data("reverse".utf8) }
        == true)
  }

  @Test("Weights that layers share are written once, equal ones of two layers are not one")
  func weights() throws {
    let shared = Conv2D(40, kernelSize: 3, padding: .same, name: "conv")
    let x = Input([8, 8, 40])
    let model = try Model(
      inputs: x, outputs: Dense(5, name: "b")(Dense(5, name: "a")(shared(shared(x)))), seed: 1)
    let names = try file(model).graph.initializer.map(\.name)
    #expect(names.filter { $0.hasPrefix("conv/kernel") }.count == 1)
    #expect(names.contains("a/bias") && names.contains("b/bias"))
  }

  @Test("What cannot be written is one error that names the layers")
  func mistakes() throws {
    func expect(_ text: String, _ model: Model, opset: Int = 18) {
      #expect {
        try ONNXFile.data(of: model, opset: opset)
      } throws: { error in
        #expect((error as? FormatError)?.description == text)
        return true
      }
    }
    let words = Input([1], dtype: .string, name: "words")
    let numbers = Input([1], dtype: .int64, name: "numbers")
    let hashed = try Model(
      inputs: [words, numbers],
      outputs: [
        TextVectorization(outputSequenceLength: 2, vocabulary: ["a", "b"])(words),
        Hashing(4)(numbers),
      ], name: "texts", seed: 1)
    expect(
      """
      error: ONNX has no operators for some layers of texts
        got   text_vectorization (TextVectorization): vectorize text; hashing (Hashing): hash
        help  make a model of what comes after them, and do their work before it
      """, hashed)
    let x = Input([3, 2], batchSize: 2)
    expect(
      """
      error: an ONNX file has no state that lives from batch to batch
        got   stateful: gru
        help  make the layers with stateful: false, or give their states as inputs and return them
      """, try Model(inputs: x, outputs: GRU(2, stateful: true)(x), name: "kept", seed: 1))
    let resized = try Model(input: [nil, nil, 1], name: "thumbnails", seed: 1) { Resizing(4, 4) }
    #expect {
      try ONNXFile.data(of: resized)
    } throws: { error in
      let text = (error as? FormatError)?.description ?? ""
      return text.contains("resizing") && text.contains("give the inputs fixed sizes")
    }
    expect(
      """
      error: models are written with operators of opset 18 to 23
        got   7
      """, try Model(input: [2], seed: 1) { Dense(1) }, opset: 7)
  }
}
