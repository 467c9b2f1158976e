import CKernels
import TensorGraph

extension PlanBuilder {
  /// Adds one call of a kernel that reads all operands of `node`, but those at `unread`, and writes
  /// all its results.
  /// It reads `others` too; `scratch` is how many bytes it needs besides, which follow the results.
  /// The nodes `absorbed`, the first of which alone uses the first result, and each of the others
  /// the one before, are computed with it.
  /// `takeovers` are results that may lie where an operand does, if nothing else needs that.
  func lower(
    _ node: LoweredNode, reading others: [View] = [], unread: Set<Int> = [],
    absorbing absorbed: [Int] = [], scratch: Int = 0,
    takeovers: [(result: Int, operand: Int)] = [],
    _ body: @escaping (_ memory: Memory, _ x: [View], _ y: [View]) -> Void
  ) -> Bool {
    // What is not read has no place of its own.
    let read = node.inputs.indices.first { !unread.contains($0) } ?? 0
    let inputs = node.inputs.indices.map { index in
      contiguous(node.inputs[unread.contains(index) ? read : index])
    }
    var values = node.types.indices.map { ValueID(node.index, $0) }
    if let last = absorbed.last { values[0] = ValueID(last) }
    absorbed.forEach(absorb)
    var outputs = values.map { result($0) }
    for (value, view) in zip(values, outputs) { place(value, view) }
    if scratch > 0 { outputs.append(temporary(TensorType(.uint8, [scratch]))) }
    append(
      KernelInstruction(node.node.operation.name) { [outputs] in body($0, inputs, outputs) },
      reads: inputs + others, writes: outputs,
      shares: takeovers.map { (outputs[$0.result].buffer, inputs[$0.operand].buffer) })
    return true
  }

  /// The last axis of `value`, and how many rows there are of it.
  func rows(_ value: ValueID) -> (rows: Int64, size: Int64) {
    let shape = type(value).shape
    let size = shape.dims.last ?? 1
    return (Int64(size == 0 ? 0 : shape.count / size), Int64(size))
  }
}

extension Fused.Softmax: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let (rows, size) = builder.rows(node.inputs[0])
    return builder.lower(node) { m, x, y in
      ck_softmax_f32(m.floats(y[0]), m.floats(x[0]), rows, size)
    }
  }
}

extension Fused.SoftmaxGradient: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let (rows, size) = builder.rows(node.inputs[0])
    return builder.lower(node) { m, x, y in
      ck_softmax_backward_f32(m.floats(y[0]), m.floats(x[1]), m.floats(x[0]), rows, size)
    }
  }
}

extension Fused.LogSoftmax: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let (rows, size) = builder.rows(node.inputs[0])
    return builder.lower(node) { m, x, y in
      ck_log_softmax_f32(m.floats(y[0]), m.floats(x[0]), rows, size)
    }
  }
}

extension Fused.LogSoftmaxGradient: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let (rows, size) = builder.rows(node.inputs[0])
    return builder.lower(node) { m, x, y in
      ck_log_softmax_backward_f32(m.floats(y[0]), m.floats(x[1]), m.floats(x[0]), rows, size)
    }
  }
}

extension Fused.SoftmaxCrossEntropy: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let (rows, size) = builder.rows(node.inputs[0])
    return builder.lower(node) { m, x, y in
      ck_softmax_cross_entropy_f32(
        m.floats(y[0]), m.floats(y[1]), m.floats(x[0]),
        m.address(x[1]).assumingMemoryBound(to: Int32.self), rows, size)
    }
  }
}

extension Fused.SoftmaxCrossEntropyGradient: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let (rows, size) = builder.rows(node.inputs[0])
    return builder.lower(node) { m, x, y in
      ck_softmax_cross_entropy_backward_f32(
        m.floats(y[0]), m.floats(x[0]), m.address(x[1]).assumingMemoryBound(to: Int32.self),
        m.floats(x[2]), rows, size)
    }
  }
}
