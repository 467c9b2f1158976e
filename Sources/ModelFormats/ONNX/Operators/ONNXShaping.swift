import TensorGraph

extension ONNXOperator {
  /// Other shapes and orders of the same elements.
  static let shaping: [String: ONNXOperator] = [moving, padding, blocks, makers]
    .reduce(into: [:]) { all, part in all.merge(part) { first, _ in first } }

  /// Operators that put any elements elsewhere, and compute nothing.
  private static let moving = reshaping.merging(parts) { first, _ in first }
    .mapValues { $0.movingStrings() }

  /// The same elements in other shapes and orders.
  private static let reshaping: [String: ONNXOperator] = [
    "Reshape": ONNXOperator { try $0.reshaped() },
    "Flatten": ONNXOperator { call in
      let shape = try call.shape(0), given = call.int("axis", 1)
      let axis = given == shape.rank ? given : try call.axis(given, rank: max(shape.rank, 1))
      let rows = Shape(Array(shape.dims[..<axis])), columns = Shape(Array(shape.dims[axis...]))
      return try call.result(call.x(0).reshaped([rows.count, columns.count]))
    },
    "Squeeze": ONNXOperator { call in
      let shape = try call.shape(0)
      let given = try call.axes(rank: shape.rank)
      let axes = Set(given ?? shape.dims.indices.filter { shape[$0] == 1 })
      if let axis = axes.sorted().first(where: { shape[$0] != 1 }) {
        throw ONNXError.mistake("axis \(axis) of \(shape) has no size of 1")
      }
      let kept = shape.dims.indices.filter { !axes.contains($0) }
      return try call.result(call.x(0).reshaped(Shape(kept.map { shape[$0] })))
    },
    "Unsqueeze": ONNXOperator { call in
      let given = try call.ints("axes") ?? call.integers(1)
      let shape = try call.shape(0)
      let rank = shape.rank + given.count
      guard rank <= ONNXCall.rankLimit else {
        throw ONNXError.mistake("the result would have \(rank) axes")
      }
      let axes = try call.distinct(given, rank: rank)
      var rest = shape.dims[...]
      let dims = (0..<rank).map { axes.contains($0) ? 1 : rest.removeFirst() }
      return try call.result(call.x(0).reshaped(Shape(dims)))
    },
    "Transpose": ONNXOperator { call in
      let x = try call.held(0)
      let order = call.ints("perm") ?? (0..<x.rank).reversed()
      guard order.sorted() == Array(0..<x.rank) else {
        throw ONNXError.mistake("perm \(order) is no order of the axes of \(x.shape)")
      }
      return try call.result(x.symbol.transposed(order.map(x.place)), x.type)
    },
    "Expand": ONNXOperator { call in
      let x = try call.x(0), given = try call.sized(call.integers(1))
      guard let shape = x.shape.broadcast(with: given) else {
        throw ONNXError.mistake("\(x.shape) does not expand to \(given)")
      }
      return try call.result(x.broadcast(to: call.sized(shape.dims)))
    },
    "Tile": ONNXOperator { try $0.tiled() },
  ]
}

extension ONNXCall {
  fileprivate func reshaped() throws -> [ONNXValue] {
    let shape = try shape(0)
    let given = try opset < 5 && ints("shape") != nil ? ints("shape") ?? [] : integers(1)
    var dims = try given.enumerated().map { axis, size in
      guard size == 0, !bool("allowzero") else { return size }
      guard axis < shape.rank else {
        throw ONNXError.mistake("\(given) keeps axis \(axis), which \(shape) does not have")
      }
      return shape[axis]
    }
    if let open = dims.firstIndex(of: -1) {
      dims[open] = 1
      let rest = try sized(dims).count
      guard rest > 0, shape.count % rest == 0 else {
        throw ONNXError.mistake("\(shape) has no shape \(given)")
      }
      dims[open] = shape.count / rest
    }
    let result = try sized(dims)
    guard result.count == shape.count else {
      throw ONNXError.mistake("\(shape) has \(shape.count) elements, \(result) \(result.count)")
    }
    return try self.result(x(0).reshaped(result))
  }

  fileprivate func tiled() throws -> [ONNXValue] {
    let x = try x(0), rank = x.shape.rank
    var repeats = [Int](repeating: 1, count: rank)
    if opset < 6 {  // a number of tiles and the axis they lie along
      repeats[try axis(integer(2), rank: rank)] = try integer(1)
    } else {
      repeats = try integers(1)
      try expect(repeats.count, "repeats", are: rank)
    }
    let dims = try zip(repeats, x.shape.dims).map { try times($0, $1) }
    let shape = try sized(dims)
    _ = try sized(repeats)
    let moved = repeats.indices.filter { repeats[$0] != 1 }
    var before: [Int] = [], after: [Int] = []
    for axis in 0..<rank {
      if moved.contains(axis) {
        before.append(1)
        after.append(repeats[axis])
      }
      before.append(x.shape[axis])
      after.append(x.shape[axis])
    }
    return try result(x.reshaped(Shape(before)).broadcast(to: Shape(after)).reshaped(shape))
  }
}
