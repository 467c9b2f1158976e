import CKernels
import TensorGraph

extension Reduction: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let type = builder.type(node.inputs[0])
    guard type.dtype == .float32 || type.dtype == .float64 else { return false }
    if kind == .sum, axes == Array(0..<type.shape.rank - 1),
      let convolution = builder.waitingUsers(of: node.inputs[0]).first(where: {
        builder.graph.nodes[$0].isKernelGradient(of: node.inputs[0])
      }), builder.placeEarly(convolution), builder.isReady(ValueID(node.index))
    {
      return true  // the gradient of a bias came with that of the kernel
    }
    var view = builder.contiguous(node.inputs[0])
    // Neighboring axes are reduced together, the innermost group first.
    var groups: [Range<Int>] = []
    for axis in axes {
      let between = (groups.last?.upperBound ?? axis)..<axis
      if let last = groups.last, between.allSatisfy({ type.shape[$0] == 1 }) {
        groups[groups.count - 1] = last.lowerBound..<axis + 1
      } else {
        groups.append(axis..<axis + 1)
      }
    }
    let value = ValueID(node.index)
    if groups.isEmpty { return false }
    var shape = type.shape
    for (index, group) in groups.enumerated().reversed() {
      let outer = shape.dims[..<group.lowerBound].reduce(1, *)
      let reduce = shape.dims[group].reduce(1, *)
      let inner = shape.dims[group.upperBound...].reduce(1, *)
      for axis in group { shape[axis] = 1 }
      let target =
        index == 0 ? builder.result(value) : builder.temporary(TensorType(type.dtype, shape))
      builder.reduce(kind, view, to: target, outer, reduce, inner)
      view = target
    }
    builder.place(value, view)
    return true
  }
}

extension PlanBuilder {
  /// Adds the reduction of the middle of `view`, seen as `[outer, reduce, inner]`, to `target`.
  func reduce(
    _ kind: Reduction.Kind, _ view: View, to target: View, _ outer: Int, _ reduce: Int,
    _ inner: Int
  ) {
    let scratch = temporary(
      TensorType(.uint8, [Int(ck_reduce_scratch(Int64(outer), Int64(reduce), Int64(inner)))]))
    append(
      ReductionInstruction(kind.kernel, view, target, scratch, outer, reduce, inner),
      reads: [view], writes: [target, scratch])
  }
}

extension Reduction.Kind {
  fileprivate var kernel: ck_reduction {
    switch self {
    case .sum: CK_SUM
    case .product: CK_PRODUCT
    case .max: CK_MAXIMUM
    case .min: CK_MINIMUM
    }
  }
}

private final class ReductionInstruction: Instruction {
  let kind: ck_reduction
  let from: View, to: View, scratch: View
  let outer: Int64, reduce: Int64, inner: Int64
  var name: String { "reduce \(outer)×\(reduce)×\(inner)" }

  init(
    _ kind: ck_reduction, _ from: View, _ to: View, _ scratch: View, _ outer: Int, _ reduce: Int,
    _ inner: Int
  ) {
    (self.kind, self.from, self.to, self.scratch) = (kind, from, to, scratch)
    (self.outer, self.reduce, self.inner) = (Int64(outer), Int64(reduce), Int64(inner))
  }

  func run(_ memory: Memory) {
    let (y, x, space) = (memory.address(to), memory.address(from), memory.address(scratch))
    if from.dtype == .float32 {
      ck_reduce_f32(
        kind, y.assumingMemoryBound(to: Float.self), x.assumingMemoryBound(to: Float.self), outer,
        reduce, inner, 1, space)
    } else {
      ck_reduce_f64(
        kind, y.assumingMemoryBound(to: Double.self), x.assumingMemoryBound(to: Double.self),
        outer, reduce, inner, 1, space)
    }
  }
}

extension ArgReduction: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let type = builder.type(node.inputs[0])
    guard type.dtype == .float32 else { return false }
    let from = builder.contiguous(node.inputs[0]), value = ValueID(node.index)
    let to = builder.result(value)
    let outer = Int64(type.shape.dims[..<axis].reduce(1, *))
    let reduce = Int64(type.shape[axis]), inner = Int64(type.shape.strides[axis])
    let kernel = isMax ? ck_argmax_f32 : ck_argmin_f32
    builder.append(
      KernelInstruction(name) { memory in
        kernel(memory.address(to), 0, memory.floats(from), outer, reduce, inner)
      }, reads: [from], writes: [to])
    builder.place(value, to)
    return true
  }
}

extension Node {
  /// Whether this is the gradient of a convolution's kernel for the output gradient `dy`.
  fileprivate func isKernelGradient(of dy: ValueID) -> Bool {
    guard let convolution = operation as? Convolution, inputs[1] == dy else { return false }
    if case .kernelGradient = convolution.part { return true }
    return false
  }
}
