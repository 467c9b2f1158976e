import Foundation
import ModelFormats
import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

/// What Keras makes of images and of numbers drawn for them, which are given.
struct GoldenAugmentation: Sendable, CustomTestStringConvertible {
  struct Index: Decodable, Sendable {
    let name: String
    let className: String
    let config: JSONValue
    let images: String
    let drawn: [String]
    let output: String
    /// Whether rounding in single precision decides, so that only such an engine is compared.
    let exact: Bool
    let labels: String?
    let mixedLabels: String?

    enum CodingKeys: String, CodingKey {
      case name, config, images, drawn, output, exact, labels
      case className = "class_name"
      case mixedLabels = "mixed_labels"
    }
  }

  let index: Index
  let arrays: [String: Tensor]
  var testDescription: String { index.name }

  /// All cases of `family`.
  static func all(in family: String = "augmentations") throws -> [GoldenAugmentation] {
    let folder = GoldenLayer.folder.appending(path: "augmentations")
    struct Cases: Decodable { let cases: [Index] }
    let cases = try JSONDecoder().decode(
      Cases.self, from: Data(contentsOf: folder.appending(path: family + ".json"))
    ).cases
    var arrays: [String: [String: Tensor]] = [:]
    let archive = try NumPy.archive(path: folder.appending(path: family + ".npz").path())
    for (path, tensor) in archive {
      let parts = path.split(separator: "/")
      guard parts.count == 2 else { throw Mismatch("there is an array \(path)") }
      arrays[String(parts[0]), default: [:]][String(parts[1])] = tensor
    }
    return cases.map { GoldenAugmentation(index: $0, arrays: arrays[$0.name] ?? [:]) }
  }

  private func array(_ name: String) throws -> Tensor {
    guard let array = arrays[name] else { throw Mismatch("there is no array \(name)") }
    return array
  }

  /// Throws unless the layer of the configuration computes on `engine` what Keras did.
  func check(on engine: any Engine) throws {
    let layer = try LayerRegistry.standard.layer(
      className: index.className, config: index.config["config"] ?? .null)
    let names = [index.images] + [index.labels].compactMap(\.self) + index.drawn
    let inputs = try names.map(array)
    let trace = Trace()
    let symbols = inputs.map { trace.input("x", $0.type) }
    let given = GivenNumbers(layer, hasLabels: index.labels != nil)
    let (outputs, _) = given.traced(on: symbols, isTraining: true)
    var variables: [Tensor] = []
    let results = try engine.compile(trace.graph(returning: outputs))
      .run(inputs, variables: &variables)
    let expected = try [index.output] + [index.mixedLabels].compactMap(\.self)
    for (result, name) in zip(results, expected) { try compare(result, array(name), name) }
    guard results.count == expected.count else { throw Mismatch("\(results.count) outputs") }
  }

  private func compare(_ got: Tensor, _ expected: Tensor, _ name: String) throws {
    guard got.type == TensorType(.float32, expected.shape) else {
      throw Mismatch("\(name) is \(got.type), expected \(expected.shape)")
    }
    let scale = Swift.max(expected.numbers.map(\.magnitude).max() ?? 0, 0.05)
    for (place, (a, b)) in zip(got.numbers, expected.numbers).enumerated()
    where !((a - b).magnitude <= 1e-5 * scale) {
      throw Mismatch("\(name): \(a), expected \(b) at \(place)")
    }
  }
}

/// A layer that takes the numbers it would draw as further inputs.
private final class GivenNumbers: MultiInputLayer {
  let layer: any NamedLayer
  let hasLabels: Bool

  init(_ layer: any NamedLayer, hasLabels: Bool) {
    self.layer = layer
    self.hasLabels = hasLabels
  }

  func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    let isSingle = inputs[0].shape.rank == 3
    let isFirst = layer.options.dataFormat == .channelsFirst
    let x = inputs[0].cast(to: .float32), batch = isSingle ? x.expandingDims(at: 0) : x
    let images = isFirst ? batch.transposed([0, 2, 3, 1]) : batch
    func arranged(_ y: Symbol) -> Symbol {
      let y = isFirst ? y.transposed([0, 3, 1, 2]) : y
      return isSingle ? y.squeezed(0) : y
    }
    let drawn = Array(inputs.dropFirst(hasLabels ? 2 : 1))
    if let layer = layer as? any RandomAugmentation {
      return [arranged(layer.transformed(images, by: drawn))]
    }
    guard let layer = layer as? any ImageMixing else {
      return [context.fail("\(layer.className) is no augmentation")]
    }
    return [
      arranged(layer.mixed(images: images, by: drawn)),
      layer.mixed(labels: inputs[1], of: images.shape, by: drawn),
    ]
  }
}

@Suite("Augmentations compute what Keras's do")
struct PreprocessingColorsGoldenTests {
  static let cases = Result { try GoldenAugmentation.all() }

  @Test("Reference engine", arguments: try Self.cases.get().filter { !$0.index.exact })
  func reference(_ golden: GoldenAugmentation) throws { try golden.check(on: ReferenceEngine()) }

  @Test("CPU engine", arguments: try Self.cases.get())
  func cpu(_ golden: GoldenAugmentation) throws { try golden.check(on: CPUEngine()) }

  @Test("There are cases of every layer")
  func count() throws {
    let cases = try Self.cases.get()
    #expect(cases.count >= 180)
    #expect(Set(cases.map(\.index.className)).count == 18)
  }
}
