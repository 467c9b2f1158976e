import NeuralNetworks
import TensorGraph

/// Products of matrices, and what works along the last axis.
extension GraphExporter {
  func matMul(_ node: AlignedNode, _ operation: MatMul) throws -> ExportValue {
    if let y = try denseOnSequences(node, operation) ?? affine(node, operation) { return y }
    let (a, b) = (try full(node, 0), try full(node, 1))
    let type = node.type()
    if type.sizes.count == 2, operation.transposeA || operation.transposeB {
      var attributes: [String: ExportAttribute] = [:]
      if operation.transposeA { attributes["transA"] = .int(1) }
      if operation.transposeB { attributes["transB"] = .int(1) }
      return scope.one("Gemm", [a, b], attributes, type)
    }
    var swap = Array(0..<type.sizes.count)
    swap.swapAt(swap.count - 1, swap.count - 2)
    return scope.one(
      "MatMul",
      [
        operation.transposeA ? try scope.transpose(a, swap) : a,
        operation.transposeB ? try scope.transpose(b, swap) : b,
      ], [:], type)
  }

  /// A product of rows that were the steps of sequences, and become them again: one product of the
  /// sequences, as the operator broadcasts.
  private func denseOnSequences(_ node: AlignedNode, _ operation: MatMul) throws -> ExportValue? {
    guard !operation.transposeA,
      let rows = self.operation(node.inputs[0], TensorGraph.Reshape.self),
      let user = onlyUser(of: ValueID(node.index)), user.operation is TensorGraph.Reshape
    else { return nil }
    let x = graph.type(rows.inputs[0]).sizes, y = user.type().sizes
    guard x.count > 2, let depth = x.last, depth == graph.type(node.inputs[0]).sizes[1],
      y.count == x.count, y.dropLast() == x.dropLast(), y.last == node.type().sizes[1]
    else { return nil }
    let b = try full(node, 1)
    let product = scope.one(
      "MatMul",
      [
        try scope.expanded(value(rows.inputs[0])),
        operation.transposeB ? try scope.transpose(b, [1, 0]) : b,
      ], [:], user.type())
    define(user, product)
    return product
  }

  /// A product of matrices and a bias.
  private func affine(_ node: AlignedNode, _ operation: MatMul) throws -> ExportValue? {
    guard node.type().sizes.count == 2, let user = onlyUser(of: ValueID(node.index)),
      user.operation as? Binary == .add, user.type() == node.type()
    else { return nil }
    let other = user.inputs[0] == ValueID(node.index) ? user.inputs[1] : user.inputs[0]
    guard tensor(node.inputs[1]) != nil, let bias = tensor(other), bias.shape.rank == 1 else {
      return nil
    }
    var attributes: [String: ExportAttribute] = [:]
    if operation.transposeA { attributes["transA"] = .int(1) }
    if operation.transposeB { attributes["transB"] = .int(1) }
    let y = scope.one(
      "Gemm", [try full(node, 0), try full(node, 1), try value(other)], attributes, node.type())
    define(user, y)
    return y
  }

  func alongLastAxis(_ type: String, _ node: AlignedNode) throws -> ExportValue {
    scope.one(type, [try full(node)], ["axis": .int(node.type().sizes.count - 1)], node.type())
  }

  func layerNormalization(
    _ node: AlignedNode, _ operation: Fused.LayerNormalization
  ) throws -> [ExportValue] {
    let sizes = node.type().sizes
    func normalized(_ x: ExportValue, _ result: [ExportType]) throws -> [ExportValue] {
      scope.add(
        "LayerNormalization", [x, try full(node, 1), try full(node, 2)],
        ["axis": .int(x.rank - 1), "epsilon": .float(operation.epsilon)], result)
    }
    let usesMoments = isUsed(ValueID(node.index, 1)) || isUsed(ValueID(node.index, 2))
    if !usesMoments, let rows = self.operation(node.inputs[0], TensorGraph.Reshape.self),
      let user = onlyUser(of: ValueID(node.index)), user.operation is TensorGraph.Reshape,
      graph.type(rows.inputs[0]) == user.type(), user.type().sizes.last == sizes.last
    {
      let y = try normalized(scope.expanded(value(rows.inputs[0])), [user.type()])
      define(user, y[0])
      return y
    }
    guard usesMoments else { return try normalized(full(node), [node.type()]) }
    let y = try normalized(
      full(node),
      [node.type()]
        + [1, 2].map {
          ExportType($0 == 1 ? .float32 : .float32, node.type($0).sizes + [.fixed(1)])
        })
    return [y[0]] + y.dropFirst().map { scope.cast(scope.squeeze($0, [1]), node.type().dtype) }
  }
}
