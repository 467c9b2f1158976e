/// An instruction that is one call of a kernel.
final class KernelInstruction: Instruction {
  let name: String
  private let body: (Memory) -> Void

  /// Calls `body` at each run with the addresses of all buffers.
  init(_ name: String, _ body: @escaping (Memory) -> Void) {
    self.name = name
    self.body = body
  }

  func run(_ memory: Memory) { body(memory) }
}
