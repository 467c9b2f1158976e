import Foundation
import NeuralNetworks
import Testing

@Suite("Golden cases are many, and none gets lost")
struct GoldenCountsTests {
  /// The counts of a class, or of all.
  struct Count: Codable, Equatable {
    var cases = 0
    var gradients = 0
  }
  struct Counts: Codable {
    let total: Count
    let classes: [String: Count]
  }

  /// The counts of the cases that there are.
  static let present = Result {
    struct Case: Decodable {
      let config: JSONValue
      let cotangents: [String]?
    }
    struct Family: Decodable { let cases: [Case] }
    var classes: [String: Count] = [:]
    for folder in ["augmentations", "layers", "recorded"] {
      let folder = GoldenLayer.folder.appending(path: folder)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path())
      for file in files where file.hasSuffix(".json") {
        let data = try Data(contentsOf: folder.appending(path: file))
        for golden in try JSONDecoder().decode(Family.self, from: data).cases {
          let name = golden.config["class_name"]?.string ?? ""
          classes[name, default: Count()].cases += 1
          if golden.cotangents?.isEmpty == false { classes[name]?.gradients += 1 }
        }
      }
    }
    return classes
  }

  @Test("There are enough")
  func enough() throws {
    let classes = try Self.present.get().values
    #expect(classes.reduce(0) { $0 + $1.cases } >= 1500)
    #expect(classes.reduce(0) { $0 + $1.gradients } >= 500)
  }

  /// Keras's layer takes boxes along with images; ours takes the boxes alone.
  static let without: Set<String> = ["MaxNumBoundingBoxes"]

  @Test(
    "Every layer has one",
    arguments: LayerRegistry.all.map { $0.className }.filter { !without.contains($0) })
  func every(_ layer: String) throws {
    let classes = try Self.present.get()
    #expect(classes[layer]?.cases ?? 0 > 0)
  }

  @Test("There are no fewer than there were")
  func growing() throws {
    let file = GoldenLayer.folder.appending(path: "counts.json")
    let counts = try JSONDecoder().decode(Counts.self, from: Data(contentsOf: file))
    let present = try Self.present.get()
    #expect(present.values.reduce(0) { $0 + $1.cases } >= counts.total.cases)
    #expect(present.values.reduce(0) { $0 + $1.gradients } >= counts.total.gradients)
    for (name, count) in counts.classes {
      let own = present[name] ?? Count()
      #expect(own.cases >= count.cases && own.gradients >= count.gradients, "cases of \(name)")
    }
  }
}
