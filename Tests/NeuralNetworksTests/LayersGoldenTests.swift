import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("Layers compute what Keras's do")
struct LayersGoldenTests {
  static let cases = Result { try GoldenLayer.all(in: "layers") }

  @Test("Reference engine", arguments: try Self.cases.get())
  func reference(_ golden: GoldenLayer) throws {
    try golden.check(golden.layer(), on: ReferenceEngine())
  }

  @Test("CPU engine", arguments: try Self.cases.get())
  func cpu(_ golden: GoldenLayer) throws {
    try golden.check(golden.layer(), on: CPUEngine())
  }
}
