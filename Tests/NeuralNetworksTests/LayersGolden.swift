import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph
import TestKit
import Testing

/// A layer as Keras computed it: configuration, inputs, weights, and all that follows from them.
struct GoldenLayer: Sendable, CustomTestStringConvertible {
  struct Weight: Decodable, Sendable {
    let path: String
    let array: String
    let trainable: Bool
    let gradient: String?
    let updated: String?
  }
  /// An array of the archive, or text.
  enum Value: Decodable, Sendable {
    case array(String)
    case strings([String], Shape)

    init(from decoder: any Decoder) throws {
      struct Strings: Decodable {
        let strings: [String]
        let shape: [Int]
      }
      if let name = try? decoder.singleValueContainer().decode(String.self) {
        self = .array(name)
      } else {
        let text = try Strings(from: decoder)
        self = .strings(text.strings, Shape(text.shape))
      }
    }
  }
  /// What the index of a family says of a case.
  struct Index: Decodable, Sendable {
    let name: String
    /// Keras's object of the layer.
    let config: JSONValue
    let training: Bool
    let arguments: [String: JSONValue]
    /// The arguments that are arrays, by name.
    let arrayArguments: [String: String]
    /// The masks of the inputs, by position.
    let masks: [String: String]
    /// How much outputs may differ, relative to the largest; gradients may ten times as much.
    let tolerance: Double?
    /// What the layer is adapted to first.
    let adapt: Value?
    let inputs: [Value]
    let weights: [Weight]
    let outputs: [Value]
    let cotangents: [String]
    let inputGradients: [String?]
    let outputMasks: [String?]

    /// The name of the class in files; Python's may be another.
    var className: String { config["class_name"]?.string ?? "" }

    enum CodingKeys: String, CodingKey {
      case name, config, training, arguments, masks, tolerance, adapt, inputs, weights, outputs
      case cotangents
      case arrayArguments = "array_arguments"
      case inputGradients = "input_gradients"
      case outputMasks = "output_masks"
    }
  }

  /// The file it is in.
  let family: String
  let index: Index
  let arrays: [String: Tensor]
  var testDescription: String { "\(family): \(index.name)" }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Golden")

  /// The cases of all families in `folder`.
  static func all(in folder: String) throws -> [GoldenLayer] {
    let folder = Self.folder.appending(path: folder)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path())
    return try files.filter { $0.hasSuffix(".json") }.sorted().flatMap { file in
      let family = String(file.dropLast(".json".count))
      struct Cases: Decodable { let cases: [Index] }
      let cases = try JSONDecoder().decode(
        Cases.self, from: Data(contentsOf: folder.appending(path: file))
      ).cases
      var arrays: [String: [String: Tensor]] = [:]
      let archive = try NumPy.archive(path: folder.appending(path: family + ".npz").path())
      for (path, tensor) in archive {
        let parts = path.split(separator: "/")
        guard parts.count == 2 else { throw Mismatch("\(family).npz has an array \(path)") }
        arrays[String(parts[0]), default: [:]][String(parts[1])] = tensor
      }
      return cases.map { GoldenLayer(family: family, index: $0, arrays: arrays[$0.name] ?? [:]) }
    }
  }

  /// The layer, as a model file is read, adapted as Keras's was.
  func layer() throws -> any NamedLayer {
    let layer = try LayerRegistry.standard.layer(
      className: index.config["class_name"]?.string ?? index.className,
      config: index.config["config"] ?? .null)
    guard let data = index.adapt, let adaptable = layer as? any AdaptableLayer else { return layer }
    return try adaptable.adapted(to: array(data))
  }

  /// Whether Keras's layer was not to be trained.
  var isFrozen: Bool { index.config["config"]?["trainable"] == .bool(false) }

  /// Whether there are gradients to compare.
  var hasGradients: Bool { !index.cotangents.isEmpty }

  func array(_ name: String) throws -> Tensor {
    guard let array = arrays[name] else { throw Mismatch("there is no array \(name)") }
    return array
  }

  func array(_ value: Value) throws -> Tensor {
    switch value {
    case .array(let name): try array(name)
    case .strings(let strings, let shape): Tensor(shape, strings)
    }
  }
}
