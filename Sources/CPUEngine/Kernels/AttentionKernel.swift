import CKernels
import TensorGraph

extension Fused.Attention: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    guard let call = AttentionCall(self, node, builder) else { return false }
    let y = builder.heads(of: node.types[0]), slots = call.slots
    let scratch = builder.scratch(call, isBackward: false)
    builder.append(
      KernelInstruction(name) { memory in
        var c = call.parameters(memory)
        c.y = memory.heads(y)
        ck_attention_f32(&c, memory.address(scratch), slots)
      }, reads: call.operands, writes: [y, scratch])
    builder.place(ValueID(node.index), y)
    return true
  }
}

extension Fused.AttentionGradient: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    guard let last = node.inputs.last, let call = AttentionCall(attention, node, builder) else {
      return false
    }
    let dy = builder.rowsInOrder(last), slots = call.slots
    let results = node.types.map(builder.heads)
    let scratch = builder.scratch(call, isBackward: true)
    builder.append(
      KernelInstruction(name) { memory in
        var c = call.parameters(memory)
        var (slope, dq) = (memory.heads(dy), memory.heads(results[0]))
        var (dk, dv) = (memory.heads(results[1]), memory.heads(results[2]))
        ck_attention_backward_f32(&c, &slope, &dq, &dk, &dv, memory.address(scratch), slots)
      }, reads: call.operands + [dy], writes: results + [scratch])
    for (index, result) in results.enumerated() {
      builder.place(ValueID(node.index, index), result)
    }
    return true
  }
}

/// What the kernels of an attention and of its gradient are called with.
private struct AttentionCall {
  /// Query, key, value, and the mask spread over all scores if there is one.
  let operands: [View]
  /// How many threads have scratch.
  let slots: Int64
  private let attention: Fused.Attention

  init?(_ attention: Fused.Attention, _ node: LoweredNode, _ builder: PlanBuilder) {
    self.attention = attention
    let query = builder.type(node.inputs[0]).shape, key = builder.type(node.inputs[1]).shape
    guard query.count > 0, key.count > 0 else { return nil }
    slots = Int64(ck_thread_count())
    var operands = node.inputs.prefix(3).map(builder.rowsInOrder)
    if attention.hasMask {
      let scores: Shape = [query[0], query[1], query[2], key[2]]
      operands.append(builder.view(node.inputs[3]).broadcast(to: scores))
    }
    self.operands = operands
  }

  /// The call, without a place for its result.
  func parameters(_ memory: Memory) -> ck_attention {
    var c = shape
    (c.q, c.k) = (memory.heads(operands[0]), memory.heads(operands[1]))
    c.v = memory.heads(operands[2])
    if attention.hasMask {
      let mask = operands[3], strides = mask.strides.map { Int64($0) }
      c.mask = UnsafePointer(memory.address(mask).assumingMemoryBound(to: UInt8.self))
      c.mask_strides = (strides[0], strides[1], strides[2], strides[3])
    }
    return c
  }

  /// The call, without addresses.
  var shape: ck_attention {
    var c = ck_attention()
    let (query, value) = (operands[0].dims.map { Int64($0) }, operands[2].dims.map { Int64($0) })
    (c.batch, c.heads, c.queries, c.dim) = (query[0], query[1], query[2], query[3])
    (c.keys, c.value_dim) = (value[2], value[3])
    (c.scale, c.is_causal) = (Float(attention.scale), attention.isCausal)
    return c
  }
}

extension Memory {
  fileprivate func heads(_ view: View) -> ck_heads {
    ck_heads(
      data: floats(view), batch: Int64(view.strides[0]), head: Int64(view.strides[1]),
      row: Int64(view.strides[2]))
  }
}

extension PlanBuilder {
  /// The operand with the numbers of a row next to each other.
  fileprivate func rowsInOrder(_ value: ValueID) -> View {
    let found = view(value)
    return found.strides[3] == 1 || found.dims[3] == 1 ? found : contiguous(value)
  }

  /// A place for a result `[batch, heads, rows, dim]` that lies as `[batch, rows, heads, dim]`: where
  /// heads are joined again, nothing has to move.
  fileprivate func heads(of type: TensorType) -> View {
    let dims = type.shape.dims
    var view = temporary(TensorType(type.dtype, [dims[0], dims[2], dims[1], dims[3]]))
    view.dims.swapAt(1, 2)
    view.strides.swapAt(1, 2)
    return view
  }

  fileprivate func scratch(_ call: AttentionCall, isBackward: Bool) -> View {
    var shape = call.shape
    let size = ck_attention_scratch(&shape, isBackward)
    return temporary(TensorType(.uint8, [size * Int(call.slots)]))
  }
}
