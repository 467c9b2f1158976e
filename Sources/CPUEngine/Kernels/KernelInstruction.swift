/// An instruction that is one call of a kernel.
final class KernelInstruction: Instruction {
  let name: String
  let flops: Double
  private let body: (Memory) -> Void

  /// Calls `body` at each run with the addresses of all buffers.
  init(_ name: String, flops: Double = 0, _ body: @escaping (Memory) -> Void) {
    self.name = name
    self.flops = flops
    self.body = body
  }

  func run(_ memory: Memory) { body(memory) }
}
