import CPUEngine
import TensorGraph
import TestKit
import Testing

@Suite("A plan")
struct PlanTests {
  /// Runs `graph` twice on both engines from the same variables, and compares all of them.
  func check(
    _ graph: Graph, _ inputs: [Tensor], _ variables: [Tensor], runs: Int = 2, ulps: Double = 64
  ) throws {
    graph.verify()
    let fast = try CPUEngine().compile(graph), slow = try ReferenceEngine().compile(graph)
    var (mine, theirs) = (variables, variables)
    for run in 1...runs {
      let results = fast.run(inputs, variables: &mine)
      let expected = slow.run(inputs, variables: &theirs)
      for (index, pair) in zip(results + mine, expected + theirs).enumerated() {
        try Tolerance.ulpsOfLargest(ulps).check(
          ReferenceTensor(pair.0.shape, pair.0.numbers),
          ReferenceTensor(pair.1.shape, pair.1.numbers), dtype: pair.0.dtype,
          name: "run \(run), value \(index)")
      }
    }
  }

  func numbers(_ shape: Shape, seed: UInt64 = 1) -> Tensor {
    var generator = SeededGenerator(seed: seed)
    return Tensor(
      TensorType(.float32, shape), numbers: generator.spreadTensor(shape, in: -1...1).numbers)
  }

  @Test("exchanges two variables")
  func exchange() throws {
    let trace = Trace()
    let type = TensorType(.float32, [3, 4])
    let a = trace.variable("a", type), b = trace.variable("b", type)
    let graph = try trace.graph(returning: [], updating: [(a, b), (b, a)])
    try check(graph, [], [numbers([3, 4], seed: 1), numbers([3, 4], seed: 2)])
  }

  @Test("updates a variable only when its old value is no longer read")
  func lateReaders() throws {
    let trace = Trace()
    let type = TensorType(.float32, [40, 40])
    let a = trace.variable("a", type), b = trace.variable("b", type)
    let grown = a * 2 + 1
    let product = matmul(grown, b)  // forces the first cluster out before `a` is read again
    let graph = try trace.graph(
      returning: [a, a.transposed()],
      updating: [(a, grown), (b, product + a.transposed() + b)])
    try check(graph, [], [numbers([40, 40], seed: 3), numbers([40, 40], seed: 4)])
  }

  @Test("keeps programs of a sweep apart when one writes what another reads")
  func sweep() throws {
    let trace = Trace()
    let a = trace.variable("a", TensorType(.float32, [3000]))
    let b = trace.variable("b", TensorType(.float32, [2, 3000]))
    // The second cluster has another size, so it does not merge with the first, and reads `a`.
    let graph = try trace.graph(
      returning: [], updating: [(b, b * 0.5 + a), (a, tanh(a) * 3)])
    try check(graph, [], [numbers([3000]), numbers([2, 3000], seed: 2)], runs: 4)
  }

