import Foundation
import Strata
import TestKit
import Testing

/// Every layer of the library, with inputs that it takes.
struct LayerExample: Sendable, CustomTestStringConvertible {
  let layer: any NamedLayer
  let inputs: [TensorType]
  var testDescription: String { layer.className }

  /// The layers whose examples compute with floating-point numbers.
  static let all = LayerRegistry.all.compactMap { LayerExample($0.example) }

  init?(_ layer: any NamedLayer) {
    self.layer = layer
    let shapes: [Shape] = [
      [2, 6], [2, 6, 6, 3], [2, 6, 4], [2, 4, 6, 6, 2], [2, 2, 6, 6, 6, 2], [6, 6, 3],
    ]
    var candidates = shapes.map { [TensorType(.float32, $0)] }
    candidates.insert(
      [TensorType(.int32, [2, 6])],
      at: layer.className.hasSuffix("Embedding") ? 0 : candidates.count)
    for count in 2...3 {
      candidates += shapes.map { Array(repeating: TensorType(.float32, $0), count: count) }
    }
    let fitting = candidates.first { (try? LayerTrace(layer, $0)) != nil }
    guard let fitting else { return nil }
    inputs = fitting
  }

  /// A model of the layer alone.
  func model(_ policy: DTypePolicy, on engine: any Engine) throws -> Model {
    let x = inputs.map { Input($0.shape.dims.dropFirst().map { $0 }, dtype: $0.dtype) }
    return try Model(
      inputs: x, outputs: layer.apply(to: x), seed: 3, dtypePolicy: policy, engine: engine)
  }

  /// Numbers for the inputs: small, different, of both signs.
  var values: [Tensor] {
    inputs.enumerated().map { position, type in
      let numbers = (0..<type.shape.count).map { Double(($0 * 37 + 11 * position) % 101) / 50 - 1 }
      return Tensor(type, numbers: type.dtype.isFloatingPoint ? numbers : numbers.map { _ in 0 })
    }
  }
}

@Suite("Layers compute in any element type")
struct LayersOptionsTypesTests {
  @Test("There are inputs for nearly all layers")
  func examples() {
    let known = Set(LayerExample.all.map { $0.layer.className })
    let missing = LayerRegistry.all.map { $0.className }.filter { !known.contains($0) }
    #expect(missing.count < 12, "\(missing)")
  }

  static let policies: [DTypePolicy] = [.mixedBFloat16, .float64]

  @Test("Outputs have the type, and are those of float32", arguments: LayerExample.all, policies)
  func outputs(_ example: LayerExample, _ policy: DTypePolicy) throws {
    for engine in [ReferenceEngine(), CPUEngine()] as [any Engine] {
      let expected = try example.model(.float32, on: engine).predict(example.values)
      let model = try example.model(policy, on: engine)
      for weight in model.declarations where weight.type.dtype.isFloatingPoint {
        #expect(weight.type.dtype == policy.variable, "\(weight.path)")
      }
      // Decibels of almost nothing are what is left of the rounding.
      let tolerance =
        policy == .float64 ? 1e-5 : example.layer.className == "MelSpectrogram" ? 0.2 : 0.03
      for (y, expected) in zip(try model.predict(example.values), expected) {
        guard expected.dtype.isFloatingPoint else {
          #expect(y.dtype == expected.dtype)
          continue
        }
        // A pipeline gives what its layers give, and this one has none.
        #expect(y.dtype == policy.compute || example.layer.className == "Pipeline")
        #expect(distance(y.cast(to: .float64), expected.cast(to: .float64)) < tolerance)
      }
    }
  }

  static let weighted = LayerExample.all.filter { example in
    let trace = try? LayerTrace(example.layer, example.inputs)
    return trace?.weights.contains(where: \.isTrainable) == true
  }

  @Test("Steps of training are those of float32", arguments: weighted, policies)
  func training(_ example: LayerExample, _ policy: DTypePolicy) throws {
    func trained(_ policy: DTypePolicy) throws -> (losses: [Double], weights: [Tensor]) {
      let model = try example.model(policy, on: CPUEngine())
      try model.compile(
        optimizer: .sgd(learningRate: 0.01),
        losses: Dictionary(
          uniqueKeysWithValues: model.structure.outputNames.map { ($0, .meanSquaredError) }))
      let targets = try model.predict(example.values).map {
        Tensor(TensorType(.float32, $0.shape), repeating: 0.5)
      }
      let data = try TrainingData(inputs: example.values, targets: targets)
      let history = try model.fit(data, batchSize: 8, epochs: 2, shuffle: false, verbose: .silent)
      return (history["loss"], Array(model.weights.values))
    }
    let expected = try trained(.float32), got = try trained(policy)
    let tolerance = policy == .float64 ? 1e-4 : 0.05
    for (a, b) in zip(got.losses, expected.losses) {
      #expect(abs(a - b) <= tolerance * max(b, 0.05), "loss")
    }
    for (a, b) in zip(got.weights, expected.weights) where b.dtype.isFloatingPoint {
      #expect(a.dtype == policy.variable)
      #expect(distance(a.cast(to: .float64), b.cast(to: .float64)) < tolerance)
    }
  }

  @Test("A layer's own type comes before that of the model, and that before the standard")
  func precedence() throws {
    let model = try Model(input: [4], dtypePolicy: .mixedBFloat16) {
      Dense(3)
      Dense(3, options: [.dtype(.float64)])
      Dense(3, options: [.dtype(.float16)])
      Wrapped()
    }
    let types = model.declarations.map { "\($0.path) \($0.type.dtype)" }
    #expect(
      types == [
        "dense/kernel float32", "dense/bias float32", "dense_1/kernel float64",
        "dense_1/bias float64", "dense_2/kernel float16", "dense_2/bias float16",
        "wrapped/inner/kernel float32", "wrapped/inner/bias float32",
      ])
    #expect(model.structure.outputDTypes == [.bfloat16])
    let y = try model.predict(Tensor(TensorType(.float32, [2, 4]), repeating: 0.5))
    #expect(y.dtype == .bfloat16)
    let again = try Model(NetworkConfiguration(sequential().configuration()), engine: CPUEngine())
    #expect(again.dtypePolicy == .mixedBFloat16)
    #expect(again.structure.outputDTypes == [.float64])
    func text(_ model: Model) throws -> String {
      String(decoding: try model.configuration().serialized(), as: UTF8.self)
    }
    let written = try text(again), expected = try text(sequential())
    #expect(written == expected)
  }

  private func sequential() throws -> Model {
    try Model(input: [4, 3], dtypePolicy: .mixedBFloat16) {
      Bidirectional(LSTM(2), backwardLayer: LSTM(2, goBackwards: true, options: [.dtype(.float32)]))
      Dense(2, options: [.dtype(.float64)])
    }
  }

  @Test("Layers within layers are written with the type of those around them")
  func nested() throws {
    let layers = try sequential().configuration()["config"]?["layers"]?.array ?? []
    func name(_ config: JSONValue?) -> String? { config?["dtype"]?["config"]?["name"]?.string }
    let both = layers[1]["config"]
    #expect(name(both) == "mixed_bfloat16")
    #expect(name(both?["layer"]?["config"]) == "mixed_bfloat16")
    #expect(name(both?["backward_layer"]?["config"]) == "float32")
    #expect(name(layers[2]["config"]) == "float64")
  }
}

/// A layer with a layer in it.
private final class Wrapped: Layer {
  let inner = Dense(2)
  func call(_ x: Symbol, _ context: LayerContext) -> Symbol { inner(x) }
}
