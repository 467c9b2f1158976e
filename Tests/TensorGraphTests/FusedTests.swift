import TensorGraph
import TestKit
import Testing

@Suite("Fused operations")
struct FusedTests {
  /// Operands as inputs of a new trace.
  private func inputs(_ fused: FusedCase) -> (trace: Trace, x: [Symbol]) {
    let trace = Trace()
    return (trace, fused.operands.map { trace.input("x", $0.type) })
  }

  @Test("have the values and the gradients of their definitions", arguments: FusedCase.all)
  func definition(_ fused: FusedCase) throws {
    for count in Set([fused.used, fused.results]) {
      var (trace, x) = inputs(fused)
      let fast = trace.emit(fused.operation, x, results: fused.results).prefix(count)
      let slow = fused.operation.definition(x).prefix(count)
      try #require(slow.count == count)
      let variables = x.filter { $0.dtype.isFloatingPoint }
      var weights: [Symbol] = []
      for y in fast {
        weights.append(trace.input("weights", y.type))
        x.append(weights[weights.count - 1])
      }
      func slopes(_ ys: some Sequence<Symbol>) -> [Symbol] {
        let loss = zip(ys, weights).map { ($0 * $1).sum() }.reduce(trace.constant(0), +)
        return gradients(of: loss, with: variables)
      }
      let graph = try trace.graph(returning: fast + slopes(fast) + slow + slopes(slow))
      graph.verify()
      var generator = SeededGenerator(seed: 3)
      let values =
        OperationCase("", fused.operands) { $0[0] }.inputs
        + weights.map { generator.tensor($0.shape) }
      let results = ReferenceEngine.evaluate(graph, values)
      let half = results.count / 2
      for (a, b) in zip(results[..<half], results[half...]) {
        #expect(a.shape == b.shape)
        for (a, b) in zip(a.numbers, b.numbers) {
          #expect(abs(a - b) <= 1e-10 * max(1, abs(b)))
        }
      }
    }
  }

  @Test("state a gradient that is fused too")
  func fusedGradients() throws {
    let expected: [(String, String)] = [
      ("softmax", "softmaxGradient"), ("log softmax", "logSoftmaxGradient"),
      ("softmax cross-entropy", "softmaxCrossEntropyGradient"),
      ("layer normalization", "layerNormalizationGradient"),
      ("batch normalization", "batchNormalizationGradient epsilon 0.001"),
      ("lstm", "lstmGradient"), ("gru", "gruGradient"),
    ]
    for (name, gradient) in expected {
      let fused = try #require(FusedCase.all.first { $0.description == name })
      let (trace, x) = inputs(fused)
      let y = trace.emit(fused.operation, x, results: fused.results)[0]
      _ = gradients(of: y.sum(), with: [x[0]])
      #expect(trace.nodes.contains { $0.operation.name == gradient })
    }
  }

  @Test("evaluate their gradients with operands that are the same symbol")
  func sharedOperands() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [1, 1, 2, 2]))
    let parts = [x, x * 1, x * 1]
    func slope(_ parts: [Symbol]) -> Symbol {
      gradients(of: square(attention(parts[0], parts[1], parts[2])).sum(), with: [x])[0]
    }
    let graph = try trace.graph(returning: [slope([x, x, x]), slope(parts)])
    let results = ReferenceEngine.evaluate(
      graph, [ReferenceTensor([1, 1, 2, 2], [0.3, -1, 2, 0.5])])
    for (a, b) in zip(results[0].numbers, results[1].numbers) { #expect(abs(a - b) < 1e-12) }
    #expect(results[0].numbers.contains { abs($0) > 0.1 })
  }

  @Test("give NaN as the loss of a label that is no class")
  func labels() throws {
    let trace = Trace()
    let logits = trace.input("logits", TensorType(.float32, [3, 2]))
    let labels = trace.input("labels", TensorType(.int32, [3]))
    let loss = softmaxCrossEntropy(logits, labels: labels)
    let result = ReferenceEngine.evaluate(
      try trace.graph(returning: [loss]),
      [ReferenceTensor([3, 2], [1, 2, 3, 4, 5, 6]), ReferenceTensor([3], [2, 1, -1])])[0]
    #expect(result.numbers[0].isNaN && result.numbers[2].isNaN)
    #expect(abs(result.numbers[1] - 0.3132616875182228) < 1e-12)
  }

  @Test("do not overflow with large logits")
  func largeLogits() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [1, 3]))
    let results = ReferenceEngine.evaluate(
      try trace.graph(returning: [softmax(x), logSoftmax(x)]),
      [ReferenceTensor([1, 3], [1e6, 1e6, -1e6])])
    #expect(results[0].numbers == [0.5, 0.5, 0])
    let wrong = results[1].numbers.filter { !$0.isFinite }
    #expect(wrong.isEmpty)
  }

  @Test("say what they expect")
  func mistakes() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [2, 3]))
    let gamma = trace.input("gamma", TensorType(.float32, [4]))
    #expect(!layerNormalization(x, gamma: gamma, beta: gamma).isValid)
    #expect(!softmax(x, axis: 2).isValid)
    #expect(!softmax(x.sum()).isValid)
    #expect(!attention(x, x, x).isValid)
    #expect(!lstm(x, recurrentKernel: x, h: x, c: x).h.isValid)
    #expect(!softmaxCrossEntropy(x, labels: x).isValid)
    #expect(!layerNormalization(x.sum(), gamma: gamma, beta: gamma).isValid)
    #expect(trace.errors.count == 7)
    #expect(
      trace.errors[0].message == "layerNormalization epsilon 0.001 expects x [rows, features], "
        + "gamma [features], beta [features]")
    #expect(trace.errors[0].hint == "float32[4] should be gamma [features]")
  }
}
