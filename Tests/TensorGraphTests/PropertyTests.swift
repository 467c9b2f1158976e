import TensorGraph
import TestKit
import Testing

@Suite("For random shapes")
struct PropertyTests {
  /// The results of `body` on inputs with these elements.
  private func evaluate(
    _ inputs: [ReferenceTensor], dtypes: [DType] = [], _ body: ([Symbol]) -> [Symbol]
  ) throws -> [ReferenceTensor] {
    let trace = Trace()
    let x = inputs.enumerated().map { index, tensor in
      trace.input("x", TensorType(index < dtypes.count ? dtypes[index] : .float32, tensor.shape))
    }
    let graph = try trace.graph(returning: body(x))
    graph.verify()
    return ReferenceEngine.evaluate(graph, inputs)
  }

  @Test("broadcasting is commutative and agrees with indexing", arguments: 0..<40 as Range<UInt64>)
  func broadcasting(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let full = generator.shape(rank: Int.random(in: 0...4, using: &generator))
    func part() -> Shape {
      let dims = full.dims.map { Bool.random(using: &generator) ? $0 : 1 }
      return Shape(Array(dims.dropFirst(Int.random(in: 0...full.rank, using: &generator))))
    }
    let (a, b) = (part(), part())
    let shape = try #require(a.broadcast(with: b))
    #expect(shape == b.broadcast(with: a))
    let x = [generator.tensor(a), generator.tensor(b)]
    let y = try evaluate(x) { [$0[0] - $0[1], $0[0].broadcast(to: shape)] }
    #expect(y[0].shape == shape)
    var position = 0
    forEachIndex(of: shape) { index in
      func element(_ tensor: ReferenceTensor) -> Double {
        let own = index.suffix(tensor.shape.rank)
        let offset = zip(own, zip(tensor.shape.dims, tensor.shape.strides)).reduce(0) {
          $0 + ($1.1.0 == 1 ? 0 : $1.0 * $1.1.1)
        }
        return tensor.numbers[offset]
      }
      #expect(y[0].numbers[position] == element(x[0]) - element(x[1]))
      #expect(y[1].numbers[position] == element(x[0]))
      position += 1
    }
  }

  private func forEachIndex(of shape: Shape, _ body: ([Int]) -> Void) {
    for position in 0..<shape.count {
      body(zip(shape.dims, shape.strides).map { position / $1 % $0 })
    }
  }

  @Test("operations undo their inverses", arguments: 0..<40 as Range<UInt64>)
  func inverses(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let rank = Int.random(in: 1...4, using: &generator)
    let shape = generator.shape(rank: rank)
    let axis = Int.random(in: 0..<rank, using: &generator)
    let order = Array(0..<rank).shuffled(using: &generator)
    let backward = order.indices.map { axis in order.firstIndex(of: axis) ?? axis }
    let low = (0..<rank).map { _ in Int.random(in: 0...2, using: &generator) }
    let x = generator.tensor(shape)
    let y = try evaluate([x]) { x in
      let x = x[0]
      var cut = x.padded(low: low, high: low.reversed(), with: 3)
      for axis in 0..<rank { cut = cut.sliced(axis: axis, low[axis]..<low[axis] + shape[axis]) }
      let sorted = x.sortedWithIndices(axis: axis)
      return [
        x.reshaped([-1]).reshaped(shape),
        x.transposed(order).transposed(backward),
        concatenate(x.split(shape[axis], axis: axis), axis: axis),
        x.reversed(axis: axis).reversed(axis: axis),
        x.expandingDims(at: axis).squeezed(axis),
        cut,
        sorted.values.scattered(along: axis, at: sorted.indices, size: shape[axis]),
        x.cumulativeSum(axis: axis) - x.cumulativeSum(axis: axis, exclusive: true),
        x.gathered(at: x.trace.iota([shape[axis]], axis: 0), axis: axis),
      ]
    }
    for y in y { try Tolerance.ulpsOfLargest(64).check(y, x, dtype: .float64) }
  }

  @Test("the largest are the first of those in order", arguments: 0..<20 as Range<UInt64>)
  func topK(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let shape = generator.shape(rank: 2, sizes: 1...9)
    let x = generator.integers(shape, in: 0...4)
    let k = Int.random(in: 0...shape[1], using: &generator)
    let y = try evaluate([x]) { x in
      let (top, all) = (x[0].topK(k), x[0].sortedWithIndices(descending: true))
      return [top.values, top.indices, all.values, all.indices].map {
        $0.sliced(axis: 1, 0..<k)
      } + [x[0].gathered(along: 1, at: top.indices)]
    }
    #expect(y[0] == y[2])
    #expect(y[1] == y[3])
    #expect(y[0] == y[4])
  }

  /// A linear function, from one operand, and its adjoint.
  struct LinearPair: Sendable, CustomStringConvertible {
    var description: String
    var from: Shape
    var to: Shape
    /// Whether there are indices for the elements or entries of the result, and their range.
    var indices: (shape: Shape, range: ClosedRange<Int>)?
    var forward: @Sendable ([Symbol]) -> Symbol
    var adjoint: @Sendable ([Symbol]) -> Symbol
  }

