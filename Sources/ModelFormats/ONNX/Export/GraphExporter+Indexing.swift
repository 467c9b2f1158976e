import NeuralNetworks
import TensorGraph

/// Entries by their indices.
///
/// ONNX counts negative indices from the end, and refuses others out of range. A gather that stands
/// for a table, as an embedding does, leaves it at that; where the model counts on zeros, they are
/// put there.
extension GraphExporter {
  func gather(_ node: AlignedNode, _ operation: Gather) throws -> ExportValue {
    let (x, index) = (try full(node, 0), try full(node, 1))
    let size = x.sizes[operation.axis]
    guard operation.missing == .zero else {
      return scope.one(
        "Gather", [x, index], ["axis": .int(operation.axis)], node.type())
    }
    let (safe, isInside) = try clipped(index, size)
    let y = scope.one("Gather", [x, safe], ["axis": .int(operation.axis)], node.type())
    let trailing = Array(repeating: Extent.fixed(1), count: x.rank - operation.axis - 1)
    let shown = try scope.reshape(isInside, index.sizes + trailing)
    return scope.choose(shown, y, scope.scalar(0, y.dtype))
  }

  func gatherAlong(_ node: AlignedNode, _ operation: GatherAlong) throws -> ExportValue {
    let (x, index) = (try full(node, 0), try full(node, 1))
    guard operation.missing == .zero else {
      return scope.one(
        "GatherElements", [x, index], ["axis": .int(operation.axis)], node.type())
    }
    let (safe, isInside) = try clipped(index, x.sizes[operation.axis])
    let y = scope.one(
      "GatherElements", [x, safe], ["axis": .int(operation.axis)], node.type())
    return scope.choose(isInside, y, scope.scalar(0, y.dtype))
  }

  /// The indices with 0 for those out of range, and which are in range.
  private func clipped(
    _ index: ExportValue, _ size: Extent
  ) throws -> (safe: ExportValue, isInside: ExportValue) {
    let limit = scope.cast(try scope.size(size), index.dtype)
    let isInside = scope.elementwise(
      "And", [scope.compare("GreaterOrEqual", index, 0), scope.compare("Less", index, limit)])
    var safe = scope.choose(isInside, index, scope.scalar(0, index.dtype))
    safe.sizes = index.sizes
    return (try scope.expanded(safe), isInside)
  }

  /// The indices with `size`, one past the last, for those out of range.
  private func dropped(_ index: ExportValue, _ size: Extent) throws -> ExportValue {
    let wide = scope.cast(index, .int64), limit = try scope.size(size)
    let isInside = scope.elementwise(
      "And", [scope.compare("GreaterOrEqual", wide, 0), scope.compare("Less", wide, limit)])
    var safe = scope.choose(isInside, wide, limit)
    safe.sizes = index.sizes
    return try scope.expanded(safe)
  }

  private func larger(_ size: Extent) -> Extent {
    Extent((0..<graph.count).map { size.value($0) + 1 })
  }

  private func zeros(_ sizes: [Extent], _ dtype: DType) throws -> ExportValue {
    var zero = scope.scalar(0, dtype)
    zero.sizes = sizes
    return try scope.expanded(zero)
  }

  func scatterAdd(_ node: AlignedNode) throws -> ExportValue {
    guard let operation = node.operation as? ScatterAdd else { return try operand(node) }
    let (x, index) = (try full(node, 0), try full(node, 1))
    let axis = operation.axis, type = node.type()
    // The indices first, so that each names a part of the result.
    let indexed = Array(axis..<axis + index.rank)
    let order = indexed + x.sizes.indices.filter { !indexed.contains($0) }
    let parts = try scope.transpose(x, order)
    let others = type.sizes.indices.filter { $0 != axis }
    let size = type.sizes[axis]
    let target = try zeros([larger(size)] + others.map { type.sizes[$0] }, x.dtype)
    let places = scope.unsqueeze(try dropped(index, size), [index.rank])
    let sum = scope.one(
      "ScatterND", [target, places, parts], ["reduction": .string("add")], target.type)
    let cut = try scope.slice(sum, axis: 0, from: 0, to: -1, size: size)
    var back = Array(1...max(axis, 1)).prefix(axis) + [0]
    back += (axis + 1)..<max(type.sizes.count, axis + 1)
    return try scope.transpose(cut, Array(back))
  }

  func scatterAlong(_ node: AlignedNode) throws -> ExportValue {
    guard let operation = node.operation as? ScatterAlong else { return try operand(node) }
    let (x, index) = (try full(node, 0), try full(node, 1))
    var sizes = node.type().sizes
    let size = sizes[operation.axis]
    sizes[operation.axis] = larger(size)
    let target = try zeros(sizes, x.dtype)
    let sum = scope.one(
      "ScatterElements", [target, try dropped(index, size), x],
      ["axis": .int(operation.axis), "reduction": .string("add")], target.type)
    return try scope.slice(sum, axis: operation.axis, from: 0, to: -1, size: size)
  }
}
