import CKernels
import TensorGraph

/// Products by kernels of our own.
extension MatMul {
  /// Small products, which the library takes longer to prepare than to multiply, and few rows times a
  /// large matrix, where what counts is how fast memory gives it: one that does not change is packed
  /// once and then read from one end to the other; of another the next part is asked for while one is
  /// multiplied.
  func lowerTiled(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let type = node.types[0], b = builder.type(node.inputs[1])
    guard type.dtype == .float32, b.shape.rank == 2 else { return false }
    let n = type.shape[-1], m = type.shape.count / n, k = b.shape.count / n
    let isPacked =
      isWorthPacking(m, k, n) && builder.isFixed(node.inputs[1])
      && !builder.isFixed(node.inputs[0])
    let isThin =
      !transposeA && !transposeB && (8...Int(CK_THIN)).contains(m) && n >= 256 && k * n >= 1 << 18
    let isSmall = m * k * n <= Int(CK_SMALL_PRODUCT)
    guard isPacked || isThin || isSmall || isSumOfMany(m, k, n),
      let left = rows(node.inputs[0], builder)
    else { return false }
    let epilogue = Epilogue(after: ValueID(node.index), takesAddend: true, builder)
    let right =
      isPacked
      ? builder.packed(node.inputs[1], Int64(k), Int64(n), transposed: transposeB)
      : builder.matrices(builder.view(node.inputs[1]), isTransposed: transposeB)
    let (bias, addend) = (epilogue.bias, epilogue.addend), y = builder.result(epilogue.value)
    var call = ck_matmul()
    (call.m, call.k, call.n) = (Int64(m), Int64(k), Int64(n))
    call.is_packed = isPacked
    (call.a_row, call.a_column) = left.distances
    if !isPacked { (call.b_row, call.b_column) = right.distances }
    let bounds = epilogue.rectifier?.bounds ?? -Float.infinity...Float.infinity
    (call.low, call.high) = (bounds.lowerBound, bounds.upperBound)
    let scratchCount = Int(ck_matmul_scratch(&call))
    let scratch = scratchCount == 0 ? nil : builder.temporary(TensorType(.float32, [scratchCount]))
    builder.append(
      KernelInstruction(name, flops: 2 * Double(m) * Double(k) * Double(n)) { [call] memory in
        var call = call
        (call.a, call.b) = (memory.constant(left), memory.constant(right))
        (call.bias, call.addend) = (bias.map(memory.constant), addend.map(memory.constant))
        (call.y, call.scratch) = (memory.floats(y), scratch.map(memory.floats))
        ck_matmul_f32(&call)
      },
      reads: [left, right] + [bias, addend].compactMap(\.self),
      writes: [y] + [scratch].compactMap(\.self))
    epilogue.absorb(y, builder)
    return true
  }

  /// Threads share the columns of many rows, 64 at a time.
  private func isWorthPacking(_ m: Int, _ k: Int, _ n: Int) -> Bool {
    m <= 6
      ? n >= 64 && k * n >= 1 << 14
      : m <= CK_THIN && n >= 64 * ck_thread_count() && k * n >= 1 << 18
  }

  /// The gradient of a kernel, a sum over many rows.
  private func isSumOfMany(_ m: Int, _ k: Int, _ n: Int) -> Bool {
    transposeA && !transposeB && k >= 512 && 4 * m * n <= k * (m + n)
  }

  /// The left factor as one matrix, `[m, k]`.
  private func rows(_ value: ValueID, _ builder: PlanBuilder) -> View? {
    let view = builder.view(value)
    if view.dims.count == 2 { return builder.matrices(view, isTransposed: transposeA) }
    guard !transposeA, let k = view.dims.last else { return nil }
    return builder.contiguous(value).reshaped([view.count / k, k])
  }

  /// Few rows times the rows of a large matrix, the gradient of a dense layer's input: sums run along
  /// the rows, where the library would transpose the matrix first.
  func lowerForFewTransposedRows(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let type = node.types[0], b = builder.type(node.inputs[1]).shape
    guard type.dtype == .float32, transposeB, !transposeA, b.rank == 2 else { return false }
    let (k, n) = (b[0], b[1]), rows = type.shape.count / k
    guard (2...Int(CK_THIN)).contains(rows), k % 8 == 0, n >= 64, k * n >= 1 << 14 else {
      return false
    }
    let x = builder.contiguous(node.inputs[0]), matrix = builder.contiguous(node.inputs[1])
    let value = ValueID(node.index), y = builder.result(value)
    builder.append(
      KernelInstruction(name, flops: 2 * Double(rows) * Double(k) * Double(n)) { memory in
        ck_thin_transposed_product_f32(
          Int64(rows), Int64(k), Int64(n), memory.floats(x), memory.floats(matrix),
          memory.floats(y))
      }, reads: [x, matrix], writes: [y])
    builder.place(value, y)
    return true
  }
}

extension View {
  /// From row to row and from column to column of a matrix.
  fileprivate var distances: (Int64, Int64) { (Int64(strides[0]), Int64(strides[1])) }
}

extension Memory {
  fileprivate func constant(_ view: View) -> UnsafePointer<Float> { UnsafePointer(floats(view)) }
}
