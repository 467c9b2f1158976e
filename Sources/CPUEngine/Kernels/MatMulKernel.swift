import COneDNN
import TensorGraph

extension MatMul: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    guard node.types[0].dtype.oneDNN != nil, node.types[0].shape.count > 0,
      builder.view(node.inputs[0]).count > 0
    else { return false }
    return lowerIntoPrograms(node, builder)
      || lowerForFewTransposedRows(node, builder) || lowerTiled(node, builder)
      || [true, false].contains { lower(node, takingAddend: $0, builder) }
  }

  private func lower(
    _ node: LoweredNode, takingAddend takesAddend: Bool, _ builder: PlanBuilder
  ) -> Bool {
    let left = builder.matrices(builder.view(node.inputs[0]), isTransposed: transposeA)
    let right = builder.matrices(builder.view(node.inputs[1]), isTransposed: transposeB)
    let epilogue = Epilogue(after: ValueID(node.index), takesAddend: takesAddend, builder)
    let type = node.types[0]
    let dims = type.shape.dims
    guard let source = MemoryDescription(left.dims, type.dtype, strides: left.strides),
      let weights = MemoryDescription(right.dims, type.dtype, strides: right.strides),
      let target = MemoryDescription(dims, type.dtype, strides: type.shape.strides)
    else { return false }
    var arguments: [(Int32, MemoryDescription, View)] = [
      (DNNL_ARG_SRC, source, left), (DNNL_ARG_WEIGHTS, weights, right),
    ]
    var bias: MemoryDescription?
    if let view = epilogue.bias {
      let shape = Shape([Int](repeating: 1, count: dims.count - 1) + [dims[dims.count - 1]])
      bias = MemoryDescription(shape.dims, type.dtype, strides: shape.strides)
      guard let bias else { return false }
      arguments.append((DNNL_ARG_BIAS, bias, view))
    }
    if let view = epilogue.addend { arguments.append((Attributes.addend, target, view)) }
    let attributes = Attributes(
      addend: epilogue.addend == nil ? nil : target, rectifier: epilogue.rectifier)
    let description = PrimitiveDescription {
      dnnl_matmul_primitive_desc_create(
        $0, OneDNN.shared.engine, source.handle, weights.handle, bias?.handle, target.handle,
        attributes.handle)
    }
    guard let description, epilogue.addend == nil || !description.isReference else { return false }
    let reads = arguments.map(\.2), result = builder.result(epilogue.value)
    arguments.append((DNNL_ARG_DST, target, result))
    let flops = 2 * Double(type.shape.count) * Double(left.dims[left.dims.count - 1])
    guard let instruction = PrimitiveInstruction(name, description, arguments, flops: flops) else {
      return false
    }
    builder.append(instruction, reads: reads, writes: [result])
    epilogue.absorb(result, builder)
    return true
  }
}

extension PlanBuilder {
  /// The matrices of `view` as a product takes them: one of the last two axes runs in order.
  func matrices(_ view: View, isTransposed: Bool) -> View {
    let rank = view.dims.count
    let inner = [view.strides[rank - 2], view.strides[rank - 1]]
    let outer = [view.dims[rank - 2], view.dims[rank - 1]]
    let isDense =
      (inner[1] == 1 && inner[0] >= outer[1]) || (inner[0] == 1 && inner[1] >= outer[0])
    let hasRepeats = zip(view.dims, view.strides).contains { $0 != 1 && $1 <= 0 }
    var result = isDense && !hasRepeats ? view : contiguous(view)
    // The stride of an axis of size 1 means nothing, but the library checks it.
    for axis in result.dims.indices where result.dims[axis] == 1 {
      result.strides[axis] = max(result.dims[(axis + 1)...].reduce(1, *), 1)
    }
    if isTransposed {
      result.dims.swapAt(rank - 2, rank - 1)
      result.strides.swapAt(rank - 2, rank - 1)
    }
    return result
  }
}
