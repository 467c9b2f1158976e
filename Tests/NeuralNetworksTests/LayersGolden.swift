import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph
import TestKit
import Testing

/// A layer as Keras computed it: configuration, inputs, weights, and all that follows from them.
struct GoldenLayer: Sendable, CustomTestStringConvertible {
  struct Weight: Decodable, Sendable {
    let name: String
    let path: String
    let array: String
    let trainable: Bool
    let gradient: String?
    let updated: String?
  }
  /// The members of the index that are read as they are.
  struct Index: Decodable, Sendable {
    let name: String
    let className: String
    let training: Bool
    let arguments: [String: Bool]
    let inputs: [String]
    let arrayArguments: [String: String]
    let weights: [Weight]
    let outputs: [String]
    let cotangents: [String]
    let inputGradients: [String?]
    let outputMask: String?
  }

  let index: Index
  /// Keras's object of the layer, as JSON.
  let configuration: Data
  var testDescription: String { index.name }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Golden/layers")

  /// All cases of the index.
  static func all() throws -> [GoldenLayer] {
    let data = try Data(contentsOf: folder.appending(path: "cases.json"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    struct Cases: Decodable { let cases: [Index] }
    let index = try decoder.decode(Cases.self, from: data).cases
    let raw = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    let cases = raw?["cases"] as? [[String: Any]] ?? []
    return try zip(index, cases).map {
      GoldenLayer(
        index: $0, configuration: try JSONSerialization.data(withJSONObject: $1["config"] ?? [:]))
    }
  }

  /// The layer, as a model file is read.
  func layer() throws -> any NamedLayer {
    let object = try JSONValue(parsing: configuration)
    return try LayerRegistry.standard.layer(
      className: index.className, config: object["config"] ?? .null)
  }

  /// Throws unless a layer read from the configuration computes on `engine` what Keras did.
  func check(_ layer: any NamedLayer, isFrozen: Bool, on engine: any Engine) throws {
    let arrays = Dictionary(
      uniqueKeysWithValues: try NumPy.archive(
        path: Self.folder.appending(path: index.name + ".npz").path()
      ).map { ($0.name, $0.tensor) })
    func array(_ name: String) throws -> Tensor {
      guard let array = arrays[name] else { throw Mismatch("\(index.name) has no array \(name)") }
      return array
    }
    var inputs = try index.inputs.map(array)
    var arguments = index.arguments.mapValues { CallArgument.bool($0) }
    var masks: [Int: Tensor] = [:]
    for (role, name) in index.arrayArguments {
      switch role {
      case "mask", "query_mask": masks[0] = try array(name)
      case "value_mask": masks[1] = try array(name)
      case "key_mask": masks[2] = try array(name)
      default:
        arguments[role] = .input(inputs.count)
        inputs.append(try array(name))
      }
    }
    let trace = try LayerTrace(
      layer, inputs.map(\.type), masks: masks.mapValues(\.shape), arguments: arguments,
      isTraining: index.training, isFrozen: isFrozen)
    try checkWeights(trace)

    var variables = try index.weights.map { try array($0.array) }
    let fed =
      inputs + masks.sorted { $0.key < $1.key }.map(\.value) + (try index.cotangents.map(array))
    let run = try engine.compile(trace.graph).run(fed, variables: &variables)
    let results = trace.results(run)

    guard results.outputs.count == index.outputs.count else {
      throw Mismatch("\(results.outputs.count) outputs, expected \(index.outputs.count)")
    }
    for (output, name) in zip(results.outputs, index.outputs) {
      try compare(output, array(name), 1e-5, name)
    }
    for (position, name) in index.inputGradients.enumerated() {
      if let name, let gradient = results.inputGradients[position] {
        try compare(gradient, array(name), 1e-4, name)
      }
    }
    for (position, weight) in index.weights.enumerated() {
      if let name = weight.gradient {
        guard let gradient = results.weightGradients[position] else {
          throw Mismatch("\(weight.name) has no gradient")
        }
        try compare(gradient, array(name), 1e-4, "gradient of \(weight.name)")
      }
      if let name = weight.updated, !isFrozen {
        guard let value = results.updates[trace.weights[position].path] else {
          throw Mismatch("\(weight.name) is not updated")
        }
        try compare(value, array(name), 1e-5, "updated \(weight.name)")
      }
    }
    if let name = index.outputMask, !Self.reversedMasks.contains(index.name) {
      guard let mask = results.masks[0] else { throw Mismatch("the output has no mask") }
      try compare(mask, array(name), 0, "mask")
    }
  }

  /// Where the steps of the output are in reverse order, Keras leaves the mask as it was, so that
  /// it no longer tells which steps count; ours is reversed too.
  static let reversedMasks: Set<String> = Set(
    ["simple_rnn", "lstm", "gru"].flatMap { layer in
      ["right_padded", "holes"].map { "\(layer)_mask_\($0)_backwards_sequences" }
    })

  /// Throws unless the weights are those of Keras, in its order.
  private func checkWeights(_ trace: LayerTrace) throws {
    guard trace.weights.count == index.weights.count else {
      throw Mismatch("weights \(trace.weights.map(\.path)), expected \(index.weights.map(\.path))")
    }
    for (own, weight) in zip(trace.weights, index.weights) {
      // A recurrent layer of Keras keeps its weights in a cell, which we do not have.
      let names = weight.path.split(separator: "/").dropFirst().filter { !$0.hasSuffix("_cell") }
      let path = own.path.split(separator: "/").dropFirst()
      guard path.elementsEqual(names), own.isTrainable == weight.trainable || index.isFrozenCase
      else { throw Mismatch("weight \(own.path), expected \(weight.path)") }
    }
  }

  private func compare(
    _ got: Tensor, _ expected: Tensor, _ tolerance: Double, _ name: String
  ) throws {
    guard got.shape == expected.shape else {
      throw Mismatch("\(name) has shape \(got.shape), expected \(expected.shape)")
    }
    // Relative to the largest element, and to terms near 1: sums that cancel keep their error.
    let scale = Swift.max(expected.numbers.map(\.magnitude).max() ?? 0, 0.05)
    for (a, b) in zip(got.numbers, expected.numbers)
    where !((a - b).magnitude <= tolerance * scale) {
      throw Mismatch("\(name): \(a), expected \(b)")
    }
  }
}

extension GoldenLayer.Index {
  /// Whether Keras's layer was not to be trained.
  var isFrozenCase: Bool { name.contains("frozen") }
}
