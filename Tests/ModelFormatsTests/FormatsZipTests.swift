import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph
import Testing

@Suite("ZIP archives")
struct ZipTests {
  @Test("give back what was put in, in order, and the same bytes at any time")
  func roundTrip() throws {
    func make() throws -> Data {
      let zip = try ZipWriter()
      try zip.add("b.txt", Data("second letter".utf8))
      try zip.add("ä/empty", Data())
      try zip.add("a.bin", Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }))
      return try zip.finish()
    }
    let data = try make()
    let zip = try ZipReader(data)
    #expect(zip.names == ["b.txt", "ä/empty", "a.bin"])
    #expect(try zip.bytes(of: "b.txt") == Data("second letter".utf8))
    #expect(try zip.bytes(of: "ä/empty") == Data())
    #expect(try zip.bytes(of: "a.bin").count == 100_000)
    #expect(try make() == data)
  }

  @Test("have sizes and offsets that are too large in 64 bits", arguments: [1, 50, 200, 1 << 32])
  func wide(limit: Int) throws {
    let writer = ZipWriter(zip64From: limit)
    let entries = [("small", Data("one".utf8)), ("large", Data(count: 10_000)), ("c", Data())]
    for (name, bytes) in entries { try writer.add(name, bytes) }
    let data = try writer.finish()
    let zip = try ZipReader(data)
    #expect(zip.names == entries.map(\.0))
    for (name, bytes) in entries { #expect(try zip.bytes(of: name) == bytes) }
    guard Files.exists(KerasInPython.interpreter) else { return }
    try withTemporaryFolder { folder in
      try Files.write(data, to: folder + "/a.zip")
      let process = try Process.run(
        URL(filePath: KerasInPython.interpreter),
        arguments: ["-m", "zipfile", "-t", folder + "/a.zip"])
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
  }

  @Test("give large entries, and notice what is wrong with them")
  func large() throws {
    let numbers = Tensor([50_000], (0..<50_000).map { Float($0) })
    let data = try NumPy.data(archive: [("a", numbers), ("b", Tensor(Float(1)))])
    // A part of other data has indices that do not begin with 0.
    for data in [data, (Data(count: 5) + data).dropFirst(5)] {
      #expect(try NumPy.archive(data).map(\.tensor) == [numbers, Tensor(Float(1))])
    }
    for place in [50, 1000, 150_000] {
      var damaged = data
      damaged[place] ^= 1
      #expect(throws: FormatError.self, "\(place)") { try NumPy.archive(damaged) }
    }
  }

  @Test("report what is wrong with them")
  func errors() throws {
    #expect(
      message { try ZipReader(Data("hello".utf8)) }
        == "error: this is not a ZIP archive\n  got   5 bytes")
    let writer = try ZipWriter()
    try writer.add("a", Data("one".utf8))
    #expect(throws: FormatError.self) { try writer.add("a", Data()) }
    var data = try writer.finish()
    #expect(throws: FormatError.self) { try writer.add("b", Data()) }
    #expect(
      message { try ZipReader(data, file: "x.zip").bytes(of: "b") } == """
        error: the archive has no entry b
          got   a
          in    x.zip
        """)
    let place = try #require(data.range(of: Data("one".utf8)))
    data[place.lowerBound] ^= 1
    #expect(
      message { try ZipReader(data, file: "x.zip").bytes(of: "a") } == """
        error: an entry of the archive cannot be read
          got   CRC error
          in    x.zip a
          help  the file may be damaged: copy or save it again
        """)
  }

  @Test("that would grow beyond all measure are refused")
  func bomb() throws {
    var data = try Fixtures.data("deflated.npz")
    // The size in the list of entries, 24 bytes after its mark.
    let entry = try #require(data.range(of: Data([0x50, 0x4b, 1, 2]))).lowerBound
    data.replaceSubrange(entry + 24..<entry + 28, with: [0, 0, 0, 0x70])
    #expect(message { try ZipReader(data) }.contains("more bytes than it can hold"))
  }
}
