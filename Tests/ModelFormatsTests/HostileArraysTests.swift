import Foundation
import ModelFormats
import Strata
import Testing

private func bytes(_ number: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
}

@Suite("Hostile HDF5 files")
struct HostileHDF5Tests {
  @Test(
    "whose arrays are not there, or not to be had, are refused array by array",
    arguments: [
      ("unwritten", "the array declares more bytes than the file can hold"),
      ("unwritten-gzip", "the array declares more bytes than the file can hold"),
      ("unwritten-axes", "the array declares more bytes than the file can hold"),
      ("inflates", "the compressed bytes of the array are damaged"),
      ("short", "the compressed bytes of the array are damaged"),
      ("scaled", "the array is compressed by a filter that is not supported\n  got   filter 6"),
      (
        "unknown", "the array is compressed by a filter that is not supported\n  got   filter 32001"
      ),
    ])
  func arrays(name: String, text: String) throws {
    let file = try HDF5File(image: Fixtures.data("hostile.h5"), file: "h.h5")
    let message = message { try file.tensor(name) }
    #expect(message.hasPrefix("error: \(text)"), "\(message)")
    #expect(message.contains("\n  in    h.h5 \(name)"))
    // What is sound beside it can be read.
    #expect(try file.tensor("filled").numbers == [2.5, 2.5, 2.5])
  }

  /// The error of reading `path` in the file `name`, in which what is found as `old` is `new`.
  private func changed(
    _ name: String, _ path: String, _ old: [UInt8], _ new: [UInt8]
  ) throws -> String {
    var image = try Fixtures.data(name)
    let place = try #require(image.firstRange(of: Data(old)))
    image.replaceSubrange(place.lowerBound..<place.lowerBound + new.count, with: new)
    return message { try HDF5File(image: image, file: "h.h5").tensor(path) }
  }

  @Test(
    "with chunks of no size, or of a size that overflows, are refused",
    arguments: [
      [0, 2, 3], [2, 0, 3], [0xffff_ffff, 0xffff_ffff, 0xffff_ffff], [1 << 30, 1 << 30, 1],
    ])
  func chunkSizes(sizes: [Int]) throws {
    let whole = [2, 2, 3, 4].flatMap { bytes($0, 4) }
    #expect(
      try changed("chunks.h5", "packed", whole, sizes.flatMap { bytes($0, 4) }) == """
        error: the chunks of the array are too large
          in    h.h5 packed
        """)
  }

  @Test("with a value for what is not written that is larger than an element are refused")
  func fillValue() throws {
    // The size of the value 2.5, and the value.
    let whole = bytes(4, 4) + [0, 0, 0x20, 0x40]
    for size in [0x7fff_ffff, 0xffff_ffff, 8, 3] {
      let text = try changed("hostile.h5", "filled", whole, bytes(size, 4))
      #expect(text.hasPrefix("error: the HDF5 file is damaged\n  got   a "), "\(size): \(text)")
    }
  }

  @Test("whose trees lead to themselves are refused")
  func circles() throws {
    for (name, path, kind, keySize) in [
      ("chunks.h5", "packed", UInt8(1), 40), ("small.h5", "layers", 0, 8),
    ] {
      var image = try Fixtures.data(name)
      let signature = Data(Array("TREE".utf8) + [kind])
      var rest = image[...]
      // Every tree of the kind: which of them is on the way to the array is not looked up.
      while let tree = rest.firstRange(of: signature)?.lowerBound {
        image[tree + 5] = 1
        image.replaceSubrange(tree + 24 + keySize..<tree + 32 + keySize, with: bytes(tree, 8))
        rest = image[(tree + 5)...]
      }
      let text = message { try HDF5File(image: image, file: "h.h5").tensor(path) }
      #expect(
        text.hasPrefix("error: the HDF5 file is damaged\n  got   a tree of uneven height"),
        "\(name): \(text)")
    }
  }

  @Test("with two arrays of the same bytes give both of them")
  func shared() throws {
    var image = try Fixtures.data("hostile.h5")
    let one = try HDF5File(image: image).tensor("one")
    // Where the arrays are: each is there once.
    func address(_ tensor: Tensor) throws -> Int {
      let content = tensor.withUnsafeBytes { Data($0) }
      return try #require(image.firstRange(of: content)).lowerBound
    }
    let two = try HDF5File(image: image).tensor("two")
    let places = try (address(one), address(two))
    let pointer = try #require(image.firstRange(of: Data(bytes(places.1, 8))))
    image.replaceSubrange(pointer, with: bytes(places.0, 8))
    let file = try HDF5File(image: image)
    #expect(one != two)
    #expect(try file.tensor("one") == one && file.tensor("two") == one)
  }
}

@Suite("Hostile arrays, sounds and tables")
struct HostileArraysTests {
  private func array(
    _ header: String, size: Int? = nil, version: UInt8 = 1, _ elements: Int = 0
  ) -> String {
    let start = [0x93] + Array("NUMPY".utf8) + [version, 0]
    let length = bytes(size ?? header.utf8.count, version == 1 ? 2 : 4)
    let data = Data(start + length + Array(header.utf8) + [UInt8](repeating: 1, count: elements))
    return message { try NumPy.array(data, file: "x.npy") }
  }

  private func header(_ descr: String, _ shape: String, fortran: String = "False") -> String {
    "{'descr': '\(descr)', 'fortran_order': \(fortran), 'shape': \(shape), }\n"
  }

