import CKernels
import TensorGraph

extension Gather: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let table = builder.type(node.inputs[0]), indices = builder.type(node.inputs[1])
    guard axis == 0, table.shape[0] > 0 else { return false }
    let value = ValueID(node.index)
    let from = builder.contiguous(node.inputs[0]), at = builder.contiguous(node.inputs[1])
    let to = builder.result(value)
    let rows = Int64(table.shape[0]), rowBytes = table.byteCount / table.shape[0]
    let count = Int64(indices.shape.count), isWide: Int32 = indices.dtype == .int64 ? 1 : 0
    let gap =
      missing == .notANumber && table.dtype.isFloatingPoint ? CK_MISSING_NAN : CK_MISSING_ZERO
    builder.append(
      KernelInstruction(name) { memory in
        ck_gather_rows(
          memory.address(to), memory.address(from), rows, rowBytes, memory.address(at), isWide,
          count, gap)
      }, reads: [from, at], writes: [to])
    builder.place(value, to)
    return true
  }
}

extension ScatterAdd: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let type = node.types[0]
    guard axis == 0, type.dtype == .float32, size > 0 else { return false }
    let indices = builder.type(node.inputs[1])
    let value = ValueID(node.index)
    let updates = builder.contiguous(node.inputs[0]), at = builder.contiguous(node.inputs[1])
    let to = builder.result(value)
    let rows = Int64(size), width = Int64(type.shape.count / size)
    let count = Int64(indices.shape.count), isWide: Int32 = indices.dtype == .int64 ? 1 : 0
    builder.append(
      KernelInstruction(name) { memory in
        var zero: Float = 0
        ck_fill(memory.address(to), rows * width, &zero, 4)
        ck_scatter_add_rows_f32(
          memory.floats(to), rows, width, memory.address(at), isWide, memory.floats(updates), count)
      }, reads: [updates, at], writes: [to])
    builder.place(value, to)
    return true
  }
}

extension CumulativeSum: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let type = node.types[0]
    guard type.dtype == .float32 else { return false }
    let value = ValueID(node.index)
    let from = builder.contiguous(node.inputs[0]), to = builder.result(value)
    let outer = Int64(type.shape.dims[..<axis].reduce(1, *))
    let size = Int64(type.shape[axis]), inner = Int64(type.shape.strides[axis])
    let (backward, excludes): (Int32, Int32) = (reverse ? 1 : 0, exclusive ? 1 : 0)
    builder.append(
      KernelInstruction(name) { memory in
        ck_cumulative_sum_f32(
          memory.floats(to), memory.floats(from), outer, size, inner, backward, excludes)
      }, reads: [from], writes: [to])
    builder.place(value, to)
    return true
  }
}

extension Iota: CPUOperation {
  /// Known while compiling: a constant.
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let numbers = evaluate([], node.types[0]).numbers
    builder.place(ValueID(node.index), builder.constant(Tensor(node.types[0], numbers: numbers)))
    return true
  }
}
