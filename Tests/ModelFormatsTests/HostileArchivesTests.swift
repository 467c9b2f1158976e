import Foundation
import Glibc
import ModelFormats
import NeuralNetworks
import TensorGraph
import Testing

/// An archive that says what it is told to, sound or not.
private struct Archive {
  private var bytes: [UInt8] = []
  private var list: [UInt8] = []
  private var count = 0

  private static func number(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// Adds an entry of `content`, which the list says to have other sizes and another place.
  mutating func add(
    _ name: String, _ content: [UInt8] = [1, 2, 3], method: Int = 0, size: Int? = nil,
    stored: Int? = nil, place: Int? = nil, wide: [Int] = []
  ) {
    let extra =
      wide.isEmpty
      ? []
      : Self.number(1, 2) + Self.number(8 * wide.count, 2)
        + wide.flatMap { Self.number($0, 8) }
    let sizes = Self.number(stored ?? content.count, 4) + Self.number(size ?? content.count, 4)
    let common =
      [20, 0, 0, 0] + Self.number(method, 2) + [0, 0, 33, 0, 0, 0, 0, 0] + sizes
      + Self.number(name.utf8.count, 2) + Self.number(extra.count, 2)
    list += [0x50, 0x4b, 1, 2, 20, 0] + common + [UInt8](repeating: 0, count: 10)
    list += Self.number(place ?? bytes.count, 4) + Array(name.utf8) + extra
    bytes += [0x50, 0x4b, 3, 4] + common + Array(name.utf8) + extra + content
    count += 1
  }

  var data: Data {
    let end =
      [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + Self.number(count, 2) + Self.number(count, 2)
      + Self.number(list.count, 4) + Self.number(bytes.count, 4) + [0, 0]
    return Data(bytes + list + end)
  }

  /// The error of the archive with what `body` adds.
  static func error(_ body: (inout Archive) -> Void) -> String {
    var archive = Archive()
    body(&archive)
    return message {
      let zip = try ZipReader(archive.data, file: "x.zip")
      for name in zip.names { _ = try zip.bytes(of: name) }
    }
  }
}

@Suite("Hostile archives")
struct HostileArchivesTests {
  @Test("whose names lead out of them are refused", arguments: ["/etc/passwd", "a/../../b", ".."])
  func names(name: String) {
    #expect(
      Archive.error { $0.add(name) } == """
        error: an entry of the archive leads out of it
          in    x.zip \(name)
        """)
  }

  @Test("with a name twice are refused")
  func duplicates() {
    #expect(
      Archive.error { archive in
        archive.add("a")
        archive.add("a", [4])
      } == """
        error: two entries of the archive have the same name
          in    x.zip a
        """)
  }

  @Test("whose entries share bytes are refused")
  func overlapping() {
    let content = [UInt8](repeating: 0, count: 4000)
    #expect(
      Archive.error { archive in
        for index in 0..<50 {
          archive.add("\(index)", index == 0 ? content : [], stored: 4000, place: 0)
        }
      }.contains("declares more bytes than it can hold"))
    #expect(
      Archive.error { archive in
        for index in 0..<50 {
          archive.add(
            "\(index)", index == 0 ? content : [], size: 4000, stored: 4000, place: 0)
        }
      }.hasPrefix("error: the entries of the archive are larger than the archive\n"))
  }

  @Test("that declare more than they hold are refused, each and all together")
  func bombs() {
    #expect(
      Archive.error { $0.add("a", method: 8, size: 1 << 31) } == """
        error: an entry of the archive declares more bytes than it can hold
          got   2147483648 bytes from 3
          in    x.zip a
        """)
    // Each may be: an array of zeros. All of them are too much.
    let content = [UInt8](repeating: 0, count: 1 << 16)
    #expect(
      Archive.error { archive in
        for index in 0..<3 { archive.add("\(index)", content, method: 8, size: 60_000_000) }
      }.hasPrefix("error: the entries of the archive declare more bytes than it can hold\n"))
  }

  @Test("with sizes of 64 bits are read without trusting them")
  func wide() {
    for sizes in [
      [Int.max, Int.max], [-1, -1], [1 << 62, 3], [3, Int.max], [Int.max, 3, .max],
    ] {
      let text = Archive.error { archive in
        for name in ["a", "b"] {
          archive.add(name, size: 0xffff_ffff, stored: 0xffff_ffff, wide: sizes)
        }
      }
      #expect(text.hasPrefix("error: "), "\(sizes)")
    }
  }

  @Test("compressed by gzip that declare too much are refused")
  func gzip() {
    var data = Data([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]) + Data(count: 1_000_000)
    data += Data([0, 0, 0, 0, 0, 0, 0, 0x20])
    #expect(
      message { try Gzip.decompress(data) }.hasPrefix(
        """
        error: the gzip file declares more bytes than it can hold
          got   536870912 from 1000018
        """))
  }

  @Test("and other things that are no files are refused without waiting for them")
  func notFiles() throws {
    try withTemporaryFolder { folder in
      let pipe = folder + "/pipe"
      #expect(mkfifo(pipe, 0o600) == 0)
      for path in [pipe, "/dev/zero"] {
        let expected = """
          error: \(path) is not a file
            got   a device or a pipe
            help  write what comes out of it to a file first
          """
        #expect(message { try Files.contents(of: path) } == expected)
        #expect(message { try Dataset(csv: path) } == expected)
      }
      #expect(
        message { try Files.contents(of: folder) } == """
          error: \(folder) is not a file
            got   a folder
          """)
    }
  }
}
