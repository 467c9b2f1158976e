import FoundationEssentials
import NeuralNetworks
import TensorGraph

/// Sounds without loss, as WAV files have them: whole numbers of 8, 16, 24 or 32 bits, or floats.
///
/// Reference: Multimedia Programming Interface and Data Specifications 1.0, IBM and Microsoft, 1991.
public enum WAV {
  /// A sound.
  public struct Sound: Sendable, Hashable {
    /// The amplitudes between -1 and 1: `float32[frames, channels]`.
    public var samples: Tensor
    /// The number of frames of a second.
    public var sampleRate: Int

    /// Creates a sound.
    public init(samples: Tensor, sampleRate: Int) {
      self.samples = samples
      self.sampleRate = sampleRate
    }
  }

  /// The sound in the file at `path`.
  public static func sound(path: String) throws(FormatError) -> Sound {
    try sound(Files.contents(of: path), file: path)
  }

  /// The sound in the bytes of a WAV file. A whole number n of b bits is n / 2ᵇ⁻¹.
  ///
  /// - Throws: when the bytes are not such a file, are compressed, or fewer than the header says.
  public static func sound(_ data: Data, file: String? = nil) throws(FormatError) -> Sound {
    do throws(FormatError) {
      return try data.withBytes { bytes throws(FormatError) in try sound(bytes) }
    } catch {
      throw error.naming(file)
    }
  }

  /// The bytes of a WAV file of 16 bits with `sound`; amplitudes beyond -1 and 1 are cut off.
  ///
  /// - Throws: when the sound is not of the type `float32[frames, channels]`, or too long.
  public static func data(_ sound: Sound) throws(FormatError) -> Data {
    let type = sound.samples.type
    guard type.dtype == .float32, type.shape.rank == 2, (1...32767).contains(type.shape[1]) else {
      throw FormatError(
        "a sound needs the type float32[frames, 1 to 32767 channels]", got: "\(type)")
    }
    let channels = type.shape[1]
    guard (1...Int(UInt32.max) / (2 * channels)).contains(sound.sampleRate) else {
      throw FormatError(
        "a sound cannot have so many frames a second", got: "\(sound.sampleRate)",
        hint: "16000 and 44100 are usual")
    }
    let (size, overflows) = type.shape.count.multipliedReportingOverflow(by: 2)
    guard !overflows, size <= Int(UInt32.max) - 36 else {
      throw FormatError("a WAV file can hold 4 gigabytes", got: "\(type)")
    }
    var data = Data("RIFF".utf8)
    data.append(36 + size, as: UInt32.self)
    data += Data("WAVEfmt ".utf8)
    data.append(16, as: UInt32.self)
    data.append(1, as: UInt16.self)
    data.append(channels, as: UInt16.self)
    data.append(sound.sampleRate, as: UInt32.self)
    data.append(sound.sampleRate * channels * 2, as: UInt32.self)
    data.append(channels * 2, as: UInt16.self)
    data.append(16, as: UInt16.self)
    data += Data("data".utf8)
    data.append(size, as: UInt32.self)
    let numbers = sound.samples.scalars(as: Float.self).map { value -> Int16 in
      let scaled = (value * 32768).rounded(.toNearestOrEven)
      return scaled >= 32767 ? 32767 : scaled > -32768 ? Int16(scaled) : value.isNaN ? 0 : -32768
    }
    numbers.withUnsafeBytes { data.append(contentsOf: $0) }
    return data
  }

