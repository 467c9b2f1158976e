import Foundation
import ModelFormats
import Strata
import Testing

/// A model to be converted, and what is lost on the way to each kind of file.
struct ConvertedModel: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let make: @Sendable () throws -> Model
  /// What is lost beside the network and the layers.
  let onnx: Set<ConversionLoss.Kind>
  let legacy: Set<ConversionLoss.Kind>

  static let all = [
    ConvertedModel(
      testDescription: "trained", make: trained,
      onnx: [.layers, .regularization, .frozen, .compileSettings, .optimizerState, .randomState],
      legacy: []),
    ConvertedModel(testDescription: "images", make: images, onnx: [.layers], legacy: []),
    ConvertedModel(testDescription: "texts", make: texts, onnx: [.layers], legacy: []),
  ]

  /// A model that was trained, with a frozen layer and a penalty.
  static func trained() throws -> Model {
    let model = try Model(input: [6], name: "trained", seed: 3) {
      Dense(8, activation: .relu, options: [.kernelRegularizer(.l2(0.01))])
      BatchNormalization()
      Dropout(0.25)
      Dense(3, activation: .softmax)
    }
    try model.freeze("dense")
    try model.compile(
      optimizer: .adam(learningRate: 0.01), loss: .sparseCategoricalCrossentropy,
      metrics: [.accuracy])
    try model.fit(
      KerasInPython.numbers([12, 6]), Tensor([12], (0..<12).map { Int32($0 % 3) }), batchSize: 4,
      epochs: 2, verbose: .silent)
    return model
  }

  static func images() throws -> Model {
    try Model(input: [8, 8, 3], name: "images", seed: 4) {
      Conv2D(4, kernelSize: 3, activation: .relu)
      BatchNormalization()
      MaxPooling2D()
      Flatten()
      Dense(2)
    }
  }

  static func texts() throws -> Model {
    try Model(input: [nil], dtype: .int32, name: "texts", seed: 5) {
      Embedding(10, 4)
      LSTM(3)
      Dense(1, activation: .sigmoid)
    }
  }
}

@Suite("Files of all kinds")
struct ModelFilesTests {
  @Test("are told apart by content", arguments: ModelFormat.allCases)
  func content(_ format: ModelFormat) throws {
    let data = try ModelFile.data(of: ConvertedModel.images(), as: format)
    #expect(ModelFormat(of: data) == format)
    #expect(ModelFormat(of: data.dropFirst(0) + Data()) == format)
  }

  @Test("older weights of Keras, and what is no model, are told apart")
  func others() throws {
    let model = try ConvertedModel.images()
    #expect(ModelFormat(of: try LegacyKerasFile.weightsData(of: model)) == .kerasWeights)
    let picture = Data([0x89] + Array("PNG\r\n\u{1a}\n".utf8))
    for data in [
      Data(), Data([0]), Data("hello, world".utf8), Data(repeating: 0, count: 100), picture,
      Data([8]), Data([8, 0]), Data([8, 7, 0x60]), Data([0x3a, 1]) + Data(count: 1) + Data([9]),
      try NumPy.data(Tensor(Float(1))), Data("<html><body>404</body></html>".utf8),
    ] {
      #expect(ModelFormat(of: data) == nil, "\(Array(data.prefix(8)))")
      #expect(message { try ModelFile.model(data, engine: CPUEngine()) }.contains("no model"))
    }
    var random = SplitMix(state: 1)
    for count in 1..<500 {
      let noise = Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
      #expect(ModelFormat(of: noise) != .onnx)
    }
    // A graph that is cut off is still one.
    #expect(ModelFormat(of: try ONNXFile.data(of: model).dropLast(10)) == .onnx)
  }

  @Test(
    "are asked for by endings",
    arguments: [
      ("m.keras", ModelFormat.keras), ("m.H5", .legacyKeras), ("m.hdf5", .legacyKeras),
      ("m.weights.h5", .kerasWeights), ("a.b/m.onnx", .onnx), ("m.safetensors", .safetensors),
      ("m.npz", .npz), ("m.json", .configuration),
    ])
  func endings(_ path: String, _ format: ModelFormat) throws {
    #expect(try ModelFormat(writing: path) == format)
  }

