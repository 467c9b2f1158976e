import NeuralNetworks
import TensorGraph

/// Reductions, orders and running sums.
extension GraphExporter {
  func reduction(_ node: AlignedNode, _ operation: Reduction) throws -> ExportValue {
    let x = try full(node)
    if operation.kind == .sum, let mean = meanUser(node) {
      let y = try scope.reduce("ReduceMean", x, operation.axes)
      define(mean, try scope.reshape(y, mean.type().sizes))
      return y
    }
    let type =
      switch operation.kind {
      case .sum: "ReduceSum"
      case .product: "ReduceProd"
      case .max: "ReduceMax"
      case .min: "ReduceMin"
      }
    let isNarrow = [.int8, .uint8, .bool].contains(x.dtype)
    let y = try scope.reduce(type, isNarrow ? scope.cast(x, .int32) : x, operation.axes)
    return scope.cast(y, x.dtype)
  }

  /// The node that divides a sum by the number of its terms, if that is all that is done with it.
  private func meanUser(_ node: AlignedNode) -> AlignedNode? {
    guard node.type().dtype.isFloatingPoint, var user = onlyUser(of: ValueID(node.index)) else {
      return nil
    }
    if user.operation is TensorGraph.Reshape {
      guard let next = onlyUser(of: ValueID(user.index)) else { return nil }
      user = next
    }
    guard user.operation as? Binary == .multiply,
      let numbers = numbers(user.inputs[1]) ?? numbers(user.inputs[0])
    else { return nil }
    let terms = zip(node.nodes, graph.graphs).map { node, graph in
      graph.type(node.inputs[0]).shape.count / max(node.types[0].shape.count, 1)
    }
    let isMean = zip(numbers, terms).allSatisfy { $0 == 1 / Double($1) }
    let other = self.numbers(user.inputs[1]) == nil ? user.inputs[1] : user.inputs[0]
    return isMean && graph.type(other).sizes == user.type().sizes ? user : nil
  }

  func argReduction(_ node: AlignedNode, _ operation: ArgReduction) throws -> ExportValue {
    var x = try full(node)
    if [.bool, .int64].contains(x.dtype) {
      x = scope.cast(x, x.dtype == .bool ? .int32 : .float64)
    }
    let index = scope.one(
      operation.isMax ? "ArgMax" : "ArgMin", [x],
      ["axis": .int(operation.axis), "keepdims": .int(0)], ExportType(.int64, node.type().sizes))
    return scope.cast(index, .int32)
  }

  func cumulativeSum(_ node: AlignedNode, _ operation: CumulativeSum) throws -> ExportValue {
    let x = try full(node)
    let isNarrow = [.int8, .uint8].contains(x.dtype)
    var attributes: [String: ExportAttribute] = [:]
    if operation.exclusive { attributes["exclusive"] = .int(1) }
    if operation.reverse { attributes["reverse"] = .int(1) }
    let sum = scope.one(
      "CumSum",
      [isNarrow ? scope.cast(x, .int32) : x, scope.scalar(Double(operation.axis), .int64)],
      attributes, ExportType(isNarrow ? .int32 : x.dtype, x.sizes))
    return scope.cast(sum, x.dtype)
  }

  func sort(_ node: AlignedNode, _ operation: Sort) throws -> [ExportValue] {
    try largest(
      full(node), node.type().sizes[operation.axis], axis: operation.axis,
      descending: operation.descending)
  }

  func topK(_ node: AlignedNode) throws -> [ExportValue] {
    let x = try full(node)
    return try largest(
      x, Extent(node.attributes(TopK.self, \.k)), axis: x.rank - 1, descending: true)
  }

  /// The first `k` in order along an axis, and where they come from.
  private func largest(
    _ x: ExportValue, _ k: Extent, axis: Int, descending: Bool
  ) throws -> [ExportValue] {
    let isNarrow = [.int8, .uint8, .bool].contains(x.dtype)
    let operand = isNarrow ? scope.cast(x, .int32) : x
    var sizes = x.sizes
    sizes[axis] = k
    let y = scope.add(
      "TopK", [operand, try scope.size(k)],
      ["axis": .int(axis), "largest": .int(descending ? 1 : 0)],
      [ExportType(operand.dtype, sizes), ExportType(.int64, sizes)])
    return [scope.cast(y[0], x.dtype), scope.cast(y[1], .int32)]
  }
}
