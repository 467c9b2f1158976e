import Foundation
import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("Layers compute what Keras's do")
struct LayersGoldenTests {
  /// What Keras has and we refuse: images with the channels first.
  static let refused: Set<String> = ["flatten_channels_first"]

  @Test("Reference engine", arguments: try GoldenLayer.all())
  func reference(_ golden: GoldenLayer) throws {
    guard !Self.refused.contains(golden.index.name) else {
      #expect(throws: (any Error).self) { try golden.layer() }
      return
    }
    try golden.check(
      golden.layer(), isFrozen: golden.index.isFrozenCase, on: ReferenceEngine())
  }

  @Test("CPU engine", arguments: try GoldenLayer.all())
  func cpu(_ golden: GoldenLayer) throws {
    guard !Self.refused.contains(golden.index.name) else { return }
    try golden.check(golden.layer(), isFrozen: golden.index.isFrozenCase, on: CPUEngine())
  }

  @Test("There are golden cases of every kind")
  func count() throws {
    #expect(try GoldenLayer.all().count > 250)
  }
}
