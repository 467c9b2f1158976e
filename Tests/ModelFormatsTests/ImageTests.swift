import Foundation
import ModelFormats
import Strata
import Testing

/// How far the numbers of two tensors are apart at most.
private func apart(_ a: Tensor, _ b: Tensor) -> Double {
  guard a.shape == b.shape else { return .infinity }
  return zip(a.numbers, b.numbers).map { ($0 - $1).magnitude }.max() ?? 0
}

@Suite("Pictures")
struct ImageTests {
  /// The files that Scripts/golden/images.py made.
  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Golden/images").path

  static func arrays(_ name: String) throws -> [String: Tensor] {
    Dictionary(
      try NumPy.archive(path: "\(folder)/\(name)").map { ($0.name, $0.tensor) },
      uniquingKeysWith: { first, _ in first })
  }

  static let kinds = [
    "gray.png", "gray-alpha.png", "rgb.png", "rgba.png", "bits.png", "palette.png",
    "palette-alpha.png", "gray16.png", "interlaced.png", "gray.jpg", "rgb.jpg",
    "progressive.jpg", "full.jpg", "cmyk.jpg",
  ]

  @Test("of every kind have the pixels that Pillow sees", arguments: kinds)
  func pixels(name: String) throws {
    let arrays = try Self.arrays("kinds.npz"), expected = try #require(arrays[name])
    let image = try ImageFile.image(path: "\(Self.folder)/kinds/\(name)")
    #expect(image.type == expected.type)
    // Decoders of JPEG may round in their own ways.
    let tolerance = name.hasSuffix(".jpg") ? 2.0 : 0.0
    #expect(apart(image, expected) <= tolerance)
    if let gray = arrays[name + " L"] {
      let ours = try ImageFile.image(
        path: "\(Self.folder)/kinds/\(name)", colorMode: .grayscale)
      #expect(ours.type == gray.type)
      #expect(apart(ours, gray) <= tolerance)
    }
  }

  @Test("get and lose channels")
  func channels() throws {
    let colors = Tensor([1, 2, 3], [10, 20, 30, 255, 255, 255] as [UInt8])
    let file = try PNG.data(colors)
    #expect(try ImageFile.image(file, colorMode: .rgb) == colors)
    #expect(
      try ImageFile.image(file, colorMode: .rgba)
        == Tensor([1, 2, 4], [10, 20, 30, 255, 255, 255, 255, 255] as [UInt8]))
    #expect(
      try ImageFile.image(file, colorMode: .grayscale)
        == Tensor([1, 2, 1], [18, 255] as [UInt8]))
    let alpha = try PNG.data(Tensor([1, 1, 2], [7, 9] as [UInt8]))
    #expect(
      try ImageFile.image(alpha, colorMode: .rgba) == Tensor([1, 1, 4], [7, 7, 7, 9] as [UInt8]))
    #expect(
      try ImageFile.image(alpha, colorMode: .rgb) == Tensor([1, 1, 3], [7, 7, 7] as [UInt8]))
    #expect(
      try ImageFile.image(alpha, colorMode: .grayscale) == Tensor([1, 1, 1], [7] as [UInt8]))
  }

  @Test("make a round trip through a file", arguments: 1...4)
  func roundTrip(channels: Int) throws {
    let image = Tensor(
      [37, 53, channels], (0..<37 * 53 * channels).map { UInt8(($0 * $0 / 7) & 255) })
    #expect(try ImageFile.image(PNG.data(image)) == image)
    if channels == 1 {
      #expect(try ImageFile.image(PNG.data(image.reshaped([37, 53]))) == image)
    }
  }

  @Test("that are damaged are refused, and never trap", arguments: kinds)
  func abuse(name: String) throws {
    let data = try Files.contents(of: "\(Self.folder)/kinds/\(name)")
    ModelFormatsTests.abuse(data, changes: 2000) { data throws(FormatError) in
      _ = try ImageFile.image(data, pixelLimit: 1 << 22)
    }
  }

  @Test("of another kind, too large, or that lie about their size are refused")
  func mistakes() throws {
    func text(_ bytes: [UInt8]) -> String {
      message { try ImageFile.image(Data(bytes), file: "x") }
    }
    func refused(_ got: String) -> String {
      """
      error: pictures are read from PNG and JPEG files
        got   \(got)
        in    x
        help  convert it to PNG
      """
    }
    #expect(text(Array("GIF89a".utf8)) == refused("a GIF picture"))
    #expect(text(Array("BM1234".utf8)) == refused("a BMP picture"))
    #expect(text([]) == refused("an empty file"))
    #expect(text([1, 2, 3]) == refused("3 bytes of another kind"))
    let small = try PNG.data(Tensor([4, 4, 1], [UInt8](repeating: 0, count: 16)))
    #expect(
      message { try ImageFile.image(small, pixelLimit: 15) } == """
        error: the picture is too large
          got   4 by 4 pixels
          help  at most 15 pixels are read: make it smaller
        """)
    // The header of a larger PNG file, with a checksum that fits.
    var huge = Data(
      try PNG.data(Tensor(zeros: TensorType(.uint8, [2, 200_000, 1]))).prefix(33))
    huge += small.suffix(from: small.startIndex + 33)
    #expect(
      message { try ImageFile.image(huge) } == """
        error: the picture declares more pixels than its file can hold
          got   2 by 200000 from \(huge.count) bytes
          help  the file may be incomplete: copy it again
        """)
    #expect(
      message { try PNG.data(Tensor([2], [1, 2] as [UInt8])) } == """
        error: a picture needs the type uint8[height, width, 1 to 4 channels]
          got   uint8[2]
        """)
    #expect(
      message { try ImageFile.image(small.dropLast(5)) } == """
        error: the PNG picture is damaged or not complete
          got   the file ends early
          help  copy or save the file again
        """)
  }
}

