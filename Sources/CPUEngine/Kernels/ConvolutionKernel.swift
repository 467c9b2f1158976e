import COneDNN
import TensorGraph

extension Convolution: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    guard node.types[0].dtype.oneDNN != nil, node.types[0].shape.count > 0,
      node.inputs.allSatisfy({ builder.type($0).shape.count > 0 })
    else { return false }
    var a = builder.type(node.inputs[0]).shape, b = builder.type(node.inputs[1]).shape
    var result = node.types[0].shape, operation = self
    if groups > 1, window.sizes.count == 1 {
      // The library's kernels for channels of their own take images: here of height 1.
      operation = Convolution(part: part, window: window.withHeight, groups: groups)
      a = a.inserting(1, at: 1)
      switch part {
      case .output, .inputGradient:
        (b, result) = (b.inserting(1, at: 0), result.inserting(1, at: 1))
      case .kernelGradient: (b, result) = (b.inserting(1, at: 1), result.inserting(1, at: 0))
      }
    }
    let lowering = ConvolutionLowering(operation, node, builder)
    switch part {
    case .output: return lowering.forward(a, b, result)
    case .inputGradient: return lowering.backwardData(result, b, a)
    case .kernelGradient: return lowering.backwardWeights(a, result, b)
    }
  }
}

extension Window {
  /// The window over images of height 1 that does what this one does over sequences.
  fileprivate var withHeight: Window {
    Window(
      sizes: [1] + sizes, strides: [1] + strides, dilations: [1] + dilations, low: [0] + low,
      high: [0] + high)
  }
}

extension View {
  /// A kernel `[spatial…, channels, filters]` as `[spatial…, filters, channels]`, each spatial axis
  /// from its end.
  fileprivate var turned: View {
    var result = self
    for axis in dims.indices.dropLast(2) {
      result.offset += (dims[axis] - 1) * strides[axis]
      result.strides[axis] = -strides[axis]
    }
    result.dims.swapAt(dims.count - 1, dims.count - 2)
    result.strides.swapAt(dims.count - 1, dims.count - 2)
    return result
  }
}

/// One convolution on its way into a plan.
///
/// Images stay `[batch, spatial…, channels]`, which the library takes as it is. The kernel's own
/// layout is the library's choice, so it is reordered: it is small.
struct ConvolutionLowering {
  let operation: Convolution
  let node: LoweredNode
  let builder: PlanBuilder
  let dtype: DType

  init(_ operation: Convolution, _ node: LoweredNode, _ builder: PlanBuilder) {
    (self.operation, self.node, self.builder) = (operation, node, builder)
    dtype = node.types[0].dtype
  }

  // MARK: Descriptions

  /// `[batch, channels, spatial…]` as the library counts axes, over channels-last memory.
  private func images(_ shape: Shape) -> MemoryDescription? {
    let strides = shape.strides, last = shape.rank - 1
    return MemoryDescription(
      [shape[0], shape[last]] + shape.dims[1..<last], dtype,
      strides: [strides[0], 1] + strides[1..<last])
  }

  /// `[groups, filters, channels, spatial…]` (groups only if there are several).
  private func kernelDims(_ shape: Shape) -> [Int] {
    let spatial = Array(shape.dims.dropLast(2))
    let groups = operation.groups
    return (groups > 1 ? [groups] : []) + [shape[-1] / groups, shape[-2]] + spatial
  }

  private func kernel(_ shape: Shape) -> MemoryDescription? {
    let strides = shape.strides, groups = operation.groups
    let lead = groups > 1 ? [shape[-1] / groups] : []
    return MemoryDescription(
      kernelDims(shape), dtype,
      strides: lead + [1, strides[shape.rank - 2]] + strides.dropLast(2))
  }

  private typealias Geometry = (
    strides: [dnnl_dim_t], dilations: [dnnl_dim_t], low: [dnnl_dim_t], high: [dnnl_dim_t]
  )

  private func geometry(_ window: Window) -> Geometry {
    (
      window.strides.map { dnnl_dim_t($0) }, window.dilations.map { dnnl_dim_t($0 - 1) },
      window.low.map { dnnl_dim_t($0) }, window.high.map { dnnl_dim_t($0) }
    )
  }

  private func forwardDescription(
    _ source: MemoryDescription, _ weights: MemoryDescription, _ bias: MemoryDescription?,
    _ target: MemoryDescription, _ attributes: Attributes = Attributes(), window: Window? = nil
  ) -> PrimitiveDescription? {
    let (strides, dilations, low, high) = geometry(window ?? operation.window)
    return PrimitiveDescription {
      dnnl_convolution_forward_primitive_desc_create(
        $0, OneDNN.shared.engine, dnnl_forward_training, dnnl_convolution_direct, source.handle,
        weights.handle, bias?.handle, target.handle, strides, dilations, low, high,
        attributes.handle)
    }
  }

