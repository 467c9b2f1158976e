import Foundation
import Glibc
import ModelFormats
import NeuralNetworks
import TensorGraph
import Testing

@Suite("Damaged HDF5 files")
struct HDF5AbuseTests {
  /// Reads all there is in a file, however much of it is damaged; throws when a list of its
  /// arrays cannot be had.
  private static func readAll(_ image: Data) throws(FormatError) {
    let file = try HDF5File(image: image)
    let names = (try? file.children()) ?? []
    for path in names + ["/", "plain", "plain/bfloat16", "layers/dense/vars", "group"] {
      _ = try? file.children(of: path)
      for name in (try? file.attributeNames(of: path)) ?? [] {
        _ = try? file.strings(name, of: path)
        _ = try? file.numbers(name, of: path)
      }
    }
    for path in names + ["plain/big", "plain/bool", "plain/bfloat16", "group/plain"] {
      _ = try? file.tensor(path)
    }
    for path in try file.datasets().prefix(100) { _ = try? file.tensor(path) }
  }

  @Test("are errors when cut off", arguments: ["small.h5", "latest.h5"])
  func truncated(name: String) throws {
    let whole = try Fixtures.data(name)
    abuse(whole, changes: 0) { image throws(FormatError) in
      try Self.readAll(image)
    }
    #expect(message { try HDF5File(image: whole.dropLast()) }.contains("file is not complete"))
  }

  @Test(
    "with changed bytes are read or are errors, without delay",
    arguments: [
      ("small.h5", 8000), ("chunks.h5", 7000), ("latest.h5", 3500), ("elsewhere.h5", 1500),
      ("arrays.h5", 500), ("../keras_files/forms.h5", 500),
    ])
  func changed(name: String, count: Int) throws {
    let whole = try Fixtures.data(name)
    // Most bytes that are not zero belong to the structure of such small files.
    let places = whole.indices.filter { whole[$0] != 0 }
    var random = SplitMix(state: 7)
    var errors = 0
    for change in 0..<count {
      var image = whole
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        let place = try #require(
          Bool.random(using: &random)
            ? places.randomElement(using: &random) : whole.indices.randomElement(using: &random))
        let values: [UInt8] = [
          0, 1, 0x7f, 0x80, 0xff, image[place] &+ 1, image[place] ^ 0x10,
          .random(in: 0...255, using: &random),
        ]
        image[place] = try #require(values.randomElement(using: &random))
      }
      let start = seconds()
      do {
        try Self.readAll(image)
      } catch {
        errors += 1
      }
      let time = seconds() - start
      if time > 0.05 { Issue.record("change \(change) took \(time) s") }
    }
    #expect(errors > 0)
  }

  private func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
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
