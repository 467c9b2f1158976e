import CImages
import FoundationEssentials
import NeuralNetworks
import TensorGraph

/// Pictures in files: PNG and JPEG, told apart by content.
public enum ImageFile {
  /// The channels of a pixel, by Keras's names.
  public enum ColorMode: String, Sendable, Hashable, Codable, CaseIterable {
    /// How light it is.
    case grayscale
    /// Red, green and blue.
    case rgb
    /// Red, green, blue, and how much they cover.
    case rgba

    /// The number of channels.
    public var channelCount: Int {
      switch self {
      case .grayscale: 1
      case .rgb: 3
      case .rgba: 4
      }
    }
  }

  /// The most pixels that a picture may have if nothing else is said: 2²⁷.
  public static let pixelLimit = 1 << 27

  /// The picture in the file at `path`, as `image(_:file:colorMode:pixelLimit:)`.
  public static func image(
    path: String, colorMode: ColorMode? = nil, pixelLimit: Int = pixelLimit
  ) throws(FormatError) -> Tensor {
    try image(
      Files.contents(of: path), file: path, colorMode: colorMode, pixelLimit: pixelLimit)
  }

  /// The picture in the bytes of a PNG or JPEG file: `uint8[height, width, channels]`.
  ///
  /// A palette becomes colors, of which one that it does not have is black, and 16 bits become 8.
  /// Texts that accompany the pixels, and bytes after the last of them, are passed over. Profiles
  /// of colors and directions of cameras are not heeded, as in Keras.
  ///
  /// - Parameters:
  ///   - data: The bytes.
  ///   - file: The name of the file, for messages.
  ///   - colorMode: The channels; without one, those of the file: 1 for gray, 2 with alpha, 3 for
  ///     colors, 4 with alpha. Gray of colors is (19595 r + 38470 g + 7471 b) / 65536.
  ///   - pixelLimit: The most pixels.
  /// - Returns: the pixels.
  /// - Throws: when the file is of another kind, damaged, not complete or too large.
  public static func image(
    _ data: Data, file: String? = nil, colorMode: ColorMode? = nil,
    pixelLimit: Int = pixelLimit
  ) throws(FormatError) -> Tensor {
    do throws(FormatError) {
      let kind = try Kind(data)
      let image = try data.withBytes { bytes throws(FormatError) in
        try decode(bytes, kind, pixelLimit)
      }
      return colorMode.map { image.withChannels($0.channelCount) } ?? image
    } catch {
      throw error.naming(file)
    }
  }

  /// Whether `data` begins as a PNG or JPEG file does.
  public static func isImage(_ data: Data) -> Bool { (try? Kind(data)) != nil }

  private enum Kind: String {
    case png = "PNG", jpeg = "JPEG"

    init(_ data: Data) throws(FormatError) {
      func begins(_ bytes: [UInt8]) -> Bool { data.starts(with: bytes) }
      if begins([0x89] + Array("PNG\r\n".utf8) + [0x1a, 0x0a]) {
        self = .png
      } else if begins([0xff, 0xd8, 0xff]) {
        self = .jpeg
      } else {
        let others: [(name: String, bytes: [UInt8])] = [
          ("a GIF picture", Array("GIF8".utf8)), ("a BMP picture", Array("BM".utf8)),
          ("a WebP picture or a sound", Array("RIFF".utf8)),
          ("a TIFF picture", [0x49, 0x49, 0x2a, 0]), ("a TIFF picture", [0x4d, 0x4d, 0, 0x2a]),
        ]
        throw FormatError(
          "pictures are read from PNG and JPEG files",
          got: others.first { begins($0.bytes) }?.name
            ?? (data.isEmpty ? "an empty file" : "\(data.count) bytes of another kind"),
          hint: "convert it to PNG")
      }
    }
  }

  private static func decode(
    _ bytes: UnsafeRawBufferPointer, _ kind: Kind, _ pixelLimit: Int
  ) throws(FormatError) -> Tensor {
    var message = [CChar](repeating: 0, count: Int(CIMAGES_MESSAGE_SIZE))
    let base = bytes.bindMemory(to: UInt8.self).baseAddress
    func check(_ isDone: Int32) throws(FormatError) {
      guard isDone == 0 else { return }
      let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw FormatError(
        "the \(kind.rawValue) picture is damaged or not complete",
        got: String(decoding: text, as: UTF8.self), hint: "copy or save the file again")
    }
    var header = cimages_header()
    switch kind {
    case .png: try check(cimages_png_header(base, bytes.count, &header, &message))
    case .jpeg: try check(cimages_jpeg_header(base, bytes.count, &header, &message))
    }
    let (height, width) = (Int(header.height), Int(header.width))
    let (pixels, overflows) = height.multipliedReportingOverflow(by: width)
    guard !overflows, pixels <= pixelLimit else {
      throw FormatError(
        "the picture is too large", got: "\(height) by \(width) pixels",
        hint: "at most \(pixelLimit) pixels are read: make it smaller")
    }
    guard header.least_size <= bytes.count else {
      throw FormatError(
        "the picture declares more pixels than its file can hold",
        got: "\(height) by \(width) from \(bytes.count) bytes",
        hint: "the file may be incomplete: copy it again")
    }
    let shape: Shape = [height, width, Int(header.channels)]
    return try Tensor(TensorType(.uint8, shape)) { out throws(FormatError) in
      let pixels = out.bindMemory(to: UInt8.self).baseAddress
      switch kind {
      case .png: try check(cimages_png_pixels(base, bytes.count, &header, pixels, &message))
      case .jpeg: try check(cimages_jpeg_pixels(base, bytes.count, &header, pixels, &message))
      }
    }
  }
}

extension Tensor {
  /// The picture with 1, 3 or 4 channels; alpha that is not wanted is dropped, and that is not
  /// there is full.
  package func withChannels(_ count: Int) -> Tensor {
    let channels = shape[2], pixels = shape[0] * shape[1]
    guard count != channels else { return self }
    return Tensor(TensorType(.uint8, [shape[0], shape[1], count])) { out in
      withUnsafeBytes { bytes in
        for pixel in 0..<pixels {
          let source = pixel * channels, target = pixel * count
          let red = bytes[source]
          let green = channels > 2 ? bytes[source + 1] : red
          let blue = channels > 2 ? bytes[source + 2] : red
          if count == 1 {
            // The weights of ITU-R BT.601 in parts of 65536.
            let gray =
              channels < 3
              ? UInt32(red) << 16
              : 19595 * UInt32(red) + 38470 * UInt32(green) + 7471 * UInt32(blue) + 32768
            out[target] = UInt8(gray >> 16)
            continue
          }
          (out[target], out[target + 1], out[target + 2]) = (red, green, blue)
          if count == 4 {
            out[target + 3] = channels.isMultiple(of: 2) ? bytes[source + channels - 1] : 255
          }
        }
      }
    }
  }
}
