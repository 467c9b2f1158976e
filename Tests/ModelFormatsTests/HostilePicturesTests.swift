import Foundation
import ModelFormats
import Strata
import Testing

/// The bytes of a PNG file, chunk by chunk, whatever they say.
private struct PNGBytes {
  private(set) var data = Data([0x89] + Array("PNG\r\n".utf8) + [0x1a, 0x0a])

  static func number(_ number: Int) -> [UInt8] {
    stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  /// A header of these sizes; gray of 8 bits if nothing else is said.
  init(_ width: Int, _ height: Int, bits: UInt8 = 8, color: UInt8 = 0) {
    chunk("IHDR", Self.number(width) + Self.number(height) + [bits, color, 0, 0, 0])
  }

  /// Adds a chunk; one that is damaged has another checksum.
  mutating func chunk(_ name: String, _ content: [UInt8], isDamaged: Bool = false) {
    let body = Array(name.utf8) + content
    var checksum: UInt32 = 0xffff_ffff
    for byte in body {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    data += Data(Self.number(content.count) + body)
    data += Data(Self.number(Int(~checksum ^ (isDamaged ? 1 : 0))))
  }

  /// Adds rows, each after the number of its filter, that are not compressed, and the end.
  mutating func pixels(_ rows: [UInt8], isDamaged: Bool = false, isEndDamaged: Bool = false) {
    var (a, b) = (1, 0)
    for byte in rows {
      a = (a + Int(byte)) % 65521
      b = (b + a) % 65521
    }
    func short(_ number: Int) -> [UInt8] { [UInt8(number & 0xff), UInt8(number >> 8 & 0xff)] }
    let sizes = short(rows.count) + short(~rows.count)
    chunk("IDAT", [0x78, 1, 1] + sizes + rows + Self.number(b << 16 | a), isDamaged: isDamaged)
    chunk("IEND", [], isDamaged: isEndDamaged)
  }
}

/// A picture of which something is wrong, and what is said of it.
private struct HostilePicture: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let data: Data
  let message: String

  init(_ name: String, _ message: String, _ png: PNGBytes) {
    (testDescription, data) = (name, png.data)
    self.message = message
  }

  /// A damaged file, because of `got`.
  init(_ name: String, damaged got: String, _ png: PNGBytes) {
    self.init(
      name,
      """
      error: the PNG picture is damaged or not complete
        got   \(got)
        in    x.png
        help  copy or save the file again
      """, png)
  }

  static let rows: [UInt8] = [0, 1, 2, 0, 3, 4]

  private static func gray(_ body: (inout PNGBytes) -> Void) -> PNGBytes {
    var png = PNGBytes(2, 2)
    body(&png)
    return png
  }

  private static func sized(
    _ width: Int, _ height: Int, bits: UInt8 = 8, color: UInt8 = 0
  ) -> PNGBytes {
    var png = PNGBytes(width, height, bits: bits, color: color)
    png.pixels(rows)
    return png
  }

  static let all: [HostilePicture] = {
    let huge = """
      error: the picture is too large
        got   2147483647 by 2147483647 pixels
        in    x.png
        help  at most 134217728 pixels are read: make it smaller
      """
    return [
      .init("2³¹ - 1 by 2³¹ - 1, gray", huge, sized(0x7fff_ffff, 0x7fff_ffff)),
      .init(
        "2³¹ - 1 by 2³¹ - 1, 16 bits and alpha", huge,
        sized(0x7fff_ffff, 0x7fff_ffff, bits: 16, color: 6)),
      .init(
        "more than its file",
        """
        error: the picture declares more pixels than its file can hold
          got   11000 by 12000 from 74 bytes
          in    x.png
          help  the file may be incomplete: copy it again
        """, sized(12000, 11000)),
      .init("2³² - 1 wide", damaged: "PNG unsigned integer out of range", sized(0xffff_ffff, 1)),
      .init("no width", damaged: "Invalid IHDR data", sized(0, 2)),
      .init("no height", damaged: "Invalid IHDR data", sized(2, 0)),
      .init("3 bits", damaged: "Invalid IHDR data", sized(2, 2, bits: 3)),
      .init("no palette", damaged: "IDAT: Missing PLTE before IDAT", sized(2, 2, color: 3)),
      .init("no end of its rows", damaged: "Not enough image data", sized(2, 3)),
      .init(
        "an unknown filter", damaged: "bad adaptive filter value",
        gray { $0.pixels([7, 1, 2, 0, 3, 4]) }),
      .init(
        "a damaged header", damaged: "IHDR: CRC error",
        {
          var png = PNGBytes(2, 2)
          png.pixels(rows)
          return png.changed(19)
        }()),
      .init(
        "damaged pixels", damaged: "IDAT: CRC error", gray { $0.pixels(rows, isDamaged: true) }),
      .init(
        "a damaged end", damaged: "IEND: CRC error", gray { $0.pixels(rows, isEndDamaged: true) }),
      .init(
        "damaged alpha", damaged: "tRNS: CRC error",
        gray {
          $0.chunk("tRNS", [0, 1], isDamaged: true)
          $0.pixels(rows)
        }),
      .init(
        "an unknown part that matters", damaged: "ABCD: unhandled critical chunk",
        gray {
          $0.chunk("ABCD", [1])
          $0.pixels(rows)
        }),
      .init(
        "two headers", damaged: "IHDR: out of place",
        gray {
          $0.chunk("IHDR", PNGBytes.number(900) + PNGBytes.number(900) + [8, 0, 0, 0, 0])
          $0.pixels(rows)
        }),
    ]
  }()
}

extension PNGBytes {
  /// With another byte at `place`.
  fileprivate func changed(_ place: Int) -> PNGBytes {
    var png = self
    png.data[place] ^= 1
    return png
  }
}

@Suite("Hostile pictures")
struct HostilePicturesTests {
  @Test("of PNG are refused with what is wrong", arguments: HostilePicture.all)
  private func refused(picture: HostilePicture) {
    #expect(message { try ImageFile.image(picture.data, file: "x.png") } == picture.message)
  }

