import Foundation
import Strata

extension Reader {
  static let media = [
    Reader("png", seeds: { [] }, parts: { $0.first == 0x89 ? [$0] : [] }) { data in
      _ = try ImageFile.image(data, colorMode: .rgb, pixelLimit: 1 << 22)
    },
    Reader("jpeg", seeds: { [] }, parts: { $0.first == 0xff ? [$0] : [] }) { data in
      _ = try ImageFile.image(data, pixelLimit: 1 << 20)
    },
    Reader("wav", seeds: sounds) { data in _ = try WAV.sound(data) },
  ]

  @Sendable private static func sounds() throws -> [Data] {
    let sound = WAV.Sound(
      samples: Tensor([4, 2], [0, 1, -1, 0.5, 0, 0, 0, 0] as [Float]), sampleRate: 8000)
    let plain = try WAV.data(sound)
    // The same bytes as floats, and in the extensible form with a chunk of something else.
    var float = plain
    (float[20], float[32], float[34]) = (3, 8, 32)
    var other = Data(plain[..<12]) + Data("LIST".utf8) + Data([3, 0, 0, 0, 1, 2, 3, 0])
    other += plain[12...]
    return [plain, float, other]
  }
}