  /// Two for each element of `y` and each tap it has a part in.
  func flops(_ kernel: Shape, _ y: Shape) -> Double {
    2 * Double(y.count) * Double(kernel.count) / Double(max(kernel[-1], 1))
  }

  // MARK: Parts

  func forward(_ x: Shape, _ kernelShape: Shape, _ y: Shape) -> Bool {
    if winogradForward(x, kernelShape, y) || depthwiseForward(x, kernelShape, y)
      || forwardByRows(x, kernelShape, y)
    {
      return true
    }
    return [true, false].contains { forward(x, kernelShape, y, takingAddend: $0) }
  }

  private func forward(
    _ x: Shape, _ kernelShape: Shape, _ y: Shape, takingAddend takesAddend: Bool
  ) -> Bool {
    let epilogue = Epilogue(after: ValueID(node.index), takesAddend: takesAddend, builder)
    let input = builder.contiguous(node.inputs[0]), weights = builder.contiguous(node.inputs[1])
    guard let source = images(x), let target = images(y), let plain = kernel(kernelShape),
      let open = MemoryDescription(kernelDims(kernelShape), dtype)
    else { return false }
    let bias = epilogue.bias == nil ? nil : MemoryDescription([y[-1]], dtype, strides: [1])
    let attributes = Attributes(
      addend: epilogue.addend == nil ? nil : target, rectifier: epilogue.rectifier)
    guard let description = forwardDescription(source, open, bias, target, attributes),
      epilogue.addend == nil || !description.isReference,
      let chosen = description.argument(dnnl_query_weights_md),
      let packed = builder.reorder(weights, from: plain, to: chosen)
    else { return false }
    var arguments: [(Int32, MemoryDescription, View)] = [
      (DNNL_ARG_SRC, source, input), (DNNL_ARG_WEIGHTS, chosen, packed),
    ]
    if let bias, let view = epilogue.bias { arguments.append((DNNL_ARG_BIAS, bias, view)) }
    if let view = epilogue.addend { arguments.append((Attributes.addend, target, view)) }
    let reads = arguments.map(\.2), result = builder.result(epilogue.value)
    arguments.append((DNNL_ARG_DST, target, result))
    guard
      let instruction = PrimitiveInstruction(
        operation.name, description, arguments, flops: flops(kernelShape, y))
    else { return false }
    builder.append(instruction, reads: reads, writes: [result])
    epilogue.absorb(result, builder)
    return true
  }

  func backwardData(_ x: Shape, _ kernelShape: Shape, _ y: Shape) -> Bool {
    if winogradBackwardData(x, kernelShape, y) || depthwiseBackwardData(x, kernelShape, y)
      || turnedForward(x, kernelShape, y)
    {
      return true
    }
    let dy = builder.contiguous(node.inputs[0]), weights = builder.contiguous(node.inputs[1])
    let (strides, dilations, low, high) = geometry(operation.window)
    guard let source = images(x), let target = images(y), let plain = kernel(kernelShape),
      let open = MemoryDescription(kernelDims(kernelShape), dtype),
      let hint = forwardDescription(source, open, nil, target)
    else { return false }
    let description = PrimitiveDescription {
      dnnl_convolution_backward_data_primitive_desc_create(
        $0, OneDNN.shared.engine, dnnl_convolution_direct, source.handle, open.handle,
        target.handle, strides, dilations, low, high, hint.handle, nil)
    }
    guard let description, let chosen = description.argument(dnnl_query_weights_md),
      let packed = builder.reorder(weights, from: plain, to: chosen)
    else { return false }
    return execute(
      description, (DNNL_ARG_DIFF_DST, target, dy), (DNNL_ARG_WEIGHTS, chosen, packed),
      to: (DNNL_ARG_DIFF_SRC, source), flops: flops(kernelShape, y))
  }

  /// Adds a primitive of two operands that gives the node's value.
  private func execute(
    _ description: PrimitiveDescription, _ a: (Int32, MemoryDescription, View),
    _ b: (Int32, MemoryDescription, View), to target: (Int32, MemoryDescription), flops: Double
  ) -> Bool {
    let value = ValueID(node.index), result = builder.result(value)
    guard
      let instruction = PrimitiveInstruction(
        operation.name, description, [a, b, (target.0, target.1, result)], flops: flops)
    else { return false }
    builder.append(instruction, reads: [a.2, b.2], writes: [result])
    builder.place(value, result)
    return true
  }

