import TensorGraph
import TestKit
import Testing

@Suite("Random numbers")
struct RandomTests {
  private func draw(
    seed: Double = 1, step: Double = 0, _ body: (_ key: Symbol) -> Symbol
  ) throws -> [Double] {
    let trace = Trace()
    let key = trace.input("key", TensorType(.int64, [2]))
    let graph = try trace.graph(returning: [body(key)])
    return ReferenceEngine.evaluate(graph, [ReferenceTensor([2], [seed, step])])[0].numbers
  }

  // The known-answer vectors that Random123 publishes for philox4x32-10.
  @Test("are Philox 4x32-10")
  func knownAnswers() {
    #expect(
      Philox(key: (0, 0), step: 0).words(0) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
    #expect(
      Philox(key: (.max, .max), step: .max).words(.max)
        == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
    #expect(
      Philox(key: (0xa409_3822, 0x299f_31d0), step: 0x0370_7344_1319_8a2e)
        .words(0x85a3_08d3_243f_6a88)
        == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
  }

  @Test("take their key from seed, stream and step")
  func key() {
    let key = ReferenceTensor([2], [0x1_0000_0002, 0x3_0000_0004])
    let philox = Philox(key, stream: 0x10_0000_0020)
    #expect(philox.key == (0x22, 0x11))
    #expect(philox.step == 0x3_0000_0004)
    #expect(Philox(ReferenceTensor([2], [-1, -1]), stream: 0).key == (.max, .max))
  }

  @Test("are the upper 24 bits of each word in turn")
  func uniform() throws {
    let type = TensorType(.float32, [6])
    let numbers = try draw(seed: 0) { $0.trace.emit(RandomUniform(stream: 0, type: type), [$0]) }
    let words = Philox(key: (0, 0), step: 0).words(0) + Philox(key: (0, 0), step: 0).words(1)
    #expect(numbers == words.prefix(6).map { Double($0 >> 8) / 16_777_216 })
  }

  @Test("differ with seed, step and stream, and only then")
  func independence() throws {
    func numbers(_ seed: Double, _ step: Double, _ stream: String) throws -> [Double] {
      try draw(seed: seed, step: step) { randomUniform($0, stream: streamHash(stream), [8]) }
    }
    let first = try numbers(1, 2, "dropout")
    #expect(try first == numbers(1, 2, "dropout"))
    for other in try [
      numbers(3, 2, "dropout"), numbers(1, 3, "dropout"), numbers(1, 2, "dropout_1"),
    ] {
      #expect(zip(first, other).allSatisfy { $0 != $1 })
    }
  }

  @Test("of a path are its FNV-1a hash")
  func hash() {
    #expect(streamHash("") == 0xcbf2_9ce4_8422_2325)
    #expect(streamHash("a") == 0xaf63_dc4c_8601_ec8c)
    #expect(streamHash("foobar") == 0x8594_4171_f739_67e8)
  }

  /// The mean, the variance, and the share below the mean by one standard deviation or more.
  private func moments(_ x: [Double]) -> (mean: Double, variance: Double) {
    let mean = x.reduce(0, +) / Double(x.count)
    return (mean, x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count))
  }

  @Test("have the moments of their distributions")
  func distributions() throws {
    let count = 40_000
    let uniform = try draw { randomUniform($0, stream: 1, [count], low: -1, high: 3) }
    #expect(uniform.allSatisfy { $0 >= -1 && $0 < 3 })
    #expect((moments(uniform).mean - 1).magnitude < 0.02)
    #expect((moments(uniform).variance - 16.0 / 12).magnitude < 0.02)

    let normal = try draw { randomNormal($0, stream: 1, [count], mean: 2, stddev: 3) }
    #expect((moments(normal).mean - 2).magnitude < 0.05)
    #expect((moments(normal).variance - 9).magnitude < 0.25)
    let within = normal.filter { ($0 - 2).magnitude < 3 }.count
    #expect((Double(within) / Double(count) - 0.6827).magnitude < 0.01)

    let truncated = try draw { randomTruncatedNormal($0, stream: 1, [count], mean: 1, stddev: 2) }
    #expect(truncated.allSatisfy { ($0 - 1).magnitude <= 4 })
    #expect((moments(truncated).mean - 1).magnitude < 0.05)
    // The variance of a standard normal cut at ±2 is 1 − 4φ(2) / (2Φ(2) − 1).
    #expect((moments(truncated).variance - 4 * 0.7737).magnitude < 0.08)

    let coins = try draw { bernoulli($0, stream: 1, [count], probability: 0.3).cast(to: .float32) }
    #expect((moments(coins).mean - 0.3).magnitude < 0.01)
  }

  @Test("of an odd count keep the pairing of normal numbers")
  func oddCount() throws {
    let five = try draw { randomNormal($0, stream: 1, [5]) }
    let eight = try draw { randomNormal($0, stream: 1, [8]) }
    #expect(five == Array(eight.prefix(5)))
  }

  @Test("in bfloat16 stay below the upper bound before they are rounded")
  func lowPrecision() throws {
    let numbers = try draw { bernoulli($0, stream: 1, [2000], probability: 1).cast(to: .float32) }
    #expect(numbers.allSatisfy { $0 == 1 })
  }
}
