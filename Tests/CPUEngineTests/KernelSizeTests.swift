import CPUEngine
import Foundation
import TensorGraph
import TestKit
import Testing

/// Kernels that cut their work into blocks, at sizes that end within one.
@Suite("Kernels of our own at odd sizes")
struct KernelSizeTests {
  private let plans = PlanTests()

  private func count(_ name: String, in graph: Graph) throws -> Int {
    let executable = try #require(try CPUEngine().compile(graph) as? CPUExecutable)
    let inputs = graph.inputs.map { Tensor(zeros: graph.type($0)) }
    var variables = graph.variables.map { Tensor(zeros: graph.type($0)) }
    return executable.profile(inputs, variables: &variables, repeats: 1)
      .filter { $0.name.hasPrefix(name) }.count
  }

  struct AttentionCase: CustomTestStringConvertible {
    var heads: Int, queries: Int, keys: Int, dim: Int, valueDim: Int
    var isCausal = false, hasMask = false
    var testDescription: String { "\(queries)×\(keys), \(dim), \(valueDim)" }
  }

  @Test(
    "attention over several blocks of queries, read where heads lie side by side",
    arguments: [
      AttentionCase(heads: 2, queries: 130, keys: 70, dim: 20, valueDim: 33),
      AttentionCase(heads: 3, queries: 17, keys: 17, dim: 16, valueDim: 16, isCausal: true),
      AttentionCase(heads: 1, queries: 200, keys: 200, dim: 5, valueDim: 7, isCausal: true),
      AttentionCase(heads: 2, queries: 100, keys: 41, dim: 8, valueDim: 32, hasMask: true),
      AttentionCase(
        heads: 1, queries: 21, keys: 130, dim: 17, valueDim: 3, isCausal: true, hasMask: true),
      AttentionCase(heads: 1, queries: 1, keys: 1, dim: 1, valueDim: 1),
    ])
  func attention(_ c: AttentionCase) throws {
    let trace = Trace(), batch = 2
    func heads(_ name: String, _ rows: Int, _ dim: Int) -> Symbol {
      trace.input(name, TensorType(.float32, [batch, rows, c.heads, dim]))
        .transposed([0, 2, 1, 3])
    }
    let query = heads("query", c.queries, c.dim), key = heads("key", c.keys, c.dim)
    let value = heads("value", c.keys, c.valueDim)
    let weights = heads("weights", c.queries, c.valueDim)
    let draws = trace.input("draws", TensorType(.float32, [batch, 1, c.queries, c.keys]))
    // The first query of the second sample sees nothing at all.
    let sample = trace.iota([batch, 1, c.queries, c.keys], axis: 0)
    let row = trace.iota([batch, 1, c.queries, c.keys], axis: 2)
    let mask = (draws .> -0.5) .& !((sample .> 0) .& (row .< 1))
    let y = TensorGraph.attention(
      query, key, value, mask: c.hasMask ? mask : nil, isCausal: c.isCausal)
    let slopes = gradients(of: (y * weights).sum(), with: [query, key, value])
    let graph = try trace.graph(returning: [y.transposed([0, 2, 1, 3])] + slopes)
    let inputs = graph.inputs.enumerated().map {
      plans.numbers(graph.type($1).shape, seed: UInt64($0 + 1))
    }
    try plans.check(graph, inputs, [], runs: 2)
    #expect(try count("attention", in: graph) == 2)
    #expect(try count("softmax", in: graph) == 0)
  }

  struct ConvolutionCase: CustomTestStringConvertible {
    var size: [Int], channels: Int, filters: Int, kernel: [Int]
    var stride = 1, dilation = 1, padding = Padding.valid
    var testDescription: String { "\(size) × \(channels) → \(filters), \(kernel)" }
  }

