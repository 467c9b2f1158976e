import CKernels
import TensorGraph

/// The gradient of a dense layer's kernel where all that uses it are elementwise operations, those of
/// an optimizer: their program computes it on the way, some rows at a time, and memory never holds it.
struct DeferredProduct {
  /// Where it would be, `[k, n]`.
  let view: View
  /// The layer's input, `[rows, k]`.
  let left: View
  /// The gradient of its result, `[rows, n]`, packed.
  let right: View
  let rows: Int

  /// The product as a program takes it for its operand `operand`, without addresses.
  func shape(operand: Int) -> ck_product {
    var product = ck_product()
    (product.operand, product.rows) = (Int32(operand), Int64(rows))
    (product.k, product.n) = (Int64(view.dims[0]), Int64(view.dims[1]))
    return product
  }

  /// Computes all of it, for programs that cannot.
  func fill(_ memory: Memory) {
    let (rows, k, n) = (Int64(rows), Int64(view.dims[0]), Int64(view.dims[1]))
    let panel = Int64(CK_PANEL)
    for column in stride(from: 0, to: n, by: Int(panel)) {
      ck_panel_product_f32(
        rows, k, min(panel, n - column), memory.floats(left), k,
        memory.floats(right) + Int(column * rows), memory.floats(view) + Int(column), n)
    }
  }
}

extension MatMul {
  /// Leaves the product to the programs that use it, if there are only these.
  func lowerIntoPrograms(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let a = builder.type(node.inputs[0]).shape, b = builder.type(node.inputs[1]).shape
    let value = ValueID(node.index)
    guard transposeA, !transposeB, a.rank == 2, b.rank == 2, node.types[0].dtype == .float32,
      (1...Int(CK_THIN)).contains(a[0]), (64...Int(CK_PRODUCT_COLUMNS)).contains(b[1]),
      a[1] * b[1] >= 1 << 16, builder.flowsOnlyIntoElements(value)
    else { return false }
    let left = builder.contiguous(node.inputs[0])
    // It is read late: a variable could have moved by then.
    guard !builder.isVariable(left) else { return false }
    let right = builder.packed(node.inputs[1], Int64(b[0]), Int64(b[1]), transposed: false)
    let view = builder.temporary(node.types[0])
    builder.place(value, DeferredProduct(view: view, left: left, right: right, rows: a[0]))
    return true
  }
}

extension PlanBuilder {
  /// Whether `value`, and all that is computed from it element by element, goes nowhere else than
  /// into variables and results.
  fileprivate func flowsOnlyIntoElements(_ value: ValueID) -> Bool {
    guard isUsed(value), isUsedOnly(value, by: { _ in true }) else { return false }
    var waiting = [value], seen: Set<Int> = []
    while let next = waiting.popLast() {
      for user in waitingUsers(of: next) where seen.insert(user).inserted {
        let node = graph.nodes[user]
        guard seen.count <= 64, node.types[0].shape == type(value).shape,
          let expression = ElementwiseExpression(
            node, operandTypes: node.inputs.map { type($0).dtype }), !expression.isDouble
        else { return false }
        // A product that adds to another does so by itself.
        let isSum = node.operation as? Binary == .add
        if isSum, node.inputs.contains(where: { $0 != value && isProduct($0) }) { return false }
        waiting.append(ValueID(user))
      }
    }
    return true
  }

  private func isProduct(_ value: ValueID) -> Bool { graph.nodes[value.node].operation is MatMul }
}