  @Test("splits a cluster that needs more registers than there are")
  func registers() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [1500]))
    let parts = (0..<40).map { tanh(x * (1 + Double($0) / 10)) }
    // Every part is needed until the end.
    let sum = parts.reversed().dropFirst().reduce(parts[39]) { $0 * 0.5 + $1 }
    let all = parts.reduce(sum) { $0 + $1 * sum }
    try check(try trace.graph(returning: [all, sum, parts[7]]), [numbers([1500])], [])
  }

  @Test("gives results that look at one another, at inputs and at constants")
  func aliases() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [6, 4]))
    let y = relu(x)
    let constant = trace.constant(3, [2, 2])
    let graph = try trace.graph(
      returning: [y, y, y.reshaped([24]), y.sliced(axis: 0, 1..<3), x, x.transposed(), constant])
    try check(graph, [numbers([6, 4])], [])
  }

  @Test("puts the gradients of slices together", arguments: [[0, 5, 12, 20], [5, 12, 20]])
  func slices(_ borders: [Int]) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [7, 20, 3]))
    var loss = (x * x).sum()
    for (index, (low, high)) in zip(borders, borders.dropFirst()).enumerated() {
      let slice = Slice(starts: [0, low, 0], sizes: [7, high - low, 3], strides: [1, 1, 1])
      loss = loss + (tanh(trace.emit(slice, [x])) * Double(index + 1)).sum()
    }
    let graph = try trace.graph(returning: gradients(of: loss, with: [x]))
    try check(graph, [numbers([7, 20, 3])], [])
    let text = graph.simplified().description
    #expect(text.contains("concatenate"), "\(text)")
    #expect(text.contains("unslice") == (borders[0] > 0), "\(text)")
  }

  @Test("takes a slice of what was put together from the part")
  func parts() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [4, 6]))
    let y = trace.input("y", TensorType(.float32, [4, 2]))
    let all = concatenate([tanh(x), y * 2, x], axis: 1)
    func slice(_ starts: [Int], _ sizes: [Int], _ strides: [Int] = [1, 1]) -> Symbol {
      trace.emit(Slice(starts: starts, sizes: sizes, strides: strides), [all])
    }
    let parts = [slice([0, 0], [4, 6]), slice([0, 6], [4, 2]), slice([0, 8], [4, 6])]
    let graph = try trace.graph(returning: parts)
    try check(graph, [numbers([4, 6]), numbers([4, 2], seed: 2)], [])
    #expect(!graph.simplified().description.contains("slice"))
    // These are no parts.
    let others = [
      slice([1, 6], [3, 2]), slice([0, 7], [4, 6]), slice([0, 0], [2, 6], [2, 1]),
    ]
    try check(
      trace.graph(returning: others), [numbers([4, 6]), numbers([4, 2], seed: 2)], [])
  }

  @Test("writes its outputs where the last ones were, unless somebody has them")
  func outputs() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [1000]))
    let executable = try CPUEngine().compile(trace.graph(returning: [x * 2, x + 1]))
    var variables: [Tensor] = []
    func run(_ number: Double) -> [Tensor] {
      executable.run(
        [Tensor(TensorType(.float32, [1000]), repeating: number)], variables: &variables)
    }
    func place(_ tensor: Tensor) -> UnsafeRawPointer? { tensor.withUnsafeBytes(\.baseAddress) }
    func place(ofRunWith number: Double) -> UnsafeRawPointer? { place(run(number)[0]) }

    let first = place(ofRunWith: 1)
    #expect(place(ofRunWith: 2) == first)
    let kept = run(3)
    let double = kept[0], later = run(4)
    #expect(double.numbers == [Double](repeating: 6, count: 1000))
    #expect(kept[1].numbers == [Double](repeating: 4, count: 1000))
    #expect(later[0].numbers == [Double](repeating: 8, count: 1000))
    #expect(place(later[0]) != place(double))
    #expect(later[0].version != double.version)
  }

  @Test("masks the gradient of a ReLU where fewer elements are, before it is unpooled")
  func pooledMask() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [2, 8, 8, 3]))
    let kernel = trace.variable("kernel", TensorType(.float32, [3, 3, 3, 5]))
    let bias = trace.variable("bias", TensorType(.float32, [5]))
    let y = relu(convolution(x, kernel) + bias)
    let pooled = maxPooling(y, sizes: [2, 2], strides: [2, 2])
    let gradient = gradients(of: square(pooled).sum(), with: [kernel, bias])
    let graph = try trace.graph(
      returning: [pooled], updating: [(kernel, gradient[0]), (bias, gradient[1])])
    let masks = graph.simplified().description.split(separator: "\n").filter {
      $0.contains("= select")
    }
    #expect(masks.count == 1 && masks[0].contains("[2, 3, 3, 5]"))
    try check(
      graph, [numbers([2, 8, 8, 3])], [numbers([3, 3, 3, 5], seed: 2), numbers([5], seed: 3)])
  }

  @Test("computes random graphs of elementwise operations as the reference does", arguments: 0..<60)
  func random(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    func below(_ count: Int) -> Int { Int(generator.next() % UInt64(count)) }
    let trace = Trace()
    let shapes: [Shape] = [[5, 7, 3], [7, 3], [3], [5, 1, 3], [1], [5, 7, 1]]
    let inputs = shapes.map { trace.input("x", TensorType(.float32, $0)) }
    let variables = [
      trace.variable("v", TensorType(.float32, [5, 7, 3])),
      trace.variable("w", TensorType(.float32, [7, 3])),
    ]
    var values = inputs + variables
    for _ in 0..<30 {
      let a = values[below(values.count)], b = values[below(values.count)]
      switch below(9) {
      case 0: values.append(a + b)
      case 1: values.append(a * b)
      case 2: values.append(maximum(a, b))
      case 3: values.append(tanh(a))
      case 4: values.append(select(a .> b, a, b * 0.5))
      case 5: values.append(a.sum(axes: [-1], keepDims: true) * 0.3)
      case 6: values.append(a.broadcast(to: [5, 7, 3]).transposed([1, 0, 2]).reshaped([5, 7, 3]))
      case 7:
        values.append(a.broadcast(to: [5, 7, 3]).reshaped([35, 3]).reshaped([5, 7, 3]) - 0.1)
      default: values.append(a.broadcast(to: [5, 7, 3]).sliced(axis: 1, 2..<3) + b)
      }
    }
    let last = values.suffix(8).map { tanh($0) }
    let full = last.map { $0.broadcast(to: [5, 7, 3]) }
    let graph = try trace.graph(
      returning: last + [values[10], values[20]],
      updating: [(variables[0], full[0] + full[1]), (variables[1], full[2].max(axes: [0]))])
    try check(
      graph, shapes.enumerated().map { numbers($1, seed: seed &+ UInt64($0)) },
      [numbers([5, 7, 3], seed: 77), numbers([7, 3], seed: 78)])
  }
}