@Suite("Folders of pictures")
struct ImageFolderTests {
  static let folder = ImageTests.folder + "/classes"

  @Test(
    "have the classes, labels and pixels of Keras",
    arguments: ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"])
  func pixels(name: String) throws {
    let arrays = try ImageTests.arrays("classes.npz")
    let interpolation = try #require(Interpolation(rawValue: name))
    let folder = try ImageFolder(
      Self.folder, imageSize: (6, 5), interpolation: interpolation)
    #expect(folder.classNames == ["C", "a", "b"])
    let data = try folder.load()
    let stream = try folder.dataset().batch(folder.files.count).elements()[0]
    #expect(stream.inputs == data.inputs && stream.targets == data.targets)
    #expect(data.classNames == ["C", "a", "b"])
    #expect(data.targets == [try #require(arrays["labels"])])
    let expected = try #require(arrays[name])
    #expect(data.inputs[0].type == TensorType(.float32, expected.shape))
    // TensorFlow takes the weights of cubics from a table.
    #expect(apart(data.inputs[0], expected) < (name == "bicubic" ? 0.5 : 1e-3))
    #expect(
      try folder.image(1) == data.inputs[0].rows(1..<2).reshaped([6, 5, 3]))
  }

  @Test("give targets as the loss needs them")
  func labels() throws {
    let categorical = try ImageFolder(Self.folder, labelMode: .categorical).targets()
    #expect(categorical == (try ImageTests.arrays("classes.npz")["categorical"]))
    let two = try ImageFolder(Self.folder, classNames: ["b", "a"], labelMode: .binary)
    #expect(try two.targets() == Tensor([5, 1], [0, 0, 1, 1, 1] as [Float]))
    #expect(
      message { try ImageFolder(Self.folder, labelMode: .binary).targets() } == """
        error: binary labels need two classes
          got   C, a, b
          help  take labels of the mode int or categorical
        """)
  }

  @Test("are read as bytes, gray or with alpha, if that is asked for")
  func types() throws {
    let floats = try ImageFolder(Self.folder, imageSize: (6, 5)).load().inputs[0]
    let bytes = try ImageFolder(Self.folder, imageSize: (6, 5), dtype: .uint8).load().inputs[0]
    #expect(bytes.type == TensorType(.uint8, [6, 6, 5, 3]))
    #expect(apart(bytes.cast(to: .float32), floats) <= 0.5)
    let gray = try ImageFolder(Self.folder, imageSize: (2, 9), colorMode: .grayscale).load()
    #expect(gray.inputs[0].type == TensorType(.float32, [6, 2, 9, 1]))
    let alpha = try ImageFolder(Self.folder, imageSize: (2, 2), colorMode: .rgba).image(0)
    #expect(alpha.type == TensorType(.float32, [2, 2, 4]))
    #expect(alpha.numbers[3] == 255)
  }

  @Test("have the order and the split of Keras for a seed", arguments: [nil, 1, 123, UInt32.max])
  func orders(seed: UInt32?) throws {
    let orders = try JSONValue(parsing: Files.contents(of: ImageTests.folder + "/orders.json"))
    let expected = try #require(orders[seed.map { "\($0)" } ?? ""]?.array)
    let parts = try ImageFolder(Self.folder, seed: seed).split(validationFraction: 0.34)
    for (part, names) in zip([parts.training, parts.validation], expected) {
      #expect(
        part.files.map { String($0.path.dropFirst(Self.folder.count + 1)) }
          == names.array?.compactMap(\.string))
    }
  }

  @Test("that hold something else are refused")
  func mistakes() throws {
    try withTemporaryFolder { folder in
      func text(_ classNames: [String]? = nil, _ size: (Int, Int) = (2, 2)) -> String {
        message {
          try ImageFolder(folder, classNames: classNames, imageSize: size).load()
        }
      }
      #expect(
        text() == """
          error: there are no folders of classes
            in    \(folder)
            help  put the pictures of each class into a folder with its name
          """)
      try FileManager.default.createDirectory(
        atPath: folder + "/cats", withIntermediateDirectories: true)
      #expect(
        text() == """
          error: there are no pictures
            got   the classes cats
            in    \(folder)
            help  pictures have names that end in .png, .jpg or .jpeg
          """)
      #expect(text(["cat"]).hasPrefix("error: there is no folder of the class cat\n  got   cats"))
      try Files.write(Data("GIF89a".utf8), to: folder + "/cats/a.GIF")
      #expect(
        text() == """
          error: pictures are read from PNG and JPEG files
            got   a GIF picture
            in    \(folder)/cats/a.GIF
            help  convert it to PNG
          """)
      try FileManager.default.removeItem(atPath: folder + "/cats/a.GIF")
      try Files.write(Data("no picture".utf8), to: folder + "/cats/a.jpg")
      #expect(text().contains("in    \(folder)/cats/a.jpg"))
      try Files.write(PNG.data(Tensor([1, 1], [1] as [UInt8])), to: folder + "/cats/a.jpg")
      #expect(text() == "no error")
      #expect(
        text(nil, (0, 2)) == """
          error: pictures cannot have the size 0 by 2
            help  sizes lie between 1 and 65536
          """)
      #expect(text(nil, (Int.max, Int.max)).hasPrefix("error: pictures cannot have the size"))
      #expect(
        message { try ImageFolder(folder, dtype: .int64).load() }
          == "error: pictures are float32 or uint8\n  got   int64")
      #expect(
        message { try ImageFolder(folder).image(1) }
          == "error: there is no picture 1\n  got   1 pictures")
      #expect(
        message { try ImageFolder(folder).split(validationFraction: 0.5) } == """
          error: a validation split of 0.5 leaves one part empty
            got   1 pictures
            help  give more pictures or another fraction
          """)
      #expect(
        message { try ImageFolder(folder + "/cats/a.jpg") }
          .hasPrefix("error: \(folder)/cats/a.jpg cannot be read\n  got   a file"))
    }
  }

  @Test("teach a network")
  func training() throws {
    let folder = try ImageFolder(
      Self.folder, imageSize: (8, 8), dtype: .uint8, seed: 3)
    let model = try Model(input: [8, 8, 3], seed: 1) {
      Rescaling(1.0 / 255)
      Flatten()
      Dense(3, activation: .softmax)
    }
    try model.compile(optimizer: .adam(learningRate: 0.05), loss: .sparseCategoricalCrossentropy)
    let history = try model.fit(folder.load(), batchSize: 2, epochs: 20, verbose: .silent)
    #expect((history["loss"].last ?? 1) < 0.2)
  }
}
