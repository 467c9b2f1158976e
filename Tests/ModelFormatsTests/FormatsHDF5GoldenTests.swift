import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph
import Testing

@Suite("HDF5 files read as by h5py")
struct HDF5GoldenTests {
  /// What Scripts/golden/formats.py says of the content of a file.
  struct Digest: Codable, Hashable {
    let lines: Int
    let digest: UInt32
  }

  @Test("all arrays, names and attributes of the files of the repository")
  func digests() throws {
    let expected = try JSONDecoder().decode(
      [String: Digest].self, from: Fixtures.data("hdf5_digests.json"))
    #expect(expected.count > 70)
    for (name, digest) in expected {
      let data = try Fixtures.data("../" + name)
      let image = HDF5File.isHDF5(data) ? data : try ZipReader(data).bytes(of: "model.weights.h5")
      let lines = try lines(HDF5File(image: image, file: name))
      let text = lines.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      #expect(
        Digest(lines: lines.count, digest: adler(text.joined(separator: "\n").utf8)) == digest,
        "\(name)")
    }
  }

  private func lines(_ file: HDF5File) throws -> [String] {
    var lines: [String] = []
    var waiting = ["/"]
    while let path = waiting.popLast() {
      for name in try file.attributeNames(of: path) {
        if let texts = try? file.strings(name, of: path) {
          lines.append("\(path)@\(name) \(texts.joined(separator: "|"))")
        } else if let numbers = try file.numbers(name, of: path) {
          lines.append("\(path)@\(name) \(numbers.scalars(as: Int64.self))")
        }
      }
      if try file.kind(of: path) == .dataset {
        let value = try file.tensor(path)
        let sum = value.withUnsafeBytes { adler($0) }
        lines.append("\(path) \(value.dtype.rawValue) \(value.shape.dims) \(sum)")
      } else {
        waiting += try file.children(of: path).map { (path == "/" ? "" : path) + "/" + $0 }
      }
    }
    let arrays = try file.datasets()
    #expect(Set(arrays).count == arrays.count)
    #expect(lines.count { $0.contains(/^[^@]* [a-z]+\d* \[/) } == arrays.count)
    return lines
  }

  /// The checksum Adler-32, as zlib computes it.
  private func adler(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    return b << 16 | a
  }

  @Test("elements that were never written are the fill value")
  func fill() throws {
    let file = try HDF5File(image: Fixtures.data("layouts.h5"))
    #expect(try file.tensor("missing/all") == Tensor(TensorType(.float32, [2, 3]), repeating: -1))
    let zeros = Tensor(zeros: TensorType(.float32, [7, 10]))
    #expect(try file.tensor("missing/zeros") == zeros)
    var numbers = [Double](repeating: 3.5, count: 70)
    (numbers[31], numbers[41]) = (1, 1)
    #expect(try file.tensor("missing/chunks").numbers == numbers)
  }

  @Test("in the latest format where it is like the others, or are errors")
  func latest() throws {
    let file = try HDF5File(image: Fixtures.data("latest.h5"), file: "l.h5")
    #expect(try file.children() == ["chunks", "group", "many"])
    #expect(try file.tensor("group/plain") == Fixtures.count(.float32))
    #expect(try file.strings("name", of: "group/plain") == ["latest"])
    #expect(
      message { try file.tensor("chunks") } == """
        error: the HDF5 file is of a form that is not supported
          got   a layout of version 5
          in    l.h5 chunks
          help  save it with libver="earliest", as h5py does by default
        """)
    #expect(message { try file.children(of: "many") }.contains("links in a fractal heap"))
    #expect(message { try file.attributeNames(of: "many") }.contains("attributes in a fractal"))
  }

  @Test("changed bytes under a checksum are errors")
  func checksum() throws {
    var image = try Fixtures.data("layouts.h5")
    let chunk = try #require(image.range(of: Data(repeating: 255, count: 1999)))
    image[chunk.lowerBound + 1000] = 254
    let file = try HDF5File(image: image)
    #expect(
      message { try file.tensor("chunks/checksum-long") }.contains("bytes of the array are damaged")
    )
  }
}