  @Test("whose number of pixels is not limited are as large as their file can make them")
  func unlimited() {
    var png = PNGBytes(0x7fff_ffff, 0x7fff_ffff)
    png.pixels(HostilePicture.rows)
    #expect(
      message { try ImageFile.image(png.data, pixelLimit: .max) }
        .hasPrefix("error: the picture declares more pixels than its file can hold"))
  }

  @Test("of PNG with colors that are not in the palette have black ones")
  func palette() throws {
    var png = PNGBytes(3, 1, color: 3)
    png.chunk("PLTE", [10, 20, 30, 40, 50, 60])
    png.pixels([0, 1, 5, 255])
    #expect(
      try ImageFile.image(png.data)
        == Tensor([1, 3, 3], [40, 50, 60, 0, 0, 0, 0, 0, 0] as [UInt8]))
  }

  @Test("of PNG with more than pixels have just the pixels")
  func more() throws {
    let pixels = Tensor([2, 2, 1], [1, 2, 3, 4] as [UInt8])
    var longer = PNGBytes(2, 2)
    longer.pixels(HostilePicture.rows + [UInt8](repeating: 9, count: 5000))
    #expect(try ImageFile.image(longer.data) == pixels)
    // Neither is decompressed, so that they need not even be what they say.
    var noted = PNGBytes(2, 2)
    for name in ["zTXt", "iTXt", "iCCP"] {
      noted.chunk(name, Array("a\0\0".utf8) + [UInt8](repeating: 0xff, count: 100_000))
    }
    noted.pixels(HostilePicture.rows)
    #expect(try ImageFile.image(noted.data) == pixels)
  }

  @Test(
    "of JPEG with a size that their bytes cannot have are refused",
    arguments: [
      ([0xff, 0xff, 0xff, 0xff], "Maximum supported image dimension is 65500 pixels"),
      ([0xff, 0, 0xff, 0], "65280 by 65280 pixels"),
      ([0x2e, 0xe0, 0x27, 0x10], "12000 by 10000 from"), ([0, 0, 0, 8], "Empty JPEG image"),
      ([0, 100, 0, 100], "premature end of data segment"),
    ])
  func jpeg(size: [UInt8], got: String) throws {
    var data = try Files.contents(of: "\(ImageTests.folder)/kinds/gray.jpg")
    let frame = try #require(data.firstRange(of: Data([0xff, 0xc0]))).lowerBound
    data.replaceSubrange(frame + 5..<frame + 9, with: size)
    let text = message { try ImageFile.image(data, file: "x.jpg") }
    #expect(text.hasPrefix("error: the") && text.contains("\n  got   ") && text.contains(got))
    #expect(text.contains("\n  in    x.jpg\n  help  "))
  }
}