  @Test(
    "a convolution of few channels, what is computed with it, and the gradient of its kernel",
    arguments: [
      ConvolutionCase(size: [13, 11], channels: 1, filters: 32, kernel: [3, 3]),
      ConvolutionCase(size: [9, 12], channels: 3, filters: 16, kernel: [3, 5], padding: .same),
      ConvolutionCase(size: [10, 9], channels: 8, filters: 48, kernel: [2, 3], stride: 2),
      ConvolutionCase(
        size: [12, 14], channels: 2, filters: 64, kernel: [3, 3], dilation: 3, padding: .same),
      ConvolutionCase(
        size: [5, 5], channels: 4, filters: 80, kernel: [5, 5], stride: 3, padding: .same),
      ConvolutionCase(size: [1, 1], channels: 1, filters: 16, kernel: [3, 3], padding: .same),
      ConvolutionCase(size: [60], channels: 20, filters: 48, kernel: [3], padding: .same),
      ConvolutionCase(size: [131], channels: 1, filters: 16, kernel: [5], stride: 2),
      ConvolutionCase(size: [100], channels: 64, filters: 80, kernel: [2], dilation: 7),
      ConvolutionCase(size: [9, 40], channels: 4, filters: 48, kernel: [5, 2], stride: 3),
      ConvolutionCase(size: [3, 5], channels: 3, filters: 32, kernel: [7, 9], padding: .same),
      ConvolutionCase(size: [70], channels: 2, filters: 32, kernel: [9], padding: .causal),
    ])
  func fewChannels(_ c: ConvolutionCase) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, Shape([9] + c.size + [c.channels])))
    let kernel = trace.variable(
      "kernel", TensorType(.float32, Shape(c.kernel + [c.channels, c.filters])))
    let bias = trace.variable("bias", TensorType(.float32, [c.filters]))
    func convolved(_ x: Symbol) -> Symbol {
      convolution(
        x, kernel, strides: c.size.map { _ in c.stride }, padding: c.padding,
        dilations: c.size.map { _ in c.dilation })
    }
    let y = convolved(x) + bias, plain = convolved(x * 2)
    let other = trace.variable("other", y.type)
    let slopes = gradients(of: square(y).sum(), with: [kernel, bias])
    let graph = try trace.graph(returning: [relu6(plain + bias + other), plain] + slopes)
    let variables = [kernel, bias, other].enumerated().map {
      plans.numbers($1.shape, seed: UInt64($0 + 2))
    }
    try plans.check(graph, [plans.numbers(x.shape)], variables)
  }

  @Test(
    "a convolution with a kernel for each channel, and its gradients",
    arguments: [
      ConvolutionCase(size: [9, 11], channels: 1, filters: 1, kernel: [3, 3], padding: .same),
      ConvolutionCase(size: [8, 33], channels: 3, filters: 3, kernel: [3, 3], padding: .same),
      ConvolutionCase(size: [40, 40], channels: 7, filters: 7, kernel: [2, 5]),
      ConvolutionCase(
        size: [13, 12], channels: 5, filters: 5, kernel: [3, 3], dilation: 2, padding: .same),
      ConvolutionCase(
        size: [14, 9], channels: 24, filters: 24, kernel: [5, 5], stride: 2, padding: .same),
      ConvolutionCase(size: [12, 13], channels: 33, filters: 33, kernel: [7, 7], padding: .same),
      ConvolutionCase(size: [23, 17], channels: 16, filters: 16, kernel: [4, 4], stride: 3),
      ConvolutionCase(size: [3, 2], channels: 6, filters: 6, kernel: [5, 5], padding: .same),
      ConvolutionCase(
        size: [11, 12], channels: 24, filters: 24, kernel: [3, 3], dilation: 2, padding: .same),
      ConvolutionCase(size: [90], channels: 12, filters: 12, kernel: [31], padding: .same),
      ConvolutionCase(size: [50], channels: 4, filters: 4, kernel: [3], padding: .causal),
    ])
  func depthwise(_ c: ConvolutionCase) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, Shape([5] + c.size + [c.channels])))
    let kernel = trace.variable("kernel", TensorType(.float32, Shape(c.kernel + [1, c.channels])))
    let bias = trace.variable("bias", TensorType(.float32, [c.channels]))
    let product = convolution(
      x, kernel, strides: c.size.map { _ in c.stride }, padding: c.padding,
      dilations: c.size.map { _ in c.dilation }, groups: c.channels)
    let y = relu(product + bias)
    let graph = try trace.graph(
      returning: [y] + gradients(of: square(y).sum(), with: [x, kernel, bias]))
    try plans.check(
      graph, [plans.numbers(x.shape)],
      [plans.numbers(kernel.shape, seed: 2), plans.numbers(bias.shape, seed: 3)])
  }

  @Test(
    "the gradient of a dilated convolution's input",
    arguments: [
      ConvolutionCase(size: [40], channels: 5, filters: 20, kernel: [3], dilation: 4),
      ConvolutionCase(
        size: [33], channels: 16, filters: 7, kernel: [2], dilation: 5, padding: .causal),
      ConvolutionCase(
        size: [12, 11], channels: 3, filters: 18, kernel: [3, 2], dilation: 2, padding: .same),
      ConvolutionCase(
        size: [5, 6, 7], channels: 2, filters: 4, kernel: [2, 3, 3], dilation: 2, padding: .same),
    ])
  func dilatedGradient(_ c: ConvolutionCase) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, Shape([4] + c.size + [c.channels])))
    let kernel = trace.variable(
      "kernel", TensorType(.float32, Shape(c.kernel + [c.channels, c.filters])))
    let y = convolution(
      x, kernel, padding: c.padding, dilations: c.size.map { _ in c.dilation })
    let graph = try trace.graph(returning: gradients(of: square(y).sum(), with: [x, kernel]))
    try plans.check(graph, [plans.numbers(x.shape)], [plans.numbers(kernel.shape, seed: 2)])
  }

  /// What Winograd's kernels cut in their own ways: odd sizes, and channels and filters that are no
  /// whole vectors, or no pairs.
  static let tiled = [
    ConvolutionCase(size: [12, 14], channels: 16, filters: 16, kernel: [3, 3], padding: .same),
    ConvolutionCase(size: [13, 11], channels: 32, filters: 48, kernel: [3, 3], padding: .same),
    ConvolutionCase(size: [13, 14], channels: 80, filters: 32, kernel: [3, 3]),
    ConvolutionCase(size: [16, 31], channels: 48, filters: 96, kernel: [3, 3]),
    ConvolutionCase(size: [10, 9], channels: 128, filters: 80, kernel: [3, 3], padding: .same),
    ConvolutionCase(size: [10, 12], channels: 17, filters: 17, kernel: [3, 3], padding: .same),
    ConvolutionCase(size: [12, 12], channels: 24, filters: 33, kernel: [3, 3]),
    ConvolutionCase(size: [12, 12], channels: 46, filters: 18, kernel: [3, 3], padding: .same),
    ConvolutionCase(size: [12, 12], channels: 47, filters: 19, kernel: [3, 3], padding: .same),
    ConvolutionCase(size: [10, 12], channels: 31, filters: 63, kernel: [3, 3], padding: .same),
  ]

  @Test(
    "a convolution of 3 × 3 in tiles of 2 × 2, its gradients, and what is computed with it",
    arguments: tiled)
  func tiledConvolution(_ c: ConvolutionCase) throws {
    let trace = Trace(), batch = 15
    let x = trace.input("x", TensorType(.float32, Shape([batch] + c.size + [c.channels])))
    let kernel = trace.variable(
      "kernel", TensorType(.float32, Shape(c.kernel + [c.channels, c.filters])))
    let bias = trace.variable("bias", TensorType(.float32, [c.filters]))
    let product = convolution(x, kernel, strides: [1, 1], padding: c.padding)
    let other = trace.variable("other", product.type)
    let y = relu6(product + bias + other)
    let slopes = gradients(of: square(y).sum(), with: [x, kernel, bias])
    let plain = convolution(x * 2, kernel, strides: [1, 1], padding: c.padding)
    let graph = try trace.graph(returning: [y, plain] + slopes)
    let variables = [kernel, bias, other].enumerated().map {
      plans.numbers($1.shape, seed: UInt64($0 + 2))
    }
    try plans.check(graph, [plans.numbers(x.shape)], variables)
    if ProcessInfo.processInfo.activeProcessorCount <= 8 {
      #expect(try count("spread kernel", in: graph) == 3)
    }
  }

  @Test(
    "a prediction in few tiles",
    arguments: [
      ConvolutionCase(size: [4, 4], channels: 16, filters: 64, kernel: [3, 3], padding: .same),
      ConvolutionCase(size: [6, 9], channels: 40, filters: 17, kernel: [3, 3]),
      ConvolutionCase(size: [7, 7], channels: 64, filters: 32, kernel: [3, 3], padding: .same),
      ConvolutionCase(size: [13, 13], channels: 32, filters: 64, kernel: [3, 3]),
      ConvolutionCase(size: [20, 11], channels: 18, filters: 48, kernel: [3, 3]),
    ])
  func fewTiles(_ c: ConvolutionCase) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, Shape([1] + c.size + [c.channels])))
    let kernel = trace.variable(
      "kernel", TensorType(.float32, Shape(c.kernel + [c.channels, c.filters])))
    let y = relu(convolution(x, kernel, strides: [1, 1], padding: c.padding))
    try plans.check(
      try trace.graph(returning: [y]), [plans.numbers(x.shape)],
      [plans.numbers(kernel.shape, seed: 2)], runs: 2)
  }

  @Test("a convolution in tiles, padded by more than its kernel", arguments: [0, 1, 3])
  func unevenPadding(_ low: Int) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [15, 9, 10, 16]))
    let kernel = trace.variable("kernel", TensorType(.float32, [3, 3, 16, 32]))
    let window = Window(
      sizes: [3, 3], strides: [1, 1], dilations: [1, 1], low: [low, 1], high: [2, 4])
    let y = trace.emit(Convolution(part: .output, window: window, groups: 1), [x, kernel])
    let graph = try trace.graph(
      returning: [y] + gradients(of: square(y).sum(), with: [x, kernel]))
    try plans.check(graph, [plans.numbers(x.shape)], [plans.numbers(kernel.shape, seed: 2)])
  }

  @Test("the gradient of a dense kernel, a sum over many rows", arguments: [512, 1024, 2048, 777])
  func partialSums(_ rows: Int) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [rows, 24]))
    let dy = trace.input("dy", TensorType(.float32, [rows, 20]))
    let graph = try trace.graph(returning: [trace.emit(MatMul(transposeA: true), [x, dy])])
    try plans.check(
      graph, [plans.numbers([rows, 24]), plans.numbers([rows, 20], seed: 2)], [], runs: 1)
  }

  @Test("a few rows times a matrix that is packed once", arguments: [1, 2, 6, 7], [true, false])
  func fewRows(_ rows: Int, _ isTransposed: Bool) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [rows, 190]))
    let matrix = trace.variable(
      "matrix", TensorType(.float32, isTransposed ? [100, 190] : [190, 100]))
    let bias = trace.variable("bias", TensorType(.float32, [100]))
    let product = trace.emit(MatMul(transposeB: isTransposed), [x, matrix])
    let graph = try trace.graph(returning: [relu6(product + bias), product * 2])
    let alone = try trace.graph(returning: [relu6(product + bias)])
    var variables = [plans.numbers(matrix.shape, seed: 2), plans.numbers([100], seed: 3)]
    for graph in [graph, alone] {
      try plans.check(graph, [plans.numbers([rows, 190])], variables)
    }
    // A matrix that changes is packed again.
    let executable = try CPUEngine().compile(alone)
    let before = executable.run([plans.numbers([rows, 190])], variables: &variables)[0]
    variables[0].withUnsafeMutableBytes { bytes in
      for (index, number) in bytes.bindMemory(to: Float.self).enumerated() {
        bytes.storeBytes(of: -number, toByteOffset: index * 4, as: Float.self)
      }
    }
    let after = executable.run([plans.numbers([rows, 190])], variables: &variables)[0]
    #expect(before != after)
    try plans.check(alone, [plans.numbers([rows, 190])], variables)
  }

  @Test(
    "some rows times the rows of a matrix", arguments: [2, 7, 32, 64, 65],
    [[128, 128], [24, 1040], [2000, 16], [100, 200], [104, 201], [40, 1039]])
  func thinTransposedProduct(_ rows: Int, _ size: [Int]) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [rows, size[1]]))
    let matrix = trace.variable("matrix", TensorType(.float32, [size[0], size[1]]))
    let product = trace.emit(MatMul(transposeB: true), [x, matrix])
    let graph = try trace.graph(
      returning: [product, relu(product + product)], updating: [(matrix, matrix * 2)])
    try plans.check(
      graph, [plans.numbers([rows, size[1]])],
      [plans.numbers([size[0], size[1]], seed: 2)])
  }

  @Test(
    "some rows times a large matrix that changes", arguments: [8, 33, 64, 65], [384, 401])
  func thinProduct(_ rows: Int, _ columns: Int) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [rows, 700]))
    let matrix = trace.variable("matrix", TensorType(.float32, [700, columns]))
    let bias = trace.variable("bias", TensorType(.float32, [columns]))
    let y = relu(matmul(x, matrix) + bias)
    let graph = try trace.graph(
      returning: [y, matmul(x, matrix)], updating: [(matrix, matrix * 2)])
    try plans.check(
      graph, [plans.numbers([rows, 700])],
      [plans.numbers([700, columns], seed: 2), plans.numbers([columns], seed: 3)])
  }

  struct ProductCase: CustomTestStringConvertible {
    var m: Int, k: Int, n: Int
    var testDescription: String { "\(m)×\(k)×\(n)" }
  }

  @Test(
    "products of small matrices, with what follows them",
    arguments: [
      ProductCase(m: 1, k: 1, n: 1), ProductCase(m: 5, k: 100, n: 17),
      ProductCase(m: 32, k: 97, n: 64), ProductCase(m: 13, k: 193, n: 130),
      ProductCase(m: 200, k: 3, n: 33), ProductCase(m: 401, k: 20, n: 65),
      ProductCase(m: 7, k: 2, n: 300), ProductCase(m: 64, k: 10, n: 5),
      ProductCase(m: 3, k: 1300, n: 70), ProductCase(m: 30, k: 1030, n: 20),
    ], [(false, false), (true, false), (false, true), (true, true)])
  func smallProduct(_ c: ProductCase, _ transposed: (a: Bool, b: Bool)) throws {
    let product = MatMul(transposeA: transposed.a, transposeB: transposed.b)
    let follow: [(Symbol, Symbol, Symbol) -> Symbol] = [
      { y, bias, addend in y * bias * addend },
      { y, bias, addend in relu(y + bias) - addend },
      { y, bias, addend in y + addend },
      { y, bias, addend in relu6(y + bias + addend) },
    ]
    for (follow, changes) in follow.flatMap({ [($0, true), ($0, false)] }) {
      let trace = Trace()
      let a = trace.input("a", TensorType(.float32, transposed.a ? [c.k, c.m] : [c.m, c.k]))
      let b = trace.variable("b", TensorType(.float32, transposed.b ? [c.n, c.k] : [c.k, c.n]))
      let bias = trace.input("bias", TensorType(.float32, [c.n]))
      let addend = trace.input("addend", TensorType(.float32, [c.m, c.n]))
      // A matrix that changes cannot be packed once and for all.
      let graph = try trace.graph(
        returning: [follow(trace.emit(product, [a, b]), bias, addend)],
        updating: changes ? [(b, b * 2)] : [])
      try plans.check(
        graph, [a, bias, addend].enumerated().map { plans.numbers($1.shape, seed: UInt64($0)) },
        [plans.numbers(b.shape, seed: 7)], ulps: Double(64 + c.k / 8))
    }
  }

  @Test("rows of sequences, and columns of a matrix, in products")
  func productOfViews() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [3, 5, 8]))
    let b = trace.variable("b", TensorType(.float32, [9, 20]))
    let left = trace.input("left", TensorType(.float32, [6, 9]))
    let kernel = trace.input("kernel", TensorType(.float32, [8, 11]))
    let column = b.sliced(axis: 1, 4..<5), row = column.transposed([1, 0])
    let graph = try trace.graph(
      returning: [
        matmul(x, kernel), matmul(left, column), matmul(left.sliced(axis: 1, 2..<3), row),
        matmul(left, b.sliced(axis: 1, 3..<17)),
      ], updating: [(b, b * 2)])
    try plans.check(
      graph, [x, left, kernel].enumerated().map { plans.numbers($1.shape, seed: UInt64($0)) },
      [plans.numbers(b.shape, seed: 7)])
  }

  struct UpdateCase: CustomTestStringConvertible {
    var rows: Int, k: Int, n: Int
    var testDescription: String { "\(k)×\(n) from \(rows)" }
  }

  @Test(
    "the product that only moves weights, computed where they move",
    arguments: [
      UpdateCase(rows: 32, k: 300, n: 1024), UpdateCase(rows: 1, k: 70, n: 1040),
      UpdateCase(rows: 64, k: 1100, n: 64), UpdateCase(rows: 5, k: 17, n: 4096),
      UpdateCase(rows: 33, k: 701, n: 96), UpdateCase(rows: 8, k: 129, n: 1552),
      UpdateCase(rows: 32, k: 200, n: 1001), UpdateCase(rows: 3, k: 1200, n: 67),
    ])
  func deferredProduct(_ c: UpdateCase) throws {
    let trace = Trace(), type = TensorType(.float32, [c.k, c.n])
    let names = ["w", "m", "v"].map { trace.variable($0, type) }
    let inputs = (1...3).map { trace.input("x\($0)", TensorType(.float32, [c.rows, c.k])) }
    let slopes = (1...3).map { trace.input("dy\($0)", TensorType(.float32, [c.rows, c.n])) }
    let g = zip(inputs, slopes).map { trace.emit(MatMul(transposeA: true), [$0, $1]) }
    func adam(_ g: Symbol) -> [(variable: Symbol, value: Symbol)] {
      let mean = names[1] + 0.1 * (g - names[1])
      let scale = names[2] + 0.001 * (square(g) - names[2])
      return [
        (names[0], names[0] - 0.01 * mean / (sqrt(scale) + 0.5)), (names[1], mean),
        (names[2], scale),
      ]
    }
    let tensors = (inputs + slopes).enumerated().map {
      plans.numbers($1.shape, seed: UInt64($0 + 1))
    }
    let variables = (7...9).map { seed in
      Tensor(type, numbers: plans.numbers(type.shape, seed: UInt64(seed)).numbers.map(abs))
    }
    // Alone; with what is added; two in one program; more than a program takes; wanted itself, or by a sum over it.
    let row = slopes[0].sum(axes: [0], keepDims: true)
    let cases: [(expected: Int, returning: [Symbol], gradient: Symbol)] = [
      (0, [], g[0]), (0, [], g[0] + 0.1 * names[0]), (0, [g[1] * 2], 3 * g[0] - g[2]),
      (0, [], g[0] * row), (3, [], 2 * g[0] - 3 * g[1] - g[2] * 0.5),
      (1, [g[0]], g[0]), (1, [square(g[0]).sum()], g[0]),
    ]
    for (expected, returning, gradient) in cases {
      let graph = try trace.graph(returning: returning, updating: adam(gradient))
      try plans.check(graph, tensors, variables)
      #expect(try count("matmul transposeA", in: graph) == expected)
    }
  }

  @Test("the product of a variable that moves in the same sweep")
  func productOfVariable() throws {
    let trace = Trace()
    let p = trace.variable("p", TensorType(.float32, [32, 300]))
    let w = trace.variable("w", TensorType(.float32, [300, 1024]))
    let dy = trace.input("dy", TensorType(.float32, [32, 1024]))
    let dw = trace.emit(MatMul(transposeA: true), [p, dy])
    let dp = trace.emit(MatMul(transposeB: true), [dy, w])
    let graph = try trace.graph(returning: [], updating: [(p, p - dp), (w, w - 0.1 * dw)])
    try plans.check(
      graph, [plans.numbers([32, 1024])],
      [plans.numbers([32, 300], seed: 2), plans.numbers([300, 1024], seed: 3)])
  }

  @Test("copies whose innermost rows are short", arguments: [[9, 40, 2], [3, 5, 7], [50, 2, 3]])
  func shortRows(_ shape: [Int]) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, Shape(shape)))
    let graph = try trace.graph(returning: [
      x.reshaped(Shape(shape + [1])).broadcast(to: Shape(shape + [3])),
      x.reshaped(Shape([1] + shape)).broadcast(to: Shape([4] + shape)),
      x.transposed([1, 0, 2]), x.transposed([2, 1, 0]), x.transposed([0, 2, 1]),
    ])
    try plans.check(graph, [plans.numbers(x.shape)], [], runs: 1)
  }

  @Test("rows of few classes", arguments: [1, 2, 10, 16, 17], [1, 15, 16, 37])
  func shortRows(_ classes: Int, _ rows: Int) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [rows, classes]))
    let index = trace.iota([rows], axis: 0).cast(to: .float32), count = Double(classes)
    let labels = (index - count * floor(index / count)).cast(to: .int32)
    let result = trace.emit(Fused.SoftmaxCrossEntropy(), [x * 4, labels], results: 2)
    let graph = try trace.graph(
      returning: result + [softmax(x * 3), x.argmax(axis: -1), x.argmin(axis: -1)])
    try plans.check(graph, [plans.numbers([rows, classes])], [], runs: 1)
  }

  @Test(
    "the greatest of 2 × 2",
    arguments: [[2, 8, 6, 20], [1, 7, 9, 5], [9, 4, 4, 70], [3, 2, 2, 1]])
  func pooling(_ shape: [Int]) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, Shape(shape)))
    for padding in [Padding.valid, .same] {
      let y = maxPooling(x, sizes: [2, 2], strides: [2, 2], padding: padding)
      let graph = try trace.graph(
        returning: [y] + gradients(of: square(y).sum(), with: [x]))
      try plans.check(graph, [plans.numbers(Shape(shape))], [], runs: 1)
    }
  }

  @Test("the step of an adaptive optimizer in one loop, and what only looks like one")
  func adam() throws {
    let trace = Trace()
    let type = TensorType(.float32, [70, 41])
    let names = ["w", "m", "v", "g"].map { trace.variable($0, type) }
    let (w, m, v, g) = (names[0], names[1], names[2], names[3])
    let size = trace.input("size", TensorType(.float32, []))
    let mean = m + 0.1 * (g - m), scale = v + 0.001 * (square(g) - v)
    let variables = (1...4).map { seed in
      let numbers = plans.numbers([70, 41], seed: UInt64(seed)).numbers.map(abs)
      return Tensor(type, numbers: numbers)
    }
    let step = size * mean / (sqrt(scale) + 1e-3)
    let first = try trace.graph(
      returning: [], updating: [(w, w - step), (m, mean), (v, scale)])
    // The step is wanted itself; the averages are not kept; another is the divisor.
    let second = try trace.graph(
      returning: [step], updating: [(w, w - step), (m, mean), (v, scale)])
    let third = try trace.graph(returning: [], updating: [(w, w - step)])
    let fourth = try trace.graph(
      returning: [],
      updating: [(w, w - size * mean / (sqrt(v) + 1e-3)), (m, mean), (v, scale), (g, g * 2)])
    for graph in [first, second, third, fourth] {
      try plans.check(graph, [Tensor(Float(0.01))], variables, runs: 3)
    }
  }
}
