import Foundation
import ModelFormats
import Strata
import Testing

@Suite("Mistakes with older files of Keras")
struct LegacyErrorsTests {
  private func load(_ data: Data, layers: [any NamedLayer.Type] = []) throws -> Model {
    try LegacyKerasFile.model(
      data, file: "m.h5", registry: LayerRegistry(adding: layers), engine: ReferenceEngine())
  }

  private func model() throws -> Model {
    let model = try Model(input: [3], name: "net", seed: 2, engine: ReferenceEngine()) {
      Dense(2, name: "a")
      Dense(1, name: "b")
    }
    try model.compile(optimizer: .sgd(), loss: .meanSquaredError)
    return model
  }

  /// The file of `model()` with what `change` makes of its texts, and without what `drops` names.
  private func changed(
    _ change: (String) -> String = { $0 }, dropping drops: (String) -> Bool = { _ in false },
    layerNames: [String]? = ["a", "b"], arrays: [String: Tensor] = [:]
  ) throws -> Data {
    let whole = try HDF5File(image: LegacyKerasFile.data(of: model())), file = try HDF5Writer()
    for name in ["model_config", "training_config"] {
      if let text = try whole.string(name) { try file.setAttribute(name, change(text)) }
    }
    try file.addGroup("model_weights")
    if let layerNames { try file.setAttribute("layer_names", layerNames, of: "model_weights") }
    for layer in ["a", "b"] {
      let group = "model_weights/\(layer)"
      try file.addGroup(group)
      let names = try whole.strings("weight_names", of: group) ?? []
      try file.setAttribute("weight_names", names, of: group)
      for name in names where !drops(name) {
        try file.add("\(group)/\(name)", arrays[name] ?? whole.tensor("\(group)/\(name)"))
      }
    }
    return try file.image()
  }

  @Test("of the kind of file are errors")
  func kinds() throws {
    #expect(
      message { try load(LegacyKerasFile.weightsData(of: model())) } == """
        error: the file has no network
          got   weights alone
          in    m.h5 /
          help  make the model in code, and load the weights: model.loadWeights(from:)
        """)
    #expect(
      message { try load(KerasFile.weightsData(of: model())) } == """
        error: the file has no network
          got   weights alone, as in a .weights.h5 file
          in    m.h5 /
          help  make the model in code, and load the weights: model.loadWeights(from:)
        """)
    #expect(
      message { try load(Data("no model".utf8)) } == """
        error: this is not an HDF5 file
          got   8 bytes
          in    m.h5
        """)
    let whole = try LegacyKerasFile.data(of: model())
    for count in [100, 1000, whole.count / 2, whole.count - 100] {
      #expect(throws: FormatError.self) { try load(whole.prefix(count)) }
    }
  }

  @Test("in the lists of weights are errors")
  func lists() throws {
    #expect(
      message { try load(changed(layerNames: nil)) } == """
        error: the file does not list its layers: there is no attribute layer_names
          got   a, b
          in    m.h5 /model_weights
          help  save the weights with Keras's save_weights, or save
        """)
    #expect(
      message { try load(changed(dropping: { $0 == "a/bias" })) } == """
        error: the weights in the file do not fit the model
          got   missing: model_weights/a/a/bias (a)
          in    m.h5 /model_weights
        """)
    #expect(
      message {
        try load(
          changed(arrays: ["a/kernel": Tensor([2, 3], [Float](repeating: 0, count: 6))]))
      } == """
        error: the weights in the file do not fit the model
          got   of other shapes: a/kernel is [2, 3] instead of [3, 2]
          in    m.h5 /model_weights
        """)
    #expect(
      message { try load(changed(layerNames: ["a"])) } == """
        error: the file has weights for 1 layers, the model for 2
          got   a for a, b
          in    m.h5 /model_weights
          help  load the layers whose names agree: byName: true
        """)
  }

  /// The settings with a loss that nobody knows.
  private func custom(_ json: String) -> String {
    guard let range = json.range(of: #""loss":{"#) else { return json }
    return json.replacingCharacters(in: range, with: #""loss":"focal","was":{"#)
  }

  @Test("of what nobody knows are one error, and weights load by name nevertheless")
  func unknown() throws {
    let data = try changed { json in
      custom(json.replacing(#""class_name":"Dense""#, with: #""class_name":"Attend""#))
    }
    #expect(
      message { try load(data) } == """
        error: the file names what is not known
          got   layers Attend (a, b); loss focal
          in    m.h5 model_config
          help  give your own layers in the registry: LayerRegistry(adding: […]); or make the \
        model in code, and load the weights by name: loadWeights(from:byName: true); load the \
        model with compile: false, and compile it anew
        """)
    let lambda = try changed {
      $0.replacing(#""class_name":"Dense""#, with: #""class_name":"Lambda""#)
    }
    #expect(
      message { try load(lambda) } == """
        error: the file names what is not known
          got   layers Lambda (a, b)
          in    m.h5 model_config
          help  a Lambda is a piece of Python: write it as a layer of your own, called Lambda; \
        give your own layers in the registry: LayerRegistry(adding: […]); or make the model in \
        code, and load the weights by name: loadWeights(from:byName: true)
        """)
    let other = try model()
    other.variables = other.variables.map { Tensor(zeros: $0.type) }
    try LegacyKerasFile.restoreWeights(lambda, to: other, byName: true)
    #expect(try other.weights == model().weights)
  }

  @Test("of a custom loss alone leave the model to be compiled anew")
  func loss() throws {
    let data = try changed(custom)
    #expect(
      message { try load(data) } == """
        error: the file names what is not known
          got   loss focal
          in    m.h5 training_config
          help  load the model with compile: false, and compile it anew
        """)
    let model = try LegacyKerasFile.model(data, compile: false, engine: ReferenceEngine())
    #expect(model.optimizer == nil)
  }

  @Test("of Swift types are found under their names with and without a package")
  func registered() throws {
    let plain = try check(Scale.self, Scale(3))
    #expect(plain == "Custom>Scale")
    let packaged = try check(PackagedScale.self, PackagedScale(3))
    #expect(packaged == "my_package>Scale")
  }

  /// The name of the class in the file of a model with `layer`, which is read again.
  private func check(_ type: any NamedLayer.Type, _ layer: any Layer) throws -> String {
    let model = try Model(input: [2], seed: 1, engine: ReferenceEngine()) {
      layer
      Dense(1)
    }
    let whole = try LegacyKerasFile.data(of: model), archive = try KerasFile.data(of: model)
    let again = try load(whole, layers: [type])
    #expect(again.weights == model.weights)
    let other = try KerasFile.model(
      archive, registry: LayerRegistry(adding: [type]), engine: ReferenceEngine())
    #expect(other.weights == model.weights)
    let text = message { try load(whole) }
    let name = text.split(separator: "layers ").dropFirst().first?.split(separator: " ").first
    return name.map(String.init) ?? text
  }
}

/// A layer of one's own.
private final class Scale: NamedLayer {
  let factor: Double
  let options: LayerOptions
  static let example = Scale(1)

  init(_ factor: Double, options: LayerOptions = []) {
    self.factor = factor
    self.options = options
  }

  func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    x * context.weight("scale", [], .constant(factor))
  }
}

/// One whose class is registered in a package.
private final class PackagedScale: NamedLayer {
  let factor: Double
  let options: LayerOptions
  static let example = PackagedScale(1)
  static let className = "my_package>Scale"

  init(_ factor: Double, options: LayerOptions = []) {
    self.factor = factor
    self.options = options
  }

  func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    x * context.weight("scale", [], .constant(factor))
  }
}
