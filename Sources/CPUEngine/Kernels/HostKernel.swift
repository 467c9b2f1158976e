import CKernels
import TensorGraph

extension HostOperation {
  /// Adds the instruction that computes `node` by the operation itself.
  func lowerToHost(_ node: LoweredNode, _ builder: PlanBuilder) {
    let type = node.types[0]
    let inputs = node.inputs.map { (view: builder.contiguous($0), type: builder.type($0)) }
    let value = ValueID(node.index)
    let to = builder.result(value)
    builder.append(
      KernelInstruction(name) { memory in
        compute(
          inputs.map { HostOperand($0.type, at: memory.address($0.view)) }, type,
          into: memory.address(to), threads: Int(ck_thread_count()))
      }, reads: inputs.map(\.view), writes: [to])
    builder.place(value, to)
  }
}
