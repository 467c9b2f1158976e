import CPUEngine
import TensorGraph
import TestKit
import Testing

@Suite("Kernels of our own for bfloat16")
struct BFloat16Tests {
  private typealias Case = KernelSizeTests.ConvolutionCase
  private let plans = PlanTests()

  @Test(
    "the gradient of a convolution's kernel, in pairs of places",
    arguments: [
      Case(size: [12, 14], channels: 12, filters: 32, kernel: [3, 3], padding: .same),
      Case(size: [9, 7], channels: 9, filters: 17, kernel: [3, 2]),
      Case(size: [11, 13], channels: 20, filters: 70, kernel: [3, 3], stride: 2, padding: .same),
      Case(size: [15, 15], channels: 8, filters: 33, kernel: [2, 4], stride: 3),
      Case(size: [14, 17], channels: 10, filters: 48, kernel: [3, 3], dilation: 2),
      Case(size: [16, 16], channels: 32, filters: 64, kernel: [1, 1], stride: 2),
      Case(size: [30, 66], channels: 24, filters: 20, kernel: [4, 3], padding: .same),
      Case(size: [90], channels: 12, filters: 40, kernel: [3], padding: .causal),
    ] as [KernelSizeTests.ConvolutionCase])
  func kernelGradient(_ c: KernelSizeTests.ConvolutionCase) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, Shape([3] + c.size + [c.channels])))
    let kernel = trace.variable(
      "kernel", TensorType(.bfloat16, Shape(c.kernel + [c.channels, c.filters])))
    let y = convolution(
      x.cast(to: .bfloat16), kernel, strides: c.size.map { _ in c.stride }, padding: c.padding,
      dilations: c.size.map { _ in c.dilation })
    let dy = trace.input("dy", TensorType(.float32, y.shape))
    let sum = (y * dy.cast(to: .bfloat16)).cast(to: .float32).sum()
    let graph = try trace.graph(returning: gradients(of: sum, with: [kernel]))
    try plans.check(
      graph, [plans.numbers(x.shape), plans.numbers(dy.shape, seed: 2)],
      [Tensor(zeros: TensorType(.bfloat16, kernel.shape))], ulps: 1)
  }

  @Test(
    "a convolution of 3 × 3 in tiles of 2 × 2, its gradients, and what is computed with it",
    arguments: KernelSizeTests.tiled)
  func tiledConvolution(_ c: KernelSizeTests.ConvolutionCase) throws {
    func half(_ shape: Shape) -> TensorType { TensorType(.bfloat16, shape) }
    let trace = Trace()
    let x = trace.input("x", half(Shape([15] + c.size + [c.channels])))
    let kernel = trace.variable("kernel", half(Shape(c.kernel + [c.channels, c.filters])))
    let bias = trace.variable("bias", half([c.filters]))
    let y = convolution(x, kernel, strides: [1, 1], padding: c.padding) + bias
    let dy = trace.input("dy", y.type), other = trace.input("other", y.type)
    let slopes = gradients(of: (y * dy).cast(to: .float32).sum(), with: [x, kernel, bias])
    let followed = relu(convolution(x * 2, kernel, strides: [1, 1], padding: c.padding) + other)
    let graph = try trace.graph(returning: [y, followed] + slopes)
    let tensors = [x, dy, other, kernel, bias].enumerated().map {
      plans.numbers($1.shape, seed: UInt64($0)).cast(to: .bfloat16)
    }
    try plans.check(graph, Array(tensors[..<3]), Array(tensors[3...]), ulps: 2)
  }
}
