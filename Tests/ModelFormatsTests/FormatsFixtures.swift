import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph
import Testing

/// The files that Scripts/golden/formats.py made.
enum Fixtures {
  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Golden/formats").path

  static func path(_ name: String) -> String { folder + "/" + name }

  static func data(_ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: path(name)))
  }

  /// 0, 1, … 23 in the shape [2, 3, 4].
  static func count(_ dtype: DType) -> Tensor {
    Tensor(TensorType(dtype, [2, 3, 4]), numbers: (0..<24).map(Double.init))
  }
}

/// The printed form of the error that `body` throws.
func message(_ body: () throws -> some Any) -> String {
  do {
    _ = try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}

/// Reads every truncated prefix of `data` and thousands of copies with changed bytes.
///
/// Prefixes must throw; changed bytes may be read or throw, but not trap.
func abuse(
  _ data: Data, changes: Int = 4000, _ read: (Data) throws(FormatError) -> Void
) {
  for count in 0..<data.count {
    #expect(throws: FormatError.self, "the first \(count) bytes") {
      try read(Data(data.prefix(count)))
    }
  }
  var random = SplitMix(state: 7)
  for _ in 0..<changes {
    var changed = data
    for _ in 0...Int.random(in: 0..<3, using: &random) {
      let place = changed.indices.randomElement(using: &random) ?? 0
      changed[place] =
        [0, 1, 0x7f, 0x80, 0xff, .random(in: 0...255, using: &random)]
        .randomElement(using: &random) ?? 0
    }
    try? read(changed)
  }
}

/// A small generator of random numbers, so that every run changes the same bytes.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
