import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph
import Testing

@Suite("Damaged HDF5 files")
struct HDF5AbuseTests {
  @Test("survive truncation and changed bytes")
  func abused() throws {
    abuse(try Fixtures.data("small.h5"), changes: 3000) { image in
      let file = try HDF5File(image: image)
      for path in try file.datasets() { _ = try file.tensor(path) }
      _ = try file.strings("layer_names")
      _ = try file.string("name", of: "layers/dense/vars")
    }
  }
}
