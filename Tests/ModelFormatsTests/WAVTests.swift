import Foundation
import ModelFormats
import Strata
import Testing

@Suite("Sounds")
struct WAVTests {
  /// The bytes of a WAV file with a chunk that is to be passed over.
  static func file(
    kind: Int, bits: Int, channels: Int = 1, rate: Int = 8000, _ samples: [UInt8],
    extensible: Bool = false
  ) -> Data {
    func bytes(_ number: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    let frame = bits / 8 * channels
    var format = bytes(extensible ? 0xfffe : kind, 2) + bytes(channels, 2) + bytes(rate, 4)
    format += bytes(rate * frame, 4) + bytes(frame, 2) + bytes(bits, 2)
    if extensible { format += bytes(22, 2) + bytes(bits, 2) + bytes(0, 4) + bytes(kind, 16) }
    var body = Array("WAVE".utf8) + Array("odd ".utf8) + bytes(3, 4) + [1, 2, 3, 0]
    body += Array("fmt ".utf8) + bytes(format.count, 4) + format
    body += Array("data".utf8) + bytes(samples.count, 4) + samples
    return Data(Array("RIFF".utf8) + bytes(body.count, 4) + body)
  }

  @Test("are read whatever numbers they consist of")
  func kinds() throws {
    func numbers(_ data: Data) throws -> [Double] { try WAV.sound(data).samples.numbers }
    #expect(try numbers(Self.file(kind: 1, bits: 8, [0, 128, 192])) == [-1, 0, 0.5])
    #expect(
      try numbers(Self.file(kind: 1, bits: 16, [0, 0x80, 0, 0x40, 0, 0])) == [-1, 0.5, 0])
    #expect(
      try numbers(Self.file(kind: 1, bits: 24, [0, 0, 0x80, 0, 0, 0x40, 0xff, 0xff, 0xff]))
        == [-1, 0.5, -1 / 8_388_608])
    #expect(try numbers(Self.file(kind: 1, bits: 32, [0, 0, 0, 0xc0])) == [-0.5])
    #expect(
      try numbers(Self.file(kind: 3, bits: 32, [0, 0, 0x80, 0x3e], extensible: true)) == [0.25])
    #expect(
      try numbers(Self.file(kind: 3, bits: 64, [0, 0, 0, 0, 0, 0, 0xe0, 0x3f])) == [0.5])
    let stereo = try WAV.sound(
      Self.file(kind: 1, bits: 8, channels: 2, rate: 44100, [0, 64, 128, 192]))
    #expect(stereo.samples == Tensor([2, 2], [-1, -0.5, 0, 0.5] as [Float]))
    #expect(stereo.sampleRate == 44100)
    #expect(
      try WAV.sound(Self.file(kind: 1, bits: 16, [])).samples.type
        == TensorType(.float32, [0, 1]))
  }

  @Test("make a round trip in 16 bits, and are cut off beyond the loudest")
  func roundTrip() throws {
    let values = (0..<200).map { Float($0 * 300 - 30000) / 32768 }
    let sound = WAV.Sound(samples: Tensor([100, 2], values), sampleRate: 16000)
    #expect(try WAV.sound(WAV.data(sound)) == sound)
    let loud = WAV.Sound(
      samples: Tensor([4, 1], [2, -2, .nan, .infinity] as [Float]), sampleRate: 1)
    #expect(
      try WAV.sound(WAV.data(loud)).samples.numbers == [32767.0 / 32768, -1, 0, 32767.0 / 32768])
  }

  @Test("that are damaged are refused, and never trap")
  func abuse() {
    for data in [
      Self.file(kind: 1, bits: 24, channels: 2, [1, 2, 3, 4, 5, 6]),
      Self.file(kind: 3, bits: 32, [0, 0, 0x80, 0x3e], extensible: true),
    ] {
      ModelFormatsTests.abuse(data, changes: 2000) { data throws(FormatError) in
        _ = try WAV.sound(data)
      }
    }
  }

  @Test("of another kind are refused with what they are")
  func mistakes() {
    #expect(
      message { try WAV.sound(Data("ID3 no sound of ours".utf8), file: "x.mp3") } == """
        error: this is not a WAV file
          got   20 bytes that begin otherwise
          in    x.mp3 byte 0
          help  convert the sound to WAV
        """)
    #expect(
      message { try WAV.sound(Self.file(kind: 2, bits: 4, [1])) } == """
        error: the sound is compressed, or of an unknown kind
          got   the kind 2, 4 bits, 1 channels
          help  convert it to 16 bits PCM
        """)
    #expect(
      message { try WAV.sound(Self.file(kind: 1, bits: 16, [1, 2, 3])) } == """
        error: the sound ends inside of a frame
          got   3 bytes, 2 a frame
        """)
    let flat = Tensor([2], [0, 1] as [Float])
    #expect(
      message { try WAV.data(WAV.Sound(samples: flat, sampleRate: 8000)) } == """
        error: a sound needs the type float32[frames, 1 to 32767 channels]
          got   float32[2]
        """)
    let one = Tensor([1, 1], [0] as [Float])
    for rate in [0, -1, Int.max] {
      #expect(
        message { try WAV.data(WAV.Sound(samples: one, sampleRate: rate)) } == """
          error: a sound cannot have so many frames a second
            got   \(rate)
            help  16000 and 44100 are usual
          """)
    }
  }
}
