import TensorGraph

extension ONNXOperator {
  /// Elements by their places.
  static let indexing: [String: ONNXOperator] = [
    gathering.mapValues { $0.movingStrings() }, scattering, sorting, searching,
  ]
  .reduce(into: [:]) { all, part in all.merge(part) { first, _ in first } }

  private static let gathering: [String: ONNXOperator] = [
    "Gather": ONNXOperator { call in
      let x = try call.x(0), axis = try call.axis(0, of: x.shape)
      return try call.result(x.gathered(at: call.indices(1, below: x.shape[axis]), axis: axis))
    },
    "GatherElements": ONNXOperator { call in
      let x = try call.x(0), axis = try call.axis(0, of: x.shape)
      let at = try call.indices(1, below: x.shape[axis])
      let part = try call.part(of: x, at.shape, axis)
      return try call.result(part.gathered(along: axis, at: at))
    },
    "GatherND": ONNXOperator { try $0.gatheredPoints() },
    "OneHot": ONNXOperator { try $0.oneHot() },
    "Compress": ONNXOperator { call in
      let condition = try call.known(1).scalars(as: Bool.self)
      var x = try call.x(0), axis = 0
      if let given = call.int("axis") {
        axis = try call.axis(given, rank: x.shape.rank)
      } else {
        x = x.reshaped([x.shape.count])
      }
      guard condition.count <= x.shape[axis] else {
        throw ONNXError.mistake(
          "there are \(condition.count) conditions for the size \(x.shape[axis])")
      }
      let kept = condition.indices.filter { condition[$0] }.map { Int64($0) }
      let at = call.trace.constant(Tensor([kept.count], kept))
      return try call.result(x.gathered(at: at, axis: axis))
    },
    "ReverseSequence": ONNXOperator { try $0.reversedSequences() },
  ]
}

extension ONNXCall {
  /// The integers at `index` as places along an axis of `size`: negative ones count from the end.
  func indices(_ index: Int, below size: Int) throws -> Symbol {
    let tensor = try tensor(index)
    guard tensor.type == .int64 || tensor.type == .int32 else {
      throw ONNXError.mistake("the indices are \(tensor.type), not integers")
    }
    guard tensor.isConstant else {
      let x = try symbol(tensor)
      return select(x .< 0, x + Double(size), x)
    }
    let places = try integers(index).map { place in
      guard place >= -size, place < size else {
        throw ONNXError.mistake("there is no index \(place) along an axis of size \(size)")
      }
      return Int64(place < 0 ? place + size : place)
    }
    return trace.constant(Tensor(tensor.shape, places))
  }

  /// The elements of `x` that indices of `shape` reach along other axes than `axis`.
  fileprivate func part(of x: Symbol, _ shape: Shape, _ axis: Int) throws -> Symbol {
    try expect(shape.rank, "the shape of the indices", are: x.shape.rank)
    var part = x
    for other in shape.dims.indices where other != axis {
      guard shape[other] <= x.shape[other] else {
        throw ONNXError.mistake("indices \(shape) are larger than \(x.shape) in axis \(other)")
      }
      part = part.sliced(axis: other, 0..<shape[other])
    }
    return part
  }

  /// Where the points at `index`, `[…, k]`, are among the elements of the first `k` axes of
  /// `shape`; −1 for what is outside, if that is not known.
  func places(ofPoints index: Int, in shape: [Int]) throws -> Symbol {
    let points = try tensor(index)
    guard let k = points.shape.dims.last, k <= shape.count else {
      throw ONNXError.mistake("the indices \(points.shape) are not for the axes \(Shape(shape))")
    }
    let rows = Shape(Array(points.shape.dims.dropLast()))
    let strides = Shape(Array(shape[..<k])).strides
    if points.isConstant {
      let all = try integers(index)
      let places = try (0..<rows.count).map { row in
        try (0..<k).reduce(Int64(0)) { sum, axis in
          let place = all[row * k + axis], size = shape[axis]
          guard place >= -size, place < size else {
            throw ONNXError.mistake("there is no index \(place) along an axis of size \(size)")
          }
          return sum + Int64((place < 0 ? place + size : place) * strides[axis])
        }
      }
      return trace.constant(Tensor(rows, places))
    }
    let x = try symbol(points).cast(to: .int64)
    var sum = trace.constant(0, rows, dtype: .int64)
    var isInside = trace.constant(1, rows, dtype: .bool)
    for axis in 0..<k {
      let given = x.entry(axis, axis: -1), size = Double(shape[axis])
      let place = select(given .< 0, given + size, given)
      isInside = isInside .& (place .>= 0) .& (place .< size)
      sum = sum + place * Double(strides[axis])
    }
    return select(isInside, sum, sum.constant(-1))
  }

