import CKernels
import TensorGraph

extension ck_pooling {
  /// The pooling of images of `shape` by `window`.
  fileprivate init(_ window: Window, _ shape: Shape) {
    self.init()
    batch = Int64(shape[0])
    channels = Int64(shape[-1])
    let spatial = shape.spatial
    // The kernel has three spatial axes: those that are missing lead, with size 1.
    func fill(
      _ path: WritableKeyPath<ck_pooling, (Int64, Int64, Int64)>, _ values: [Int], _ missing: Int64
    ) {
      let all = [Int64](repeating: missing, count: 3 - values.count) + values.map { Int64($0) }
      self[keyPath: path] = (all[0], all[1], all[2])
    }
    fill(\.input, spatial, 1)
    fill(\.output, window.outputSizes(spatial), 1)
    fill(\.window, window.sizes, 1)
    fill(\.stride, window.strides, 1)
    fill(\.dilation, window.dilations, 1)
    fill(\.pad, window.low, 0)
  }
}

extension MaxPooling: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    guard node.types[0].dtype == .float32 else { return false }
    let values = [ValueID(node.index, 0), ValueID(node.index, 1)]
    let x = builder.contiguous(node.inputs[0]), y = builder.result(values[0])
    var shape = ck_pooling(window, builder.type(node.inputs[0]).shape)
    // Places that only the way back reads fit in a byte, which it reads several at a time.
    let isNarrow =
      window.count <= 256 && builder.isUsedOnly(values[1], by: { $0 is MaxUnpooling })
    let index =
      isNarrow
      ? builder.temporary(TensorType(.uint8, node.types[1].shape)) : builder.result(values[1])
    let isWanted = builder.isUsed(values[1])
    builder.append(
      KernelInstruction(name) { m in
        ck_max_pool_f32(
          m.floats(y), isWanted ? m.address(index) : nil, isNarrow ? 0 : 1, m.floats(x), &shape)
      }, reads: [x], writes: [y, index])
    builder.place(values[0], y)
    builder.place(values[1], index)
    return true
  }
}

extension MaxUnpooling: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    guard node.types[0].dtype == .float32 else { return false }
    var pooling = ck_pooling(window, shape)
    return builder.lower(node) { m, x, y in
      ck_max_pool_backward_f32(
        m.floats(y[0]), m.floats(x[0]), m.address(x[1]), x[1].dtype == .uint8 ? 0 : 1, &pooling)
    }
  }
}

extension AveragePooling: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    guard node.types[0].dtype == .float32 else { return false }
    var shape = ck_pooling(window, builder.type(node.inputs[0]).shape)
    return builder.lower(node) { m, x, y in
      ck_average_pool_f32(m.floats(y[0]), m.floats(x[0]), 0, &shape)
    }
  }
}

extension AveragePoolingGradient: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    guard node.types[0].dtype == .float32 else { return false }
    var pooling = ck_pooling(window, shape)
    return builder.lower(node) { m, x, y in
      ck_average_pool_backward_f32(m.floats(y[0]), m.floats(x[0]), 0, &pooling)
    }
  }
}
