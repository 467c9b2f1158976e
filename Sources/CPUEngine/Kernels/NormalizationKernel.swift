import CKernels
import TensorGraph

extension Fused.LayerNormalization: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let (rows, size) = builder.rows(node.inputs[0])
    let epsilon = Float(epsilon)
    return builder.lower(node) { m, x, y in
      ck_layer_norm_f32(
        m.floats(y[0]), m.floats(y[1]), m.floats(y[2]), m.floats(x[0]), m.floats(x[1]),
        m.floats(x[2]), rows, size, epsilon)
    }
  }
}

extension Fused.LayerNormalizationGradient: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let (rows, size) = builder.rows(node.inputs[1])
    return builder.lower(node, scratch: Int(ck_layer_norm_scratch(rows, size))) { m, x, y in
      ck_layer_norm_backward_f32(
        m.floats(y[0]), m.floats(y[1]), m.floats(y[2]), m.floats(x[0]), m.floats(x[1]),
        m.floats(x[3]), m.floats(x[4]), m.floats(x[2]), rows, size,
        y.count > 3 ? m.address(y[3]) : nil)
    }
  }
}

extension Fused.BatchNormalization: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let (rows, size) = builder.rows(node.inputs[0])
    guard rows > 0 else { return false }
    let epsilon = Float(epsilon), rectifier = builder.rectifier(after: ValueID(node.index))
    let bounds = rectifier?.bounds ?? -Float.infinity...Float.infinity
    let type = node.types[0].dtype.kernel
    return builder.lower(
      node, absorbing: rectifier?.nodes ?? [], scratch: Int(ck_batch_norm_scratch(rows, size))
    ) { m, x, y in
      ck_batch_norm(
        type, m.address(y[0]), m.floats(y[1]), m.floats(y[2]), m.address(x[0]), m.floats(x[1]),
        m.floats(x[2]), rows, size, epsilon, bounds.lowerBound, bounds.upperBound,
        y.count > 3 ? m.address(y[3]) : nil)
    }
  }
}

extension Fused.BatchNormalizationGradient: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let (rows, size) = builder.rows(node.inputs[1])
    guard rows > 0 else { return false }
    let epsilon = Float(epsilon)
    // The gradient of a rectifier behind it is taken along: what it gives is then never needed.
    let rectified = builder.rectified(node.inputs[0], for: node.index)
    let bounds = rectified?.bounds ?? -Float.infinity...Float.infinity
    var operands = node.node
    if let rectified {
      operands.inputs[0] = rectified.dy
      operands.inputs.append(rectified.y)
    }
    let type = node.types[0].dtype.kernel
    return builder.lower(
      LoweredNode(index: node.index, node: operands),
      scratch: Int(ck_batch_norm_scratch(rows, size))
    ) { m, x, y in
      ck_batch_norm_backward(
        type, m.address(y[0]), m.floats(y[1]), m.floats(y[2]), m.address(x[0]), m.address(x[1]),
        rectified == nil ? nil : m.address(x[5]), m.floats(x[3]), m.floats(x[4]), m.floats(x[2]),
        rows, size, epsilon, bounds.lowerBound, bounds.upperBound,
        y.count > 3 ? m.address(y[3]) : nil)
    }
  }
}