  fileprivate func gatheredPoints() throws -> [ONNXValue] {
    let x = try x(0), points = try shape(1), batch = int("batch_dims", 0)
    guard batch >= 0, batch < points.rank, batch < max(x.shape.rank, 1),
      x.shape.dims.prefix(batch) == points.dims.prefix(batch), let k = points.dims.last,
      k <= x.shape.rank - batch
    else {
      throw ONNXError.mistake(
        "indices \(points) with batch_dims \(batch) are not for \(x.shape)")
    }
    let dims = x.shape.dims, own = Array(dims[batch...])
    let rest = Array(dims[(batch + k)...])
    var places = try self.places(ofPoints: 1, in: own)
    let outer = Shape(Array(dims[..<batch])).count, size = Shape(Array(own[..<k])).count
    if batch > 0 {  // each entry of the batch has places of its own
      places = places.reshaped([outer, places.shape.count / max(outer, 1)])
      let starts = trace.iota([outer, 1], axis: 0, dtype: .int64) * Double(size)
      places = select(places .>= 0, places + starts, places)
    }
    let rows = x.reshaped([outer * size, Shape(rest).count])
    let y = rows.gathered(at: places.reshaped([places.shape.count]), axis: 0)
    return try result(y.reshaped(Shape(points.dims.dropLast() + rest)))
  }

  fileprivate func oneHot() throws -> [ONNXValue] {
    let given = try x(0), depth = try integer(1), values = try x(2)
    guard depth >= 0, values.shape.count == 2 else {
      throw ONNXError.mistake("depth is \(depth), and there are \(values.shape.count) values of 2")
    }
    let axis = try axis(int("axis", -1), rank: given.shape.rank + 1)
    var dims = given.shape.dims
    dims.insert(depth, at: axis)
    let shape = try sized(dims)
    let x = given.cast(to: .int64)
    let place = select(x .< 0, x + Double(depth), x).expandingDims(at: axis)
    var line = dims.map { _ in 1 }
    line[axis] = depth
    let classes = trace.iota(Shape(line), axis: axis, dtype: .int64)
    let ends = values.reshaped([2])
    let y = select(place .== classes, ends.entry(1, axis: 0), ends.entry(0, axis: 0))
    return try result(y.broadcast(to: shape), type(2))
  }

  fileprivate func reversedSequences() throws -> [ONNXValue] {
    let x = try x(0), rank = x.shape.rank, lengths = try self.x(1).cast(to: .int64)
    let batch = try axis(int("batch_axis", 1), rank: rank)
    let time = try axis(int("time_axis", 0), rank: rank)
    guard batch != time, lengths.shape == [x.shape[batch]] else {
      throw ONNXError.mistake("lengths \(lengths.shape) are not for axis \(batch) of \(x.shape)")
    }
    let rest = (0..<rank).filter { $0 != batch && $0 != time }, order = [batch, time] + rest
    let moved = x.transposed(order), (count, steps) = (x.shape[batch], x.shape[time])
    let step = trace.iota([count, steps], axis: 1, dtype: .int64)
    let length = lengths.reshaped([count, 1])
    let source = select(step .< length, length - 1 - step, step)
    let places = source + trace.iota([count, steps], axis: 0, dtype: .int64) * Double(steps)
    let width = rest.reduce(1) { $0 * x.shape[$1] }
    let rows = moved.reshaped([count * steps, width])
    let y = rows.gathered(at: places.reshaped([count * steps]), axis: 0).reshaped(moved.shape)
    return try result(y.transposed((0..<rank).map { order.firstIndex(of: $0) ?? $0 }))
  }
}
