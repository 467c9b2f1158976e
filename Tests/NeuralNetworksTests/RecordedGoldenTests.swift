import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

/// What Keras's own tests call their layers with, and what Keras gave.
@Suite("Recorded from Keras's own tests")
struct RecordedGoldenTests {
  static let all = Result { try GoldenLayer.all(in: "recorded") }
  /// The cases that are to be computed as Keras does.
  static let computed = all.map { $0.filter { refusal(of: $0) == nil && $0.isKnown } }
  /// The cases that the reference engine does in no time.
  static let small = computed.map { cases in
    cases.filter { $0.arrays.values.reduce(0) { $0 + $1.shape.count } < 3000 }
  }

  @Test("CPU engine", arguments: try Self.computed.get())
  func cpu(_ golden: GoldenLayer) throws {
    try golden.check(golden.layer(), on: CPUEngine())
  }

  @Test("Reference engine", arguments: try Self.small.get())
  func reference(_ golden: GoldenLayer) throws {
    try golden.check(golden.layer(), on: ReferenceEngine())
  }

  @Test("What is refused is an error that says why")
  func refusals() throws {
    var used: Set<String> = []
    for golden in try Self.all.get() {
      guard let refusal = Self.refusal(of: golden) else { continue }
      used.insert(refusal.reason)
      do {
        try golden.check(golden.layer(), on: CPUEngine())
        Issue.record("\(golden.testDescription) is no longer refused: \(refusal.reason)")
      } catch let error as Mismatch {
        Issue.record("\(golden.testDescription) is computed, wrongly: \(error)")
      } catch {}
    }
    #expect(used.count == Self.refused.count, "a refusal is without a case")
  }

  @Test("No layer is missing")
  func missing() throws {
    var counts: [String: Int] = [:]
    for golden in try Self.all.get() {
      for name in golden.unknownClasses { counts[name, default: 0] += 1 }
    }
    let list = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    #expect(
      counts.isEmpty, "cases skipped for layers that are missing: \(list.joined(separator: ", "))")
  }

  /// Something that Keras has and we refuse on purpose.
  struct Refusal: Sendable {
    let reason: String
    let matches: @Sendable (GoldenLayer) -> Bool
  }

  static let refused: [Refusal] = [
    Refusal(reason: "a mask has an entry for each step, and is not broadcast") { golden in
      golden.index.masks.contains { position, name in
        guard let place = Int(position), let mask = golden.arrays[name],
          let x = try? golden.array(golden.index.inputs[place])
        else { return false }
        return Array(x.shape.dims.prefix(mask.shape.rank)) != mask.shape.dims
      }
    }
  ]

  static func refusal(of golden: GoldenLayer) -> Refusal? {
    refused.first { $0.matches(golden) }
  }
}

extension GoldenLayer {
  /// Whether we have the layer and all layers in it.
  var isKnown: Bool { unknownClasses.isEmpty }

  /// The layers of the case that we do not have.
  var unknownClasses: Set<String> {
    var found: Set<String> = []
    func visit(_ value: JSONValue) {
      if value["module"]?.string == "keras.layers", let name = value["class_name"]?.string {
        found.insert(name)
      }
      for inner in value.object?.values.map(\.self) ?? value.array ?? [] { visit(inner) }
    }
    visit(index.config)
    return found.subtracting(LayerRegistry.standard.classNames)
  }
}
