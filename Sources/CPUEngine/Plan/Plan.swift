import TensorGraph

/// A graph compiled for one set of shapes: instructions over one workspace.
final class Plan {
  let steps: [Step]
  let buffers: [Buffer]
  private let constants: [Tensor]
  private let workspace: UnsafeMutableRawPointer
  /// The size of the workspace, in bytes.
  let workspaceSize: Int
  private let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  /// What runs each instruction while a profile is taken.
  var observer: ((_ index: Int, _ body: () -> Void) -> Void)?
  private var external: [(buffer: Int, kind: Buffer.Kind)] = []

  init(steps: [Step], buffers: [Buffer], constants: [Tensor]) throws(EngineError) {
    self.steps = steps
    self.buffers = buffers
    self.constants = constants
    let plan = MemoryPlan.offsets(of: buffers, for: steps)
    guard plan.size <= PhysicalMemory.byteCount else {
      throw EngineError(
        "a run needs \(plan.size >> 30) GiB, more than the \(PhysicalMemory.byteCount >> 30) GiB "
          + "of this machine: make the batch or the sizes smaller")
    }
    workspaceSize = plan.size
    workspace = .allocate(byteCount: max(plan.size, 64), alignment: 64)
    bases = .allocate(capacity: max(buffers.count, 1))
    bases.initialize(repeating: workspace, count: max(buffers.count, 1))
    for (index, buffer) in buffers.enumerated() {
      switch buffer.kind {
      case .workspace: bases[index] = workspace + (plan.offsets[index] ?? 0)
      case .constant(let constant):
        // Constants are only read, and live as long as the plan.
        bases[index] = constants[constant].withUnsafeBytes { bytes in
          UnsafeMutableRawPointer(mutating: bytes.baseAddress ?? UnsafeRawPointer(workspace))
        }
      case .input, .output, .variable: external.append((index, buffer.kind))
      }
    }
  }

  deinit {
    workspace.deallocate()
    bases.deallocate()
  }

  /// Runs all instructions, with the addresses of what lies outside the workspace.
  func run(_ address: (Buffer.Kind) -> UnsafeMutableRawPointer) {
    for (buffer, kind) in external { bases[buffer] = address(kind) }
    let memory = Memory(bases: bases)
    guard let observer else {
      for step in steps { step.instruction.run(memory) }
      return
    }
    for (index, step) in steps.enumerated() { observer(index) { step.instruction.run(memory) } }
  }
}
