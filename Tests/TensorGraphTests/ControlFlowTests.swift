import TensorGraph
import TestKit
import Testing

@Suite("Control flow")
struct ControlFlowTests {
  private func evaluate(_ symbols: [Symbol], _ inputs: [ReferenceTensor] = []) throws -> [[Double]]
  {
    let graph = try symbols[0].trace.graph(returning: symbols)
    graph.verify()
    return ReferenceEngine.evaluate(graph, inputs).map(\.numbers)
  }

  @Test("scan has its outputs at the index of their step, in both directions")
  func order() throws {
    for (isReversed, expected) in [
      (false, [[6.0], [1, 3, 6], [0, 1, 3]]), (true, [[6], [6, 5, 3], [5, 3, 0]]),
    ] {
      let trace = Trace()
      let x = trace.constant(Tensor([3], [1, 2, 3] as [Float]))
      let (state, outputs) = scan(
        over: [x], from: [trace.constant(0)], isReversed: isReversed
      ) { step, state in ([state[0] + step[0]], [state[0] + step[0], state[0]]) }
      #expect(try evaluate(state + outputs) == expected)
    }
  }

  @Test("the trace of a body that uses what is around it does not outlive its use")
  func release() {
    weak var body: Trace?
    do {
      let trace = Trace()
      let x = trace.input("x", TensorType(.float32, [3])),
        y = trace.input("y", TensorType(.float32, []))
      let (state, _) = scan(over: [x], from: [trace.constant(0)]) { step, state in
        body = step[0].trace
        #expect(body != nil)
        return ([state[0] + step[0] * y], [])
      }
      #expect(state[0].isValid)
    }
    #expect(body == nil)
  }

  @Test("scan and its gradient agree with the loop unrolled")
  func unrolled() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [4, 2, 3]))
    let matrix = trace.input("matrix", TensorType(.float32, [3, 3]))
    let start = trace.input("start", TensorType(.float32, [2, 3]))
    func body(_ step: Symbol, _ state: Symbol) -> Symbol { tanh(matmul(state, matrix) + step) }
    let (state, outputs) = scan(over: [x], from: [start]) { step, state in
      let next = body(step[0], state[0])
      return ([next], [next])
    }
    var unrolled = start, steps: [Symbol] = []
    for t in 0..<4 {
      unrolled = body(x.entry(t, axis: 0), unrolled)
      steps.append(unrolled)
    }
    let weights = trace.iota([4, 2, 3], axis: 0, dtype: .float32)
    func loss(_ last: Symbol, _ outputs: Symbol) -> Symbol {
      square(last).sum() + (sin(outputs) * weights).sum()
    }
    let xs = [x, matrix, start]
    let fast = gradients(of: loss(state[0], outputs[0]), with: xs)
    let slow = gradients(of: loss(unrolled, stack(steps)), with: xs)
    #expect(trace.nodes.count { $0.operation is Scan } == 3)
    var generator = SeededGenerator(seed: 4)
    let results = try evaluate(
      [state[0]] + fast + [unrolled] + slow, xs.map { generator.tensor($0.shape) })
    for (a, b) in zip(results[..<4].joined(), results[4...].joined()) {
      #expect(abs(a - b) < 1e-12)
    }
  }

  @Test("a body uses symbols from outside, however deep, and a branch takes all captures")
  func captures() throws {
    let trace = Trace()
    let a = trace.constant(2), b = trace.constant(3)
    let start = trace.constant(1)
    let (state, _) = scan(over: [], from: [start], length: 2) { _, state in
      let (inner, _) = scan(over: [], from: [state[0]], length: 2) { _, other in
        ([other[0] * a + state[0]], [])
      }
      return (inner, [])
    }
    // s ← 4 s + 2 s + s, twice
    let choice = cond(a .> b, [start]) {
      [$0[0] + a]
    } else: { _ in
      [b]
    }
    #expect(try evaluate(state + choice) == [[49], [3]])
  }

  @Test("a mistake in a body is reported once, with its layer")
  func mistakes() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [4, 2]))
    let state = trace.constant(0, [3])
    trace.entering("rnn") {
      let (states, _) = scan(over: [x], from: [state]) { step, state in
        ([state[0] + step[0]], [])
      }
      #expect(!states[0].isValid)
    }
    #expect(trace.errors.map(\.message) == ["add cannot broadcast [3] with [2]"])
    #expect(trace.errors.map(\.path) == [["rnn"]])
  }

  @Test("states keep their types, and a symbol cannot leave its body")
  func rules() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [4, 2]))
    var leaked = x
    _ = scan(over: [x], from: [trace.constant(0)]) { step, _ in
      leaked = step[0]
      return ([step[0]], [])
    }
    #expect(trace.errors[0].message == "state 0 of scan changes from float32[] to float32[2]")
    _ = scan(over: [x], from: [trace.constant(0, [2])]) { _, state in ([state[0] + leaked], []) }
    #expect(trace.errors.count == 2)
    _ = scan(over: [], from: [x]) { ($1, $0) }
    _ = scan(over: [x.sum()], from: [x]) { ($1, $0) }
    _ = cond(x, [x]) {
      $0
    } else: {
      $0
    }
    _ = cond(x.sum() .> 0, [x]) {
      $0
    } else: {
      [$0[0].sum()]
    }
    _ = whileLoop(from: [x]) {
      $0[0] .> 0
    } do: {
      $0
    }
    #expect(trace.errors.count == 7)
  }

  @Test("a while loop has no gradient, and says so, also inside a scan")
  func whileGradient() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, []))
    let y = whileLoop(from: [x]) {
      $0[0] .< 100
    } do: {
      [$0[0] * 2]
    }
    _ = gradients(of: y[0], with: [x])
    #expect(trace.errors.map(\.message) == ["a while loop has no gradient"])
    let (z, _) = scan(over: [], from: [x], length: 2) { _, state in
      (
        whileLoop(from: state) {
          $0[0] .< 100
        } do: {
          [$0[0] * 2]
        }, []
      )
    }
    _ = gradients(of: z[0], with: [x])
    #expect(trace.errors.count == 2)
  }

  @Test("bodies are values: equal graphs make equal operations")
  func equality() throws {
    func operation(_ factor: Double) throws -> Scan {
      let trace = Trace()
      let x = trace.input("x", TensorType(.float32, [2]))
      let (state, _) = scan(over: [], from: [x], length: 3) { _, s in ([s[0] * factor], []) }
      return try #require(trace.nodes[state[0].id.node].operation as? Scan)
    }
    #expect(try operation(2) == operation(2))
    #expect(try operation(2).hashValue == operation(2).hashValue)
    #expect(try operation(2) != operation(3))
  }
}