  private static func sound(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> Sound {
    func number<T: FixedWidthInteger>(_ place: Int, _: T.Type) -> Int {
      Int(T(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: T.self)))
    }
    guard bytes.count >= 12, bytes[0..<4].elementsEqual("RIFF".utf8),
      bytes[8..<12].elementsEqual("WAVE".utf8)
    else {
      throw FormatError(
        "this is not a WAV file", got: "\(bytes.count) bytes that begin otherwise", at: .byte(0),
        hint: "convert the sound to WAV")
    }
    var format: Format?
    var place = 12
    while bytes.count - place >= 8 {
      let name = bytes[place..<place + 4], size = number(place + 4, UInt32.self)
      let start = place + 8
      guard size <= bytes.count - start else {
        throw FormatError(
          "the file ends inside of a chunk", got: "\(bytes.count - start) of \(size) bytes",
          at: .byte(place), hint: "the file may be incomplete: copy it again")
      }
      if name.elementsEqual("fmt ".utf8) {
        guard size >= 16 else {
          throw FormatError("the format of the sound is not complete", at: .byte(place))
        }
        // A format of the extensible kind says in its first bytes which one it is.
        let kind = number(start, UInt16.self)
        let isExtensible = kind == 0xfffe && size >= 26
        format = try Format(
          kind: isExtensible ? number(start + 24, UInt16.self) : kind,
          bits: number(start + 14, UInt16.self), channels: number(start + 2, UInt16.self),
          sampleRate: number(start + 4, UInt32.self), frameSize: number(start + 12, UInt16.self))
      } else if name.elementsEqual("data".utf8) {
        guard let format else {
          throw FormatError("the format of the sound comes after it", at: .byte(place))
        }
        return try format.sound(UnsafeRawBufferPointer(rebasing: bytes[start..<start + size]))
      }
      place = start + size + size % 2
    }
    throw FormatError(
      "the file holds no sound", at: .byte(min(place, bytes.count)),
      hint: "the file may be incomplete: copy it again")
  }
}

/// How a WAV file stores amplitudes.
private struct Format {
  var isFloat: Bool
  var byteCount: Int
  var channels: Int
  var sampleRate: Int

  init(
    kind: Int, bits: Int, channels: Int, sampleRate: Int, frameSize: Int
  ) throws(FormatError) {
    let known = kind == 1 ? [8, 16, 24, 32] : kind == 3 ? [32, 64] : []
    guard known.contains(bits), channels > 0 else {
      throw FormatError(
        "the sound is compressed, or of an unknown kind",
        got: "the kind \(kind), \(bits) bits, \(channels) channels",
        hint: "convert it to 16 bits PCM")
    }
    // Read otherwise than it was written, a sound is noise.
    guard frameSize == bits / 8 * channels else {
      throw FormatError(
        "the frames of the sound have another size than its numbers",
        got: "\(frameSize) bytes for \(channels) channels of \(bits) bits",
        hint: "convert it to 16 bits PCM")
    }
    (isFloat, byteCount) = (kind == 3, bits / 8)
    (self.channels, self.sampleRate) = (channels, sampleRate)
  }

  func sound(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> WAV.Sound {
    let frame = byteCount * channels
    guard bytes.count % frame == 0 else {
      throw FormatError(
        "the sound ends inside of a frame", got: "\(bytes.count) bytes, \(frame) a frame")
    }
    let count = bytes.count / byteCount
    func integer<T: FixedWidthInteger>(_ index: Int, _: T.Type) -> T {
      T(littleEndian: bytes.loadUnaligned(fromByteOffset: index * byteCount, as: T.self))
    }
    let samples = Tensor(TensorType(.float32, [bytes.count / frame, channels])) { out in
      let out = out.bindMemory(to: Float.self)
      for index in 0..<count {
        out[index] =
          switch (isFloat, byteCount) {
          case (true, 4): Float(bitPattern: integer(index, UInt32.self))
          case (true, _): Float(Double(bitPattern: integer(index, UInt64.self)))
          case (_, 1): (Float(bytes[index]) - 128) / 128
          case (_, 2): Float(integer(index, Int16.self)) / 32768
          case (_, 3):
            Float(
              Int32(bytes[3 * index]) << 8 | Int32(bytes[3 * index + 1]) << 16
                | Int32(bytes[3 * index + 2]) << 24) / 2_147_483_648
          default: Float(integer(index, Int32.self)) / 2_147_483_648
          }
      }
    }
    return WAV.Sound(samples: samples, sampleRate: sampleRate)
  }
}

extension Data {
  /// Adds a number that `T` can hold, little-endian.
  fileprivate mutating func append<T: FixedWidthInteger>(_ number: Int, as _: T.Type) {
    Swift.withUnsafeBytes(of: T(truncatingIfNeeded: number).littleEndian) {
      append(contentsOf: $0)
    }
  }
}
