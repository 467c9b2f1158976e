import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph
import Testing

@Suite("Damaged HDF5 files")
struct HDF5AbuseTests {
  // Changed bytes are not tried: the library itself cannot stand all of them.
  @Test("survive truncation")
  func truncated() throws {
    abuse(try Fixtures.data("small.h5"), changes: 0) { image throws(FormatError) in
      let file = try HDF5File(image: image)
      for path in try file.datasets() { _ = try file.tensor(path) }
    }
  }

  @Test("whose heap of strings goes round in circles are refused")
  func heap() throws {
    var image = try Fixtures.data("small.h5")
    let heap = try #require(image.range(of: Data("GCOL".utf8))).lowerBound
    // The first object becomes free space without a size.
    image.replaceSubrange(heap + 16..<heap + 32, with: [UInt8](repeating: 0, count: 16))
    let file = try HDF5File(image: image, file: "x.h5")
    #expect(
      message { try file.string("name", of: "layers/dense/vars") } == """
        error: the strings of the HDF5 file are damaged
          in    x.h5 layers/dense/vars
        """)
  }
}
