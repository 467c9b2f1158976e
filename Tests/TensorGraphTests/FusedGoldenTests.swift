import Foundation
import TensorGraph
import Testing

/// Numbers of Keras 3.15 on JAX where the meaning of an operation could be mistaken.
@Suite("Against Keras")
struct FusedGoldenTests {
  /// sin(1.3 i + offset) · scale
  private func wave(
    _ trace: Trace, _ shape: Shape, _ scale: Double, _ offset: Double = 0
  ) -> Symbol {
    trace.constant(
      Tensor(
        TensorType(.float32, shape),
        numbers: (0..<shape.count).map { sin(Double($0) * 1.3 + offset) * scale }))
  }

  private func expect(
    _ symbols: [Symbol], _ expected: [[Double]],
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let trace = symbols[0].trace
    let results = ReferenceEngine.evaluate(try trace.graph(returning: symbols), [])
    for (result, expected) in zip(results, expected) {
      try #require(result.numbers.count == expected.count, sourceLocation: sourceLocation)
      for (a, b) in zip(result.numbers, expected) {
        #expect(abs(a - b) < 2e-6, sourceLocation: sourceLocation)
      }
    }
  }

  private func mask(_ trace: Trace) -> Symbol {
    trace.constant(Tensor([2, 3], [true, true, false, false, true, true]))
  }

  @Test("an LSTM has the gates i, f, g, o, and keeps its state in masked steps")
  func lstm() throws {
    let expected: [(h: [Double], c: [Double])] = [
      (
        [
          -0.01976136, -0.148706, 0.1756617, 0.04163802, 0.1209613, -0.0282935, 0.06489258,
          0.09515974, 0.108834, 0.05227026, 0.09202524, -0.033518,
        ],
        [0.4339017, -0.0503944, 0.1874022, -0.05900109]
      ),
      (
        [
          -0.01976136, -0.148706, 0.1756617, 0.04163802, 0.1756617, 0.04163802, 0.0, 0.0,
          0.09468296, -0.01682932, 0.08642408, -0.08890341,
        ],
        [0.5280288, 0.1653106, 0.1809576, -0.1587671]
      ),
    ]
    for (isMasked, expected) in zip([false, true], expected) {
      let trace = Trace()
      let projected =
        matmul(wave(trace, [2, 3, 2], 1), wave(trace, [2, 8], 0.8, 1)) + wave(trace, [8], 0.5, 3)
      let zero = trace.constant(0, [2, 2])
      let (sequence, h, c) = TensorGraph.lstm(
        projected, recurrentKernel: wave(trace, [2, 8], 0.9, 2), h: zero, c: zero,
        mask: isMasked ? mask(trace) : nil)
      let last = [2, 5].flatMap { expected.h[$0 * 2 - 0..<$0 * 2 + 2] }
      try expect([sequence, h, c], [expected.h, last, expected.c])
    }
  }

  @Test("a GRU has the gates z, r, h, and keeps its state in masked steps")
  func gru() throws {
    let expected: [[Double]] = [
      [
        0.4080506, -0.05950989, 0.1733243, -0.008626281, 0.4620352, -0.5792659, 0.2163588,
        0.2884493, 0.07941585, -0.5704744, 0.337872, 0.06036753,
      ],
      [
        0.4080506, -0.05950989, 0.1733243, -0.008626281, 0.1733243, -0.008626281, 0.0, 0.0,
        -0.141747, -0.5923293, 0.2224511, 0.001431524,
      ],
    ]
    for (isMasked, expected) in zip([false, true], expected) {
      let trace = Trace()
      let bias = wave(trace, [2, 6], 0.5, 3)
      let projected =
        matmul(wave(trace, [2, 3, 2], 1), wave(trace, [2, 6], 0.8, 1)) + bias.entry(0, axis: 0)
      let (sequence, h) = TensorGraph.gru(
        projected, recurrentKernel: wave(trace, [2, 6], 0.9, 2),
        recurrentBias: bias.entry(1, axis: 0), h: trace.constant(0, [2, 2]),
        mask: isMasked ? mask(trace) : nil)
      let last = [2, 5].flatMap { expected[$0 * 2..<$0 * 2 + 2] }
      try expect([sequence, h], [expected, last])
    }
  }

  @Test("attention weighs all keys alike where a query sees none")
  func attention() throws {
    let cases: [(isMasked: Bool, isCausal: Bool, expected: [Double])] = [
      (false, false, [0.4800805, 0.0867608, -0.1367791, -0.3990238, 0.05675292, -0.05118733]),
      (true, false, [0.6593201, 0.1427833, 0.08569878, -0.181922, -0.2926936, -0.2942612]),
      (false, true, [0.9092974, -0.1577457, -0.2173507, -0.2857042, 0.145404, 0.146412]),
      (true, true, [0.9092974, -0.1577457, 0.08569878, -0.181922, -0.2926936, -0.2942612]),
    ]
    for (isMasked, isCausal, expected) in cases {
      let trace = Trace()
      let mask = trace.constant(
        Tensor(
          [1, 1, 3, 4],
          [true, false, true, true, false, false, false, false, true, true, false, false]))
      let y = TensorGraph.attention(
        wave(trace, [1, 1, 3, 2], 1), wave(trace, [1, 1, 4, 2], 1, 1),
        wave(trace, [1, 1, 4, 2], 1, 2), mask: isMasked ? mask : nil, isCausal: isCausal)
      try expect([y], [expected])
    }
  }
}
