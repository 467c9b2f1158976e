import CKernels
import TensorGraph

/// The sizes of a recurrence over `[batch, time, units]`.
private struct Sizes {
  let batch: Int64, time: Int64, units: Int64

  init(_ shape: Shape) {
    (batch, time, units) = (Int64(shape[0]), Int64(shape[1]), Int64(shape[2]))
  }
}

extension PlanBuilder {
  /// A kernel of `k` rows and `n` columns as `ck_step_product_f32` reads it; columns are rows of it if
  /// it is `transposed`. It is packed apart: a kernel that does not change is packed once.
  func packed(
    _ kernel: ValueID, _ k: Int64, _ n: Int64, transposed: Bool
  ) -> View {
    let source = contiguous(kernel)
    let target = temporary(TensorType(.float32, [Int(ck_packed_count(k, n))]))
    append(
      KernelInstruction("pack") {
        ck_pack_f32($0.floats(target), $0.floats(source), k, n, transposed)
      },
      reads: [source], writes: [target])
    return target
  }

  /// The first operand of a gradient, what comes for each step, if that is nothing: only the last
  /// step is used then.
  fileprivate func unreadSteps(_ node: LoweredNode) -> Set<Int> {
    scalar(node.inputs[0]) == 0 ? [0] : []
  }
}

extension Memory {
  /// The bytes of a mask `[batch, time]` as one row of samples for each step, in `target`.
  fileprivate func timeMajor(_ mask: View, into target: View) -> UnsafePointer<UInt8> {
    let (batch, time) = (mask.dims[0], mask.dims[1])
    ck_copy(
      address(target), [Int64(batch), 1], address(mask), [1, Int64(time)],
      [Int64(time), Int64(batch)], 2, 1)
    return UnsafePointer(address(target).assumingMemoryBound(to: UInt8.self))
  }
  fileprivate func copy(_ from: View, to: View) {
    guard address(to) != address(from) else { return }
    address(to).copyMemory(from: address(from), byteCount: from.count * from.dtype.byteCount)
  }
  /// The last steps of `sequence`, `[batch, time, units]`, as `last`.
  fileprivate func copyLastStep(of sequence: View, to last: View, _ s: Sizes) {
    let units = Int(s.units), row = Int(s.time) * units
    for sample in 0..<Int(s.batch) {
      (floats(last) + sample * units).update(
        from: floats(sequence) + (sample + 1) * row - units, count: units)
    }
  }
}

extension Fused.LSTM: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let s = Sizes(node.types[0].shape)
    guard node.types[0].shape.count > 0 else { return false }
    let kernel = builder.packed(node.inputs[1], s.units, 4 * s.units, transposed: false)
    let scratch = hasMask ? Int(s.batch * s.time) : 0
    return builder.lower(node, reading: [kernel], scratch: scratch, takeovers: [(3, 0)]) {
      m, x, y in
      m.copy(x[0], to: y[3])  // becomes the gates, in place
      var call = ck_lstm(
        batch: s.batch, time: s.time, units: s.units,
        mask: hasMask ? m.timeMajor(x[4], into: y[5]) : nil, kernel: m.floats(kernel),
        gates: m.floats(y[3]), h_first: m.floats(x[2]), c_first: m.floats(x[3]),
        h: m.floats(y[0]), c: m.floats(y[4]))
      ck_lstm_f32(&call)
      m.copyLastStep(of: y[0], to: y[1], s)
      m.copyLastStep(of: y[4], to: y[2], s)
    }
  }
}

extension Fused.LSTMGradient: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let shape = builder.type(node.inputs[0]).shape, s = Sizes(shape)
    guard shape.count > 0 else { return false }
    let kernel = builder.packed(node.inputs[5], 4 * s.units, s.units, transposed: true)
    let scratch = hasMask ? Int(s.batch * s.time) : 0
    let unread = builder.unreadSteps(node)
    return builder.lower(
      node, reading: [kernel], unread: unread, scratch: scratch,
      takeovers: [(0, 3), (1, 1), (2, 2)]
    ) { m, x, y in
      m.copy(x[1], to: y[1])
      m.copy(x[2], to: y[2])
      var call = ck_lstm(
        batch: s.batch, time: s.time, units: s.units,
        mask: hasMask ? m.timeMajor(x[7], into: y[3]) : nil, kernel: m.floats(kernel),
        gates: m.floats(x[3]), h_first: nil, c_first: m.floats(x[6]), h: nil, c: m.floats(x[4]))
      ck_lstm_gradient_f32(
        &call, m.floats(y[0]), unread.isEmpty ? m.floats(x[0]) : nil, m.floats(y[1]),
        m.floats(y[2]))
    }
  }
}

extension Fused.GRU: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let s = Sizes(node.types[0].shape)
    guard node.types[0].shape.count > 0 else { return false }
    let kernel = builder.packed(node.inputs[1], s.units, 3 * s.units, transposed: false)
    let inner = Int(s.batch * 3 * s.units) * MemoryLayout<Float>.stride
    let scratch = inner + (hasMask ? Int(s.batch * s.time) : 0)
    return builder.lower(node, reading: [kernel], scratch: scratch, takeovers: [(2, 0)]) {
      m, x, y in
      var mask = y[4]
      mask.offset = inner
      m.copy(x[0], to: y[2])  // becomes the gates, in place
      var call = ck_gru(
        batch: s.batch, time: s.time, units: s.units,
        mask: hasMask ? m.timeMajor(x[4], into: mask) : nil, kernel: m.floats(kernel),
        bias: m.floats(x[2]), gates: m.floats(y[2]), inner: m.floats(y[3]),
        recurrent: m.floats(y[4]), h_first: m.floats(x[3]), h: m.floats(y[0]))
      ck_gru_f32(&call)
      m.copyLastStep(of: y[0], to: y[1], s)
    }
  }
}

extension Fused.GRUGradient: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let shape = builder.type(node.inputs[0]).shape, s = Sizes(shape)
    guard shape.count > 0 else { return false }
    let kernel = builder.packed(node.inputs[5], 3 * s.units, s.units, transposed: true)
    let scratch = hasMask ? Int(s.batch * s.time) : 0
    let unread = builder.unreadSteps(node)
    return builder.lower(
      node, reading: [kernel], unread: unread, scratch: scratch, takeovers: [(0, 2), (2, 1)]
    ) { m, x, y in
      m.copy(x[1], to: y[2])
      var call = ck_gru(
        batch: s.batch, time: s.time, units: s.units,
        mask: hasMask ? m.timeMajor(x[6], into: y[3]) : nil, kernel: m.floats(kernel), bias: nil,
        gates: m.floats(x[2]), inner: m.floats(x[3]), recurrent: nil, h_first: nil, h: nil)
      ck_gru_gradient_f32(
        &call, m.floats(x[4]), m.floats(y[0]), m.floats(y[1]),
        unread.isEmpty ? m.floats(x[0]) : nil, m.floats(y[2]))
    }
  }
}
