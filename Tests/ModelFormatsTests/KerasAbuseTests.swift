import Foundation
import ModelFormats
import Strata
import Testing

@Suite("Damaged Keras files")
struct KerasAbuseTests {
  private func read(_ data: Data) throws {
    _ = try KerasFile.model(data, file: "m.keras", engine: ReferenceEngine())
  }

  @Test("that are cut off are errors")
  func truncated() throws {
    let data = try kerasFile("mlp_adam.keras")
    for count in Array(0..<64) + Array(stride(from: 64, to: data.count, by: 37)) {
      #expect(throws: FormatError.self, "the first \(count) bytes") {
        try read(Data(data.prefix(count)))
      }
    }
  }

  @Test(
    "with changed bytes are read or are errors",
    arguments: [nil, "config.json", "model.weights.h5"])
  func changed(entry: String?) throws {
    for (name, count) in [("layer_dense.keras", 1000), ("lstm_adam.keras", 100)] {
      let whole = try kerasFile(name)
      let part = try entry.map { try ZipReader(whole).bytes(of: $0) } ?? whole
      var random = SplitMix(state: 11), errors = 0
      for _ in 0..<count {
        var bytes = part
        for _ in 0...Int.random(in: 0..<3, using: &random) {
          let place = try #require(bytes.indices.randomElement(using: &random))
          // Text is more often still a configuration with other digits and letters in it.
          bytes[place] =
            entry == "config.json" && .random(using: &random)
            ? .random(in: 0x20...0x7e, using: &random) : .random(in: 0...255, using: &random)
        }
        do {
          try read(entry.map { try rebuilt(whole, replacing: [$0: bytes]) } ?? bytes)
        } catch {
          errors += 1
          #expect(error is FormatError)
        }
      }
      #expect(errors > 0)
    }
  }

  @Test("with numbers of any size in them are errors")
  func sizes() throws {
    let whole = try kerasFile("lstm_adam.keras")
    let text = String(decoding: try ZipReader(whole).bytes(of: "config.json"), as: UTF8.self)
    let numbers = text.matches(of: /[ \[](-?\d+(?:\.\d+)?(?:e-?\d+)?)[,\]}]/).map {
      $0.output.1.startIndex..<$0.output.1.endIndex
    }
    #expect(numbers.count > 20)
    for range in numbers {
      for number in ["-1", "0", "2147483648", "2147483647", "1e300", "9223372036854775807"] {
        var changed = text
        changed.replaceSubrange(range, with: number)
        do {
          try read(rebuilt(whole, replacing: ["config.json": Data(changed.utf8)]))
        } catch {
          #expect(error is FormatError)
        }
      }
    }
    let deep = Data((String(repeating: "[", count: 100_000)).utf8)
    #expect(throws: FormatError.self) {
      try read(rebuilt(whole, replacing: ["config.json": deep]))
    }
    let nested = Data(
      (String(repeating: #"{"config":"#, count: 480) + "1" + String(repeating: "}", count: 480))
        .utf8)
    #expect(throws: FormatError.self) {
      try read(rebuilt(whole, replacing: ["config.json": nested]))
    }
  }
}