  @Test("of NumPy with a header of another length than it says are refused")
  func headerLengths() {
    let good = header("<f4", "(1,)")
    #expect(array(good, 4) == "no error")
    for (size, version) in [(0xffff, UInt8(1)), (0xffff, 2), (good.utf8.count + 5, 1)] {
      #expect(
        array(good, size: size, version: version, 4).hasPrefix(
          "error: the file ends inside of the header\n  got   "), "\(size)")
    }
    for size in [0xffff_ffff, 1 << 17] {
      #expect(
        array(good, size: size, version: 3, 4) == """
          error: the header of the array is too long
            got   \(size) bytes
            in    x.npy byte 8
          """)
    }
    for size in [0, 1, 20, good.utf8.count - 4] {
      #expect(
        array(good, size: size, 4).hasPrefix("error: the header of the array is not what NumPy"),
        "\(size)")
    }
    // A header that ends early leaves more elements than there are; one that is too long, fewer.
    #expect(
      array(good, size: good.utf8.count - 1, 4) == """
        error: the file does not hold as many elements as its header says
          got   5 bytes for [1] elements of 4 bytes
          in    x.npy byte \(9 + good.utf8.count)
          help  the file may be incomplete: copy or save it again
        """)
  }

  @Test("of NumPy with columns first, and sizes that overflow, are refused")
  func columns() {
    for shape in ["(4611686018427387904, 4)", "(3, 0, 4611686018427387904)", "(2, 3)"] {
      #expect(
        array(header("<f8", shape, fortran: "True"), 8).hasPrefix(
          "error: the file does not hold as many elements as its header says"), "\(shape)")
    }
    let deep = "(" + String(repeating: "1,", count: 65) + ")"
    #expect(array(header("<f4", deep), 4).hasPrefix("error: the header of the array is not"))
    let nested = header("<f4", String(repeating: "(", count: 60_000))
    #expect(array(nested, 4).hasPrefix("error: the header of the array is not"))
  }

  @Test(
    "of elements that are pieces of Python, records, texts or dates are refused",
    arguments: ["|O", "O", "|O8", "<U4", "|S3", "<M8[ns]", "|V2", "<c16", "<f16", "<f3", "<"])
  func types(descr: String) {
    #expect(
      array(header(descr, "(1,)"), 16)
        == """
        error: elements of this type cannot be read
          got   \(descr)
          in    x.npy byte 10
          help  convert with array.astype("float32") first
        """)
  }

  /// A sound with another number at `place` of its format, or as its size.
  private func sound(_ place: Int?, _ number: Int, _ count: Int) throws -> String {
    var data = WAVTests.file(kind: 1, bits: 16, channels: 2, [1, 2, 3, 4, 5, 6, 7, 8])
    let format = try #require(data.firstRange(of: Data("fmt ".utf8))).upperBound + 4
    let size = try #require(data.firstRange(of: Data("data".utf8))).upperBound
    let start = place.map { format + $0 } ?? size
    data.replaceSubrange(start..<start + count, with: bytes(number, count))
    return message { try WAV.sound(data, file: "x.wav") }
  }

  @Test("of WAV whose sizes are not those of their numbers are refused")
  func sounds() throws {
    #expect(try sound(nil, 8, 4) == "no error")
    // What a program writes that does not know yet how long the sound will be.
    for size in [0xffff_ffff, 0x7fff_ffff, 9] {
      #expect(
        try sound(nil, size, 4).hasPrefix(
          "error: the file ends inside of a chunk\n  got   8 of \(size) bytes\n  in    x.wav "),
        "\(size)")
    }
    #expect(
      try sound(2, 0, 2) == """
        error: the sound is compressed, or of an unknown kind
          got   the kind 1, 16 bits, 0 channels
          in    x.wav
          help  convert it to 16 bits PCM
        """)
    for size in [0, 2, 8, 0xffff] {
      #expect(
        try sound(12, size, 2) == """
          error: the frames of the sound have another size than its numbers
            got   \(size) bytes for 2 channels of 16 bits
            in    x.wav
            help  convert it to 16 bits PCM
          """)
    }
    #expect(try sound(2, 0xffff, 2).hasPrefix("error: the frames of the sound have another size"))
    #expect(try sound(-4, 0xffff_ffff, 4).hasPrefix("error: the file ends inside of a chunk"))
    #expect(
      try sound(-4, 3, 4) == "error: the format of the sound is not complete\n  in    x.wav byte 24"
    )
  }

  @Test("that are tables of one long line are refused without much ado", .timeLimit(.minutes(1)))
  func lines() {
    let long = Data(repeating: UInt8(ascii: "1"), count: 1 << 24)
    for start in ["", "a\n\"", "\""] {
      #expect(
        message { try CSVTable(Data(start.utf8) + long, file: "x.csv", hasHeader: true) }
          .hasPrefix(
            start.isEmpty
              ? "error: the table has a header and no rows" : "error: a quote is not closed"),
        "\(start)")
    }
    let commas = Data(repeating: UInt8(ascii: ","), count: 1 << 24)
    #expect(
      message { try CSVTable(commas, file: "x.csv") } == """
        error: the table has more than 100000 columns
          in    x.csv line 1
          help  the file may not be a table
        """)
    #expect(
      message { try CSVTable(Data("a,b\n".utf8) + commas, file: "x.csv") }
        .hasPrefix("error: a value is missing in column a\n  got   an empty cell"))
  }
}
