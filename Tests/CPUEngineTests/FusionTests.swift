import CPUEngine
import TensorGraph
import TestKit
import Testing

@Suite("What a plan computes together")
struct FusionTests {
  private let plans = PlanTests()

  private func names(
    _ graph: Graph, _ inputs: [Tensor], _ variables: [Tensor]
  ) throws -> [String] {
    var variables = variables
    let executable = try #require(try CPUEngine().compile(graph) as? CPUExecutable)
    return executable.profile(inputs, variables: &variables, repeats: 1).map(\.name)
  }

  @Test(
    "a batch normalization with the rectifier behind it, forward and backward",
    arguments: [Unary.relu, .relu6])
  func rectified(_ rectifier: Unary) throws {
    let trace = Trace()
    let x = trace.variable("x", TensorType(.float32, [40, 5]))
    let gamma = trace.variable("gamma", TensorType(.float32, [5]))
    let beta = trace.variable("beta", TensorType(.float32, [5]))
    let y = batchNormalization(x * 3, gamma: gamma * 8, beta: beta + 2).y
    let z = rectifier == .relu ? relu(y) : relu6(y)
    let weights = trace.input("w", TensorType(.float32, [40, 5]))
    // What comes back is a sum, which waits until the gradient of the normalization needs it.
    let dx = gradients(of: (z * weights + tanh(z)).sum(), with: [x, gamma, beta])
    let graph = try trace.graph(
      returning: [z], updating: [(x, dx[0]), (gamma, dx[1]), (beta, dx[2])])
    let inputs = [plans.numbers([40, 5], seed: 4)]
    let variables = [
      plans.numbers([40, 5]), plans.numbers([5], seed: 2), plans.numbers([5], seed: 3),
    ]
    try plans.check(graph, inputs, variables, runs: 1)
    // Neither the rectifier nor its gradient, of 200 elements, is an instruction of its own: there
    // are those before, between and behind the two normalizations.
    let count = try names(graph, inputs, variables).filter { $0.hasPrefix("elementwise") }.count
    #expect(count <= 5)
  }

  @Test(
    "a batch normalization between casts, which takes and gives bfloat16",
    arguments: [[7, 5], [3, 10, 10, 16], [40, 33], [2, 9, 9, 200]])
  func normalizedHalves(_ dims: [Int]) throws {
    for rectifier in [Unary.relu, .relu6] {
      let trace = Trace(), shape = Shape(dims), channels: Shape = [dims[dims.count - 1]]
      let type = TensorType(.bfloat16, shape)
      let x = trace.input("x", type), weights = trace.input("w", type)
      let gamma = trace.variable("gamma", TensorType(.float32, channels))
      let beta = trace.variable("beta", TensorType(.float32, channels))
      let normal = batchNormalization(
        abs(x).cast(to: .float32), gamma: gamma * 8, beta: beta + 2)
      let y = normal.y.cast(to: .bfloat16), z = rectifier == .relu ? relu(y) : relu6(y)
      let dx = gradients(of: (z * weights).cast(to: .float32).sum(), with: [x, gamma, beta])
      // What rounds to 6 has no gradient; where products are in float32 it is not rounded.
      let isSmooth = rectifier == .relu
      let others = (isSmooth ? dx : []) + [normal.mean, normal.variance]
      let graph = try trace.graph(returning: [z] + others.map { $0.cast(to: .bfloat16) })
      let inputs = [4, 5].map { Tensor(type, numbers: plans.numbers(shape, seed: $0).numbers) }
      let variables = [plans.numbers(channels, seed: 2), plans.numbers(channels, seed: 3)]
      try plans.check(graph, inputs, variables, runs: 1, ulps: 3)
    }
  }

  @Test(
    "what a graph casts to a half type and back is rounded", arguments: [DType.bfloat16, .float16])
  func rounded(_ dtype: DType) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [9]))
    let half = x.cast(to: dtype)
    let graph = try trace.graph(
      returning: [half.cast(to: .float32), relu(half).cast(to: .float32) - half.cast(to: .float32)])
    let numbers = (0..<9).map { 1 + Double($0) / 4096 }
    let results = try CPUEngine().compile(graph).run([
      Tensor(TensorType(.float32, [9]), numbers: numbers)
    ])
    #expect(results[0].numbers == numbers.map(dtype.rounding))
  }

  @Test("a product with a bias, what is added to it and a rectifier")
  func residual() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [2, 6, 6, 8]))
    let kernel = trace.variable("kernel", TensorType(.float32, [3, 3, 8, 8]))
    let bias = trace.variable("bias", TensorType(.float32, [8]))
    let matrix = trace.variable("matrix", TensorType(.float32, [8, 8]))
    let y = relu6(convolution(x, kernel, padding: .same) + bias + x)
    let z = relu(matmul(y, matrix) + bias + y)
    let graph = try trace.graph(returning: [z])
    let inputs = [plans.numbers([2, 6, 6, 8])]
    let variables = [
      plans.numbers([3, 3, 8, 8], seed: 2), plans.numbers([8], seed: 3),
      plans.numbers([8, 8], seed: 4),
    ]
    try plans.check(graph, inputs, variables)
    let all = try names(graph, inputs, variables)
    #expect(!all.contains { $0.hasPrefix("elementwise") }, "\(all)")
  }

  @Test("the factors of a batch normalization with the weights before it, once for all runs")
  func folded() throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [2, 5, 5, 3]))
    let kernel = trace.variable("kernel", TensorType(.float32, [3, 3, 3, 4]))
    let matrix = trace.variable("matrix", TensorType(.float32, [4, 6]))
    let mean = trace.variable("mean", TensorType(.float32, [4]))
    let factor = trace.variable("factor", TensorType(.float32, [4]))
    let shift = trace.variable("shift", TensorType(.float32, [6]))
    let y = (convolution(x, kernel, padding: .same) - mean) * exp(factor) + mean
    let z = relu(matmul(y, matrix) * 0.5 * shift + shift)
    let graph = try trace.graph(returning: [z])
    let inputs = [plans.numbers([2, 5, 5, 3])]
    var variables = [
      plans.numbers([3, 3, 3, 4], seed: 2), plans.numbers([4, 6], seed: 3),
      plans.numbers([4], seed: 4), plans.numbers([4], seed: 5), plans.numbers([6], seed: 6),
    ]
    try plans.check(graph, inputs, variables)
    let folded = try #require(graph.simplified().foldingScales()).simplified()
    folded.verify()
    #expect(
      !folded.description.split(separator: "\n").contains {
        $0.contains("multiply") && ($0.contains("[2, 5, 5, 4]") || $0.contains("[2, 5, 5, 6]"))
      }, "\(folded)")

    // Weights that change are seen, in place or as other tensors.
    let fast = try CPUEngine().compile(graph), slow = try ReferenceEngine().compile(graph)
    func difference() -> Double {
      var copies = variables
      let mine = fast.run(inputs, variables: &variables)[0].numbers
      let theirs = slow.run(inputs, variables: &copies)[0].numbers
      return zip(mine, theirs).map { abs($0 - $1) }.max() ?? .infinity
    }
    #expect(difference() < 1e-5)
    for index in variables.indices {
      variables[index].withUnsafeMutableBytes { bytes in
        let numbers = bytes.bindMemory(to: Float.self)
        for place in numbers.indices { numbers[place] *= -0.5 }
      }
      #expect(difference() < 1e-5, "variable \(index), in place")
      variables[index] = plans.numbers(variables[index].shape, seed: 20)
      #expect(difference() < 1e-5, "variable \(index), another")
    }
  }
}