  /// The gradient as a convolution of `dy` with the kernel turned around, its channels and filters
  /// exchanged:
  ///
  ///     dx[i] = Σ dy[i + low − t d] k[t] = Σ dy[i + t d − (d (taps − 1) − low)] k[taps − 1 − t]
  ///
  /// The library takes eleven milliseconds to describe the gradient of a dilated convolution, and
  /// two for this.
  private func turnedForward(_ x: Shape, _ kernelShape: Shape, _ y: Shape) -> Bool {
    let given = operation.window
    let reach = zip(given.sizes, given.dilations).map { ($0 - 1) * $1 }
    let window = Window(
      sizes: given.sizes, strides: given.strides, dilations: given.dilations,
      low: zip(reach, given.low).map { $0 - $1 }, high: zip(reach, given.high).map { $0 - $1 })
    guard operation.groups == 1, window.dilations.contains(where: { $0 > 1 }),
      window.strides.allSatisfy({ $0 == 1 }), (window.low + window.high).allSatisfy({ $0 >= 0 })
    else { return false }
    let turned = builder.contiguous(node.inputs[1]).turned, shape = Shape(turned.dims)
    guard let source = images(y), let target = images(x), let plain = kernel(shape),
      let open = MemoryDescription(kernelDims(shape), dtype),
      let description = forwardDescription(source, open, nil, target, window: window),
      let chosen = description.argument(dnnl_query_weights_md),
      let packed = builder.reorder(builder.contiguous(turned), from: plain, to: chosen)
    else { return false }
    return execute(
      description, (DNNL_ARG_SRC, source, builder.contiguous(node.inputs[0])),
      (DNNL_ARG_WEIGHTS, chosen, packed), to: (DNNL_ARG_DST, target), flops: flops(kernelShape, y))
  }

  func backwardWeights(_ x: Shape, _ kernelShape: Shape, _ y: Shape) -> Bool {
    if depthwiseBackwardWeights(x, kernelShape, y) || gradientByRows(x, kernelShape, y)
      || winogradBackwardWeights(x, kernelShape, y) || gradientByPairs(x, kernelShape, y)
    {
      return true
    }
    let input = builder.contiguous(node.inputs[0]), dy = builder.contiguous(node.inputs[1])
    let (strides, dilations, low, high) = geometry(operation.window)
    guard let source = images(x), let target = images(y), let plain = kernel(kernelShape),
      let open = MemoryDescription(kernelDims(kernelShape), dtype),
      let hint = forwardDescription(source, open, nil, target)
    else { return false }
    let biasNode = biasGradient()
    let bias = biasNode == nil ? nil : MemoryDescription([y[-1]], dtype, strides: [1])
    let description = PrimitiveDescription {
      dnnl_convolution_backward_weights_primitive_desc_create(
        $0, OneDNN.shared.engine, dnnl_convolution_direct, source.handle, open.handle,
        bias?.handle, target.handle, strides, dilations, low, high, hint.handle, nil)
    }
    guard let description, let chosen = description.argument(dnnl_query_diff_weights_md) else {
      return false
    }
    let value = ValueID(node.index), result = builder.result(value)
    let isPlain = chosen.isSame(as: plain)
    let raw = isPlain ? result : builder.workspace(for: chosen, dtype)
    var arguments: [(Int32, MemoryDescription, View)] = [
      (DNNL_ARG_SRC, source, input), (DNNL_ARG_DIFF_DST, target, dy),
      (DNNL_ARG_DIFF_WEIGHTS, chosen, raw),
    ]
    var writes = [raw]
    if let bias, let biasNode {
      let view = builder.result(ValueID(biasNode))
      arguments.append((DNNL_ARG_DIFF_BIAS, bias, view))
      writes.append(view)
      builder.place(ValueID(biasNode), view)
    }
    guard
      let instruction = PrimitiveInstruction(
        operation.name, description, arguments, flops: flops(kernelShape, y))
    else { return false }
    builder.append(instruction, reads: [input, dy], writes: writes)
    if !isPlain, !builder.reorder(raw, chosen, into: result, plain) { return false }
    builder.place(value, result)
    return true
  }

  /// The node that sums `dy` over everything but the channels: the gradient of a bias, which
  /// comes with that of the kernel for nothing.
  func biasGradient() -> Int? {
    let rank = builder.type(node.inputs[1]).shape.rank
    return builder.waitingUsers(of: node.inputs[1]).first { user in
      let found = builder.graph.nodes[user].operation as? Reduction
      return found?.kind == .sum && found?.axes == Array(0..<rank - 1)
    }
  }
}
