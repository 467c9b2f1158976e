import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("Layers that move parts of images compute what Keras's do")
struct PreprocessingImagesGoldenTests {
  static let cases = Result { try GoldenAugmentation.all(in: "places") }

  @Test("Reference engine", arguments: try Self.cases.get())
  func reference(_ golden: GoldenAugmentation) throws { try golden.check(on: ReferenceEngine()) }

  @Test("CPU engine", arguments: try Self.cases.get())
  func cpu(_ golden: GoldenAugmentation) throws { try golden.check(on: CPUEngine()) }

  @Test("There are cases of every layer")
  func count() throws {
    let cases = try Self.cases.get()
    #expect(cases.count >= 130)
    #expect(Set(cases.map(\.index.className)).count == 10)
  }
}
