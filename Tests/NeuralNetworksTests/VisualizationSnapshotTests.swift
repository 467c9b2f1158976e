import Strata
import Testing

@Suite("Snapshot of a picture")
struct VisualizationSnapshotTests {
  @Test("A tiny network is drawn as it was")
  func tiny() throws {
    let model = try Model(input: [2], name: "tiny") {
      Dense(1, activation: .sigmoid, name: "d")
    }
    try model.setWeights([
      "d/kernel": Tensor([2, 1], [1, -0.5] as [Float]), "d/bias": Tensor([1], [0.25] as [Float]),
    ])
    let svg = try model.plot(
      sample: Tensor([2], [1, -2] as [Float]), inputNames: ["a", "b"], outputNames: ["y"])
    let start = try #require(svg.firstRange(of: "</style>\n")?.upperBound)
    #expect(svg[start...] == snapshot)
  }
}

/// The picture after its style sheet.
private let snapshot = """
  SNAPSHOT
  """
