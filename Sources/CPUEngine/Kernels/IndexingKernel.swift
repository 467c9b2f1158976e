import CKernels
import TensorGraph

extension Gather: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let table = builder.type(node.inputs[0]), indices = builder.type(node.inputs[1])
    guard table.shape[axis] > 0 else { return false }
    let value = ValueID(node.index)
    let from = builder.contiguous(node.inputs[0]), at = builder.contiguous(node.inputs[1])
    let to = builder.result(value)
    let blocks = table.shape.dims[..<axis].reduce(1, *), rows = Int64(table.shape[axis])
    let rowBytes = table.shape.strides[axis] * table.dtype.byteCount
    let blockBytes = (from: table.shape[axis] * rowBytes, to: indices.shape.count * rowBytes)
    let count = Int64(indices.shape.count), isWide: Int32 = indices.dtype == .int64 ? 1 : 0
    let gap =
      missing == .notANumber && table.dtype.isFloatingPoint ? CK_MISSING_NAN : CK_MISSING_ZERO
    builder.append(
      KernelInstruction(name) { memory in
        for block in 0..<blocks {
          ck_gather_rows(
            memory.address(to) + block * blockBytes.to,
            memory.address(from) + block * blockBytes.from, rows, rowBytes, memory.address(at),
            isWide, count, gap)
        }
      }, reads: [from, at], writes: [to])
    builder.place(value, to)
    return true
  }
}

extension ScatterAdd: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let type = node.types[0]
    guard type.dtype == .float32, size > 0 else { return false }
    let indices = builder.type(node.inputs[1])
    let value = ValueID(node.index)
    let updates = builder.contiguous(node.inputs[0]), at = builder.contiguous(node.inputs[1])
    let to = builder.result(value)
    let blocks = type.shape.dims[..<axis].reduce(1, *), rows = Int64(size)
    let width = type.shape.strides[axis]
    let blockCount = (from: indices.shape.count * width, to: size * width)
    let count = Int64(indices.shape.count), isWide: Int32 = indices.dtype == .int64 ? 1 : 0
    builder.append(
      KernelInstruction(name) { memory in
        var zero: Float = 0
        ck_fill(memory.address(to), Int64(blocks * blockCount.to), &zero, 4)
        for block in 0..<blocks {
          ck_scatter_add_rows_f32(
            memory.floats(to) + block * blockCount.to, rows, Int64(width), memory.address(at),
            isWide, memory.floats(updates) + block * blockCount.from, count)
        }
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