  static var linearPairs: [LinearPair] {
    let window = Window(
      sizes: [3, 2], strides: [2, 1], dilations: [1, 2], low: [1, 2], high: [0, 1])
    let (x, y): (Shape, Shape) = ([2, 6, 5, 4], [2, 3, 6, 4])
    let kernel: Shape = [3, 2, 2, 4]
    let slice = Slice(starts: [4, 0], sizes: [2, 3], strides: [-3, 2])
    @Sendable func constant(_ shape: Shape, _ trace: Trace) -> Symbol {
      trace.constant(Tensor(shape, (0..<shape.count).map { Float($0 * 7 % 11) - 5 }))
    }
    @Sendable func convolution(_ part: Convolution.Part) -> Convolution {
      Convolution(part: part, window: window, groups: 2)
    }
    return [
      LinearPair(
        description: "slice and unslice", from: [5, 6], to: [2, 3],
        forward: { $0[0].trace.emit(slice, $0) },
        adjoint: { $0[0].trace.emit(Unslice(slice: slice, shape: [5, 6]), $0) }),
      LinearPair(
        description: "broadcast and sum", from: [3, 1], to: [2, 3, 4],
        forward: { $0[0].broadcast(to: [2, 3, 4]) },
        adjoint: { $0[0].sum(axes: [0, 2]).reshaped([3, 1]) }),
      LinearPair(
        description: "convolution and its input gradient", from: x, to: y,
        forward: {
          $0[0].trace.emit(convolution(.output), [$0[0], constant(kernel, $0[0].trace)])
        },
        adjoint: {
          $0[0].trace.emit(convolution(.inputGradient(x)), [$0[0], constant(kernel, $0[0].trace)])
        }),
      LinearPair(
        description: "convolution and its kernel gradient", from: kernel, to: y,
        forward: { $0[0].trace.emit(convolution(.output), [constant(x, $0[0].trace), $0[0]]) },
        adjoint: {
          $0[0].trace.emit(
            convolution(.kernelGradient(kernel)), [constant(x, $0[0].trace), $0[0]])
        }),
      LinearPair(
        description: "average pooling and its gradient", from: x, to: y,
        forward: { $0[0].trace.emit(AveragePooling(window: window), $0) },
        adjoint: { $0[0].trace.emit(AveragePoolingGradient(window: window, shape: x), $0) }),
      LinearPair(
        description: "max pooling's gather and unpooling", from: x, to: y, indices: (y, 0...5),
        forward: { $0[0].trace.emit(MaxPoolingGather(window: window), $0) },
        adjoint: { $0[0].trace.emit(MaxUnpooling(window: window, shape: x), $0) }),
      LinearPair(
        description: "gather and scatter", from: [2, 4, 3], to: [2, 2, 5, 3],
        indices: ([2, 5], -1...4),
        forward: { $0[0].trace.emit(Gather(axis: 1, missing: .zero), $0) },
        adjoint: { $0[0].scattered(at: $0[1], axis: 1, size: 4) }),
      LinearPair(
        description: "gather and scatter along an axis", from: [2, 4, 3], to: [2, 6, 3],
        indices: ([2, 6, 3], -1...4),
        forward: { $0[0].trace.emit(GatherAlong(axis: 1, missing: .zero), $0) },
        adjoint: { $0[0].scattered(along: 1, at: $0[1], size: 4) }),
      LinearPair(
        description: "cumulative sums in both directions", from: [2, 4, 3], to: [2, 4, 3],
        forward: { $0[0].cumulativeSum(axis: 1, exclusive: true) },
        adjoint: { $0[0].cumulativeSum(axis: 1, exclusive: true, reverse: true) }),
    ]
  }

  @Test("⟨Ax, y⟩ = ⟨x, Aᵀy⟩", arguments: linearPairs)
  func adjoint(_ pair: LinearPair) throws {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<5 {
      var inputs = [generator.tensor(pair.from), generator.tensor(pair.to)]
      if let indices = pair.indices {
        inputs.append(generator.integers(indices.shape, in: indices.range))
      }
      let products = try evaluate(inputs, dtypes: [.float32, .float32, .int32]) { x in
        let extra = Array(x.dropFirst(2))
        return [
          (pair.forward([x[0]] + extra) * x[1]).sum(), (x[0] * pair.adjoint([x[1]] + extra)).sum(),
        ]
      }
      #expect((products[0].numbers[0] - products[1].numbers[0]).magnitude < 1e-12)
    }
  }

  @Test("same padding gives ⌈size / stride⌉ outputs", arguments: 0..<40 as Range<UInt64>)
  func samePadding(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    func random() -> Int { Int.random(in: 1...5, using: &generator) }
    let (size, stride) = (random() * 2, random())
    let plain = Window(sizes: [random()], strides: [stride], dilations: [random()])
    let same = plain.padded(.same, for: [size])
    #expect(same.outputSizes([size]) == [(size + stride - 1) / stride])
    #expect((0...1).contains(same.high[0] - same.low[0]))
    let causal = plain.padded(.causal, for: [size])
    #expect(causal.outputSizes([size]) == [(size + stride - 1) / stride])
    #expect(causal.high == [0])
  }
}
