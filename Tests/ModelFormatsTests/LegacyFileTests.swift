import Foundation
import ModelFormats
import Strata
import Testing

@Suite("Older files of Keras, whole models and weights")
struct LegacyFileTests {
  private let engine = ReferenceEngine()

  @Test("written and read again are the same to the last bit", arguments: KerasReadingTests.cases)
  func sameBits(_ golden: KerasCase) throws {
    let model = try Model.load(from: golden.file("file"))
    let data = try LegacyKerasFile.data(of: model)
    #expect(LegacyKerasFile.content(of: data) == .model)
    let again = try LegacyKerasFile.model(data, engine: model.engine)
    #expect(Array(again.weights.keys) == Array(model.weights.keys))
    #expect(everything(in: again) == everything(in: model))
    #expect(try LegacyKerasFile.data(of: again) == data)
    let arrays = try golden.arrays()
    let inputs = try golden.names("inputs").map { try #require(arrays[$0]) }
    #expect(try again.predict(inputs) == model.predict(inputs))
  }

  @Test("of Keras 3 give models that compute what Keras computed")
  func forms() throws {
    let model = try Model.load(from: KerasCase.path("keras_files", "forms.h5"))
    let arrays = Dictionary(
      uniqueKeysWithValues: try NumPy.archive(path: KerasCase.path("keras_files", "forms.npz")).map
      {
        ($0.name, $0.tensor)
      })
    let (x, y) = try (#require(arrays["input.0"]), #require(arrays["output.0"]))
    #expect(try largestDifference(model.predict(x), y) < 1e-5)
    #expect(model.optimizer != nil && model.iterations == 0)
    #expect(
      try Model.load(from: KerasCase.path("keras_files", "forms.h5"), compile: false).optimizer
        == nil)
  }

  private func mlp(_ names: [String] = ["dense", "dense_1"], hidden: Int = 8) throws -> Model {
    try Model(input: [12], seed: 7, engine: engine) {
      Dense(hidden, activation: .relu, name: names[0])
      Dense(4, activation: .softmax, name: names[1])
    }
  }

  @Test("keep frozen weights and the state of random numbers")
  func frozen() throws {
    let model = try Model(input: [4], seed: 11, engine: engine) {
      Dense(3, name: "a")
      Sequential(name: "block") {
        Dense(3)
        BatchNormalization()
      }
      Dense(2, name: "b")
    }
    try model.freeze("block")
    try model.freeze("b/bias")
    let again = try LegacyKerasFile.model(LegacyKerasFile.data(of: model), engine: engine)
    #expect(again.seed == 11 && again.weights == model.weights)
    for path in model.weights.keys { #expect(again.isTrainable(path) == model.isTrainable(path)) }
  }

  @Test("give their weights by position and by name")
  func weights() throws {
    let source = try mlp(), data = try LegacyKerasFile.weightsData(of: source)
    #expect(LegacyKerasFile.content(of: data) == .weights)
    let other = try mlp(["first", "last"])
    try LegacyKerasFile.restoreWeights(data, to: other)
    #expect(Array(other.weights.values) == Array(source.weights.values))

    let partly = try mlp(["dense", "new"]), before = partly.weights
    try LegacyKerasFile.restoreWeights(data, to: partly, byName: true)
    #expect(partly.weights["dense/kernel"] == source.weights["dense/kernel"])
    #expect(partly.weights["new/kernel"] == before["new/kernel"])
    // A whole model gives its weights as well.
    try LegacyKerasFile.restoreWeights(LegacyKerasFile.data(of: source), to: partly)
    #expect(Array(partly.weights.values) == Array(source.weights.values))
  }

  @Test("give what fits, or nothing, of other shapes")
  func mismatch() throws {
    let data = try LegacyKerasFile.weightsData(of: mlp())
    let model = try mlp(hidden: 5), before = model.weights
    #expect(
      message {
        try LegacyKerasFile.restoreWeights(data, file: "w.h5", to: model)
      } == """
        error: the weights in the file do not fit the model
          got   of other shapes: dense/kernel is [12, 8] instead of [12, 5], dense/bias is [8] \
        instead of [5], dense_1/kernel is [8, 4] instead of [5, 4]
          in    w.h5 /
          help  leave out what does not fit: byName: true, skipMismatch: true
        """)
    #expect(model.weights == before)
    try LegacyKerasFile.restoreWeights(data, to: model, byName: true, skipMismatch: true)
    #expect(model.weights["dense/kernel"] == before["dense/kernel"])
    #expect(model.weights["dense_1/bias"] == (try mlp().weights["dense_1/bias"]))
    let three = try Model(input: [12], engine: engine) {
      Dense(8)
      Dense(4)
      Dense(4)
    }
    #expect(
      message { try LegacyKerasFile.restoreWeights(data, file: "w.h5", to: three) } == """
        error: the file has weights for 2 layers, the model for 3
          got   dense, dense_1 for dense, dense_1, dense_2
          in    w.h5 /
          help  load the layers whose names agree: byName: true
        """)
    #expect(
      message {
        try LegacyKerasFile.restoreWeights(
          data, file: "w.h5", to: mlp(["a", "b"]), byName: true)
      } == """
        error: no layer of the file is called as one of the model
          got   dense, dense_1 for a, b
          in    w.h5 /
          help  name the layers as in the file, or load by position
        """)
  }

  @Test("of Keras 2 give their weights to a model made in code")
  func olderWeights() throws {
    let golden = try #require(LegacyDialectTests.cases.first { $0.name == "keras2_cnn" })
    let whole = try Model.load(from: golden.file("file"), compile: false)
    let model = try Model(input: [6, 6, 2]) {
      Conv2D(3, kernelSize: 3, padding: .same, useBias: false)
      BatchNormalization(momentum: 0.9)
      LeakyReLU(negativeSlope: 0.25)
      MaxPooling2D(2)
      Flatten()
      Dense(3, activation: .softmax)
    }
    try model.loadWeights(from: KerasCase.path("legacy_files", "keras2_cnn_weights.h5"))
    #expect(Array(model.weights.values) == Array(whole.weights.values))
  }

  @Test("split lists that are too long for one attribute")
  func longLists() throws {
    let names = (0..<1100).map { "layer_\($0)_" + String(repeating: "x", count: 60) }
    let input = Input([2])
    var x = input
    for name in names { x = Identity(name: name)(x) }
    let model = try Model(inputs: input, outputs: Dense(1)(x))
    let data = try LegacyKerasFile.weightsData(of: model)
    let attributes = try HDF5File(image: data).attributeNames()
    #expect(attributes.contains("layer_names0") && attributes.contains("layer_names1"))
    #expect(!attributes.contains("layer_names") && LegacyKerasFile.isLegacy(data))
    let before = model.weights
    try model.setWeights(["dense/kernel": Tensor([2, 1], [Float(5), 6])])
    try LegacyKerasFile.restoreWeights(data, to: model)
    #expect(model.weights == before)
  }

  @Test("are told by what is in them, and written as their ending says")
  func endings() throws {
    try withTemporaryFolder { folder in
      let model = try mlp()
      for ending in ["weights.h5", "h5", "hdf5"] {
        let path = "\(folder)/w.\(ending)"
        try model.saveWeights(to: path)
        #expect(LegacyKerasFile.isLegacy(try Files.contents(of: path)) == (ending != "weights.h5"))
        let other = try Model(input: [12], seed: 99, engine: engine) {
          Dense(8)
          Dense(4)
        }
        try other.loadWeights(from: path)
        #expect(Array(other.weights.values) == Array(model.weights.values))
        let named = try mlp(["dense", "other"])
        named.variables = named.variables.map { Tensor(zeros: $0.type) }
        try named.loadWeights(from: path, byName: true)
        #expect(named.weights["dense/kernel"] == model.weights["dense/kernel"])
        #expect(named.weights["other/bias"] == Tensor([4], [Float](repeating: 0, count: 4)))
      }
      for ending in ["keras", "h5", "hdf5"] {
        try model.save(to: "\(folder)/m.\(ending)")
        #expect(try Model.load(from: "\(folder)/m.\(ending)").weights == model.weights)
        let named = try mlp(["x", "dense_1"])
        try named.loadWeights(from: "\(folder)/m.\(ending)", byName: true)
        #expect(named.weights["dense_1/kernel"] == model.weights["dense_1/kernel"])
      }
      #expect(message { try model.saveWeights(to: "\(folder)/w.txt") }.contains("ends in"))
    }
  }

  @Test("of the first Keras 3 keep weights under another name, and without names of layers")
  func first() throws {
    let model = try Model(input: [6], seed: 3, engine: engine) {
      Dense(5)
      Dropout(0.5)
      Dense(5)
      Dense(5)
    }
    let today = try HDF5File(image: KerasFile.weightsData(of: model)), file = try HDF5Writer()
    for path in try today.datasets() where path.hasPrefix("/layers/") {
      // A layer was met twice, and counted twice.
      let name = path.replacing("/layers/", with: "/_layer_checkpoint_dependencies/")
        .replacing("dense_2", with: "dense_4").replacing("dense_1", with: "dense_2")
      try file.add(name, today.tensor(path))
    }
    let other = try Model(input: [6], seed: 4, engine: engine) {
      Dense(5)
      Dropout(0.5)
      Dense(5)
      Dense(5)
    }
    try KerasFile.restoreWeights(file.image(), to: other)
    #expect(other.weights == model.weights)
  }
}
