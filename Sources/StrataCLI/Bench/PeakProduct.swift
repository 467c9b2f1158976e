import TensorGraph

/// A large product of matrices: the most floating-point operations a second that a machine can do,
/// as far as an engine reaches it.
struct PeakProduct {
  private let executable: any Executable
  private let operands: [Tensor]
  private let flops: Double
  private var stopwatch = Stopwatch()

  init(engine: any Engine, size: Int = 1024) throws {
    let type = TensorType(.float32, [size, size])
    let trace = Trace()
    let product = matmul(trace.input("a", type), trace.input("b", type))
    executable = try engine.compile(trace.graph(returning: [product]))
    operands = [Tensor(type, repeating: 0.5), Tensor(type, repeating: 0.25)]
    flops = 2 * Double(size) * Double(size) * Double(size)
  }

  /// Measures once more.
  mutating func measure() { stopwatch.time { _ = executable.run(operands) } }

  /// In operations a second.
  var best: Double { flops / stopwatch.best }
}
