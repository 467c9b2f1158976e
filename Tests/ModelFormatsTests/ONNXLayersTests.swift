import Foundation
import ModelFormats
import NeuralNetworks
import Strata
import Testing

/// ONNX's networks as layers of Keras: they predict as the files do, and go into Keras's files.
@Suite struct ONNXLayersTests {
  /// What the network in `data` and its layers give for numbers that count up to 1.
  private func outputs(of data: Data) throws -> (file: Tensor, layers: Tensor) {
    let engine = CPUEngine()
    let onnx = try ONNXModel(data)
    let port = try #require(onnx.graph.inputs.first)
    let dims = try #require(port.shape).map { $0 ?? 2 }
    let count = dims.reduce(1, *)
    let input = Tensor(Shape(dims), (0..<count).map { Float($0) / Float(count) })
    let file = try #require(try onnx.run([port.name: input], engine: engine).values.first)
    let model = try ONNXFile.layers(data, engine: engine)
    let saved = try KerasFile.data(of: model)
    let loaded = try KerasFile.model(saved, engine: engine)
    return (file, try loaded.predict(input))
  }

  private func check(_ data: Data, _ name: String) throws {
    let (file, layers) = try outputs(of: data)
    #expect(file.shape == layers.shape, "\(name)")
    let scale = file.numbers.map(abs).max() ?? 1
    for (a, b) in zip(file.numbers, layers.numbers) {
      guard abs(a - b) > 1e-4 * scale else { continue }
      Issue.record("\(name): \(b) instead of \(a)")
      return
    }
  }

  @Test(arguments: ["resnet50", "vgg19", "squeezenet", "densenet121", "inception_v2"])
  func networksOfImages(_ name: String) throws {
    guard let folder = ONNXBackend.folder else { return }
    let file = folder.appending(path: "light/light_\(name).onnx")
    try check(Data(contentsOf: file), name)
  }

  @Test func everyModelOfStrataComesBack() throws {
    let models: [(String, Model)] = [
      (
        "mlp",
        try Model(input: [8]) {
          Dense(6, activation: .relu); Dense(3, activation: .softmax)
        }
      ),
      (
        "cnn",
        try Model(input: [12, 12, 3]) {
          Conv2D(8, kernelSize: 3, padding: .same, activation: .relu)
          BatchNormalization()
          MaxPooling2D(2)
          DepthwiseConv2D(3, strides: 1, padding: .same)
          Conv2D(4, kernelSize: 1, activation: .relu)
          GlobalAveragePooling2D()
          Dense(5)
        }
      ),
      (
        "flattened",
        try Model(input: [6, 6, 2]) {
          Conv2D(3, kernelSize: 3); Flatten(); Dense(4)
        }
      ),
      (
        "lstm",
        try Model(input: [5, 3]) {
          LSTM(4, returnSequences: true); LSTM(3); Dense(2)
        }
      ),
      (
        "gru",
        try Model(input: [5, 3]) {
          GRU(4); Dense(2)
        }
      ),
    ]
    for (name, model) in models { try check(ONNXFile.data(of: model), name) }
  }

  @Test func nodesWithoutALayerAreNamedAtOnce() throws {
    guard let folder = ONNXBackend.folder else { return }
    let file = folder.appending(path: "light/light_bvlc_alexnet.onnx")
    let error = #expect(throws: FormatError.self) {
      try ONNXFile.layers(Data(contentsOf: file), file: "alexnet.onnx", engine: CPUEngine())
    }
    #expect(error?.message == "no layers of Keras compute these nodes")
    #expect(error?.got?.contains("LRN") == true)
  }
}