  @Test("of weights alone are no models")
  func weightsAlone() throws {
    let model = try ConvertedModel.images()
    for format in [ModelFormat.kerasWeights, .safetensors, .npz] {
      let data = try ModelFile.data(of: model, as: format)
      let text = message { try ModelFile.model(data, file: "w", engine: CPUEngine()) }
      #expect(text.hasPrefix("error: this file has weights and no network\n"), "\(text)")
      #expect(text.contains("strata convert w OUT.keras --architecture MODEL"))
    }
    #expect(
      message { try ModelFormat(writing: "m.pt") } == """
        error: the ending of a file says what is written
          got   m.pt
          help  end it in .keras, .h5, .onnx, .json, .weights.h5, .safetensors, .npz
        """)
  }

  @Test("are converted to each other", arguments: ConvertedModel.all)
  func conversions(_ entry: ConvertedModel) throws {
    let model = try entry.make()
    let vector = try #require(TestVector(of: model))
    let sources = [ModelFormat.keras, .legacyKeras, .onnx, .kerasWeights, .safetensors, .npz]
    for source in sources {
      let data = try ModelFile.data(of: model, as: source)
      for target in ModelFormat.allCases {
        let network = try source.content == .weights ? entry.make() : nil
        if let network {
          for (path, weight) in network.weights {
            try network.setWeights([path: Tensor(zeros: weight.type)])
          }
        }
        func convert() throws -> Conversion {
          try ModelFile.convert(
            data, file: "in", to: target, network: network, engine: model.engine)
        }
        if source == .onnx, entry.testDescription == "texts",
          [.keras, .legacyKeras, .configuration, .kerasWeights].contains(target)
        {
          // Not all operators are layers of Keras.
          let text = message { try convert() }
          #expect(text == "no error" || text.hasPrefix("error: "))
          continue
        }
        let made = try convert()
        #expect(made.source == source && made.target == target)
        #expect(ModelFormat(of: made.data) == target)
        if let difference = made.largestDifference { #expect(difference < 1e-5) }
        #expect((made.largestDifference == nil) == (target == .configuration))
        // ONNX calls weights by other names.
        if source != .onnx || target.content == .model { try check(made, vector, entry) }
        guard source == .keras else { continue }
        let lost = Set(made.losses.map(\.kind))
        switch target {
        case .keras: #expect(lost.isEmpty)
        case .legacyKeras: #expect(lost == entry.legacy.union([.testVector]))
        case .onnx: #expect(lost == entry.onnx)
        case .configuration: #expect(lost.isSuperset(of: [.weights, .testVector]))
        case .kerasWeights, .safetensors, .npz:
          #expect(lost.isSuperset(of: [.network, .testVector]))
          #expect(lost.contains(.compileSettings) == (model.compileSettings != nil))
          #expect(
            lost.contains(.optimizerState)
              == (model.iterations > 0 && target != .kerasWeights))
        }
      }
    }
  }

  /// The new file computes what the model computed.
  private func check(
    _ made: Conversion, _ vector: TestVector, _ entry: ConvertedModel
  ) throws {
    let again: Model
    switch made.target.content {
    case .network: return
    case .model: again = try ModelFile.model(made.data, engine: CPUEngine())
    case .weights:
      again = try entry.make()
      try withTemporaryFolder { folder in
        try Files.write(made.data, to: folder + "/w")
        try again.loadWeights(from: folder + "/w")
      }
    }
    for (a, b) in zip(try again.predict(vector.inputs), vector.outputs) {
      #expect(largestDifference(a, b) < 1e-5, "\(made.source) \(made.target)")
    }
  }

  @Test("of tensors are converted without a network, of others not")
  func tensorsAlone() throws {
    let model = try ConvertedModel.images()
    let data = try SafetensorsFile.data(
      ["a.b": Tensor([2], [Float(1), 2]), "c": Tensor(TensorType(.bfloat16, [1]), numbers: [3])],
      metadata: ["license": "MIT", "format": "pt"])
    let made = try ModelFile.convert(data, to: .npz, engine: model.engine)
    #expect(made.losses.map(\.kind) == [.metadata, .weightTypes])
    #expect(made.losses.first?.description == "metadata: license")
    #expect(try NumPy.archive(made.data).map(\.name) == ["a.b", "c"])
    let text = message { try ModelFile.convert(data, file: "w", to: .keras, engine: model.engine) }
    #expect(
      text == """
        error: this file has weights and no network
          got   a safetensors file
          in    w
          help  name the model that they belong to: --architecture MODEL
        """)
    let keras = try KerasFile.data(of: model)
    #expect(
      message { try ModelFile.convert(keras, to: .npz, network: model, engine: model.engine) }
        .contains("the file has a network of its own"))
  }

  @Test("are saved by their endings, and loaded by content")
  func saved() throws {
    let model = try ConvertedModel.images()
    let x = KerasInPython.numbers([2, 8, 8, 3])
    try withTemporaryFolder { folder in
      for name in ["m.keras", "m.h5", "m.onnx", "m"] {
        try model.save(to: "\(folder)/\(name)")
        let moved = "\(folder)/\(name).txt"
        try FileManager.default.moveItem(atPath: "\(folder)/\(name)", toPath: moved)
        #expect(
          largestDifference(try Model.load(from: moved).predict(x), try model.predict(x)) < 1e-5)
      }
      for name in ["m.npz", "m.safetensors", "m.weights.h5", "m.json"] {
        #expect(
          message { try model.save(to: "\(folder)/\(name)") }.contains("not hold a whole model"))
      }
    }
  }

  @Test("that are damaged are errors", arguments: ModelFormat.allCases)
  func damaged(_ format: ModelFormat) throws {
    let model = try Model(input: [2], seed: 1) { Dense(2) }
    // Without its test vector an ONNX file is whole, too.
    let data =
      try format == .onnx ? ONNXFile.data(of: model) : ModelFile.data(of: model, as: format)
    let target: ModelFormat = format == .npz ? .safetensors : .npz
    for count in stride(from: 0, to: data.count, by: max(data.count / 100, 1)) {
      // A file that says nothing of its operators' version, the last field, is read all the same.
      if format == .onnx, count > data.count - 20 { continue }
      let cut = Data(data.prefix(count))
      #expect(throws: FormatError.self, "the first \(count) bytes of \(format)") {
        let network = format.content == .weights ? model : nil
        _ = try ModelFile.convert(cut, to: target, network: network, engine: model.engine)
      }
    }
  }
}
