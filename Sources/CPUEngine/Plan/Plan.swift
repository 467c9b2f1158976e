import TensorGraph

/// A graph compiled for one set of shapes: instructions over one workspace.
final class Plan {
  let steps: [Step]
  let buffers: [Buffer]
  /// How many of the steps give the same in each run while no variable changes.
  private let preparation: Int
  /// The variables that these steps read.
  private let preparedVariables: [Int]
  /// The versions of these variables when the steps were run.
  private var prepared: [UInt64]?
  private let constants: [Tensor]
  private let workspace: UnsafeMutableRawPointer
  /// What keeps the workspace: a tensor's memory is in large pages where it is large.
  private let memory: Tensor
  /// The size of the workspace, in bytes.
  let workspaceSize: Int
  private let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  /// What runs each instruction while a profile is taken.
  var observer: ((_ index: Int, _ body: () -> Void) -> Void)?
  private var external: [(buffer: Int, kind: Buffer.Kind)] = []

  init(steps: [Step], buffers: [Buffer], constants: [Tensor]) throws(EngineError) {
    let (preparing, others) = Preparation.split(steps, buffers)
    let steps = preparing + others
    self.steps = steps
    self.buffers = buffers
    self.constants = constants
    preparation = preparing.count
    preparedVariables = Preparation.variables(of: preparing, buffers)
    let plan = MemoryPlan.offsets(of: buffers, for: steps, preparation: preparation)
    guard plan.size <= PhysicalMemory.byteCount else {
      throw EngineError(
        "a run needs \(plan.size >> 30) GiB, more than the \(PhysicalMemory.byteCount >> 30) GiB "
          + "of this machine: make the batch or the sizes smaller")
    }
    workspaceSize = plan.size
    var memory = Tensor(TensorType(.uint8, [max(plan.size, 64)])) { _ in }
    workspace = memory.makeUnique()
    self.memory = memory
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

  deinit { bases.deallocate() }

  /// Runs the instructions, with the addresses of what lies outside the workspace, and the
  /// versions of the variables.
  func run(
    _ address: (Buffer.Kind) -> UnsafeMutableRawPointer,
    versions: (_ variable: Int) -> UInt64 = { _ in 0 }
  ) {
    for (buffer, kind) in external { bases[buffer] = address(kind) }
    let memory = Memory(bases: bases)
    let start = prepare(versions) ? 0 : preparation
    guard let observer else {
      for index in start..<steps.count { steps[index].instruction.run(memory) }
      return
    }
    for index in start..<steps.count { observer(index) { steps[index].instruction.run(memory) } }
  }

  /// Whether the first steps have to run, since a variable is not what it was then.
  private func prepare(_ versions: (_ variable: Int) -> UInt64) -> Bool {
    guard preparation > 0 else { return false }
    if let prepared, zip(preparedVariables, prepared).allSatisfy({ versions($0) == $1 }) {
      return false
    }
    prepared = preparedVariables.map(versions)
    return true
  }
}
