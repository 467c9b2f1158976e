import TensorGraph
import Testing

@Suite("A trace")
struct TraceTests {
  @Test("reports a mistake once, with its path, layer and line")
  func mistakes() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [2, 3]))
    let here = SourceLocation(file: "Model.swift", line: 41)
    let y = trace.entering("encoder") {
      trace.entering("dense", code: "Dense(4)", location: here) {
        exp(matmul(x, x)).sum() + 1
      }
    }
    _ = gradients(of: y, with: [x])
    #expect(!y.isValid)
    #expect(trace.errors.count == 1)
    let error = #expect(throws: GraphError.self) { try trace.graph(returning: [y]) }
    #expect(
      error?.description == """
        error: matmul needs equal inner sizes, 3 ≠ 2
          got   float32[2, 3], float32[2, 3]
          in    encoder › dense = Dense(4)   Model.swift:41
        """)
  }

  @Test("collects mistakes that do not follow from each other")
  func severalMistakes() {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [2, 3]))
    _ = (matmul(x, x), x.reshaped([5]))
    #expect(trace.errors.count == 2)
  }

  @Test("makes a graph that prints a line for each node")
  func printing() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [2, 3]))
    let w = trace.variable("w", TensorType(.float32, [3, 4]))
    let y = trace.entering("dense") { matmul(x, w) }
    let top = y.topK(2)
    let graph = try trace.graph(
      returning: [top.values, top.indices], updating: [(w, w * 0.5)])
    #expect(
      graph.description == """
        %0: float32[2, 3] = x()
        %1: float32[3, 4] = w()
        %2: float32[2, 4] = matmul(%0, %1)    // dense
        %3: float32[2, 2], int32[2, 2] = top 2(%2)
        %4: float32[] = fill 0.5()
        %5: float32[3, 4] = multiply(%1, %4)
        update %1 = %5
        return %3.0, %3.1
        """)
  }

  @Test("keeps a mask beside a symbol, and drops it in operations")
  func masks() {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [2, 3, 4]))
    let mask = trace.input("mask", TensorType(.bool, [2, 3]))
    #expect(x.mask == nil)
    let masked = x.masked(by: mask)
    #expect(masked.mask?.id == mask.id)
    #expect(masked.mask?.type == TensorType(.bool, [2, 3]))
    #expect(masked.id == x.id)
    #expect(exp(masked).mask == nil)
    #expect(masked.masked(by: nil).mask == nil)
    #expect(x.masked(by: trace.invalid).mask == nil)
  }

  @Test("updates variables at the end of a run")
  func variables() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, []))
    let count = trace.variable("count", TensorType(.float32, []))
    let graph = try trace.graph(returning: [count * x], updating: [(count, count + 1)])
    let executable = try ReferenceEngine().compile(graph)
    var variables = [Tensor(Float(2))]
    #expect(executable.run([Tensor(Float(10))], variables: &variables)[0].number == 20)
    #expect(executable.run([Tensor(Float(10))], variables: &variables)[0].number == 30)
    #expect(variables[0].number == 4)
  }

  @Test("gives zeros as the gradient of what a result does not depend on")
  func independence() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [2]))
    let y = trace.input("y", TensorType(.float32, [3]))
    let slopes = gradients(of: x.sum(), with: [x, y])
    let graph = try trace.graph(returning: slopes)
    let results = ReferenceEngine.evaluate(
      graph, [ReferenceTensor([2], [1, 2]), ReferenceTensor([3], [1, 2, 3])])
    #expect(results.map(\.numbers) == [[1, 1], [0, 0, 0]])
  }
}
