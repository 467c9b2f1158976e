import CKernels
import TensorGraph

/// The default engine: oneDNN and C kernels on the cores of this machine.
///
/// A graph is compiled once into a list of instructions over one workspace: nothing is planned or
/// allocated while it runs. Operations without a kernel run through their reference.
public struct CPUEngine: Engine {
  /// How many threads a run may use; all cores if not given.
  public let threads: Int?

  /// Creates an engine that uses `threads` threads, or all cores.
  public init(threads: Int? = nil) { self.threads = threads }

  public func compile(_ graph: Graph) throws(EngineError) -> any Executable {
    let before = ck_thread_count()
    if let threads { ck_set_thread_count(Int32(threads)) }
    defer { ck_set_thread_count(before) }
    let separated = graph.withoutStringOutputs()
    let numeric = separated?.graph ?? graph
    try checkMemory(of: numeric)
    return CPUExecutable(
      plan: try PlanBuilder.plan(numeric), graph: numeric, sources: separated?.sources,
      threads: threads)
  }

  public func shared(by callers: Int) -> any Engine {
    CPUEngine(threads: max(1, (threads ?? Int(ck_thread_count())) / max(callers, 1)))
  }

  public func copyRows(
    _ rows: UnsafeBufferPointer<Int32>, of tensor: Tensor, to out: UnsafeMutableRawBufferPointer
  ) {
    guard rows.count > 0, out.count > 0 else { return }
    tensor.withUnsafeBytes { bytes in
      ck_gather_rows(
        out.baseAddress, bytes.baseAddress, Int64(tensor.shape[0]), out.count / rows.count,
        rows.baseAddress, 0, Int64(rows.count), CK_MISSING_CLAMP)
    }
  }

  /// Throws when a single value of `graph` would not fit into memory: the system would end the
  /// process.
  private func checkMemory(of graph: Graph) throws(EngineError) {
    for node in graph.nodes {
      let byteCount = node.types.reduce(0.0) { sum, type in
        sum + Double(type.shape.count) * Double(type.dtype.byteCount)
      }
      guard byteCount <= Double(PhysicalMemory.byteCount) else {
        let place = node.path.isEmpty ? "" : " in \(node.path)"
        throw EngineError(
          "\(node.operation.name)\(place) makes \(node.types[0]), more than the "
            + "\(PhysicalMemory.byteCount >> 30) GiB of this machine")
      }
    }
  }
}

/// A plan with the types of what it is run on.
public final class CPUExecutable: Executable {
  let plan: Plan
  private let threads: Int?
  private let outputTypes: [TensorType]
  private let changed: [Int]
  private let variableCount: Int
  /// Where the outputs are found, if some of them are strings.
  private let sources: [Graph.OutputSource]?
  /// The outputs of the last run, whose memory is used again once nobody else has them.
  private var outputs: [Tensor] = []

  init(plan: Plan, graph: Graph, sources: [Graph.OutputSource]?, threads: Int?) {
    self.sources = sources
    self.plan = plan
    self.threads = threads
    outputTypes = graph.outputs.map(graph.type)
    changed = graph.updates.indices.filter { graph.updates[$0] != nil }
    variableCount = graph.variables.count
  }

  /// The size of the workspace, in bytes.
  public var workspaceSize: Int { plan.workspaceSize }

  public func run(_ inputs: [Tensor], variables: inout [Tensor]) -> [Tensor] {
    // The calling thread may go on to run what was made for another number.
    let before = ck_thread_count()
    if let threads { ck_set_thread_count(Int32(threads)) }
    defer { ck_set_thread_count(before) }
    let denormals = ck_flush_denormals()
    defer { ck_restore_denormals(denormals) }
    for index in changed { variables[index].makeReady() }
    prepareOutputs()
    variables.withUnsafeBufferPointer { variables in
      // Every tensor stays alive, and no copy is made, until the run is over.
      func address(_ kind: Buffer.Kind) -> UnsafeMutableRawPointer {
        switch kind {
        case .input(let index): Self.address(of: inputs[index])
        case .variable(let index): Self.address(of: variables[index])
        case .output(let index): outputs[index].makeUnique()
        case .workspace, .constant: preconditionFailure("the plan knows where these are")
        }
      }
      plan.run(address) { variables[$0].version }
    }
    return sources.map { Graph.outputs($0, computed: outputs, inputs: inputs) } ?? outputs
  }

  private func prepareOutputs() {
    for (index, type) in outputTypes.enumerated() {
      if index == outputs.count {
        outputs.append(Tensor(type) { _ in })
      } else if !outputs[index].isUnique() {
        outputs[index] = Tensor(type) { _ in }
      }
    }
  }

  private static func address(of tensor: Tensor) -> UnsafeMutableRawPointer {
    tensor.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { preconditionFailure("a tensor has memory") }
      return UnsafeMutableRawPointer(mutating: base)
    }
  }
}
