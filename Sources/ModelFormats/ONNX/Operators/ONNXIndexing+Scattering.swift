import TensorGraph

extension ONNXOperator {
  /// Elements put in places.
  static let scattering: [String: ONNXOperator] = [
    "Scatter": ONNXOperator { try $0.scatteredElements() },
    "ScatterElements": ONNXOperator { try $0.scatteredElements() },
    "ScatterND": ONNXOperator { try $0.scatteredPoints() },
    "TensorScatter": ONNXOperator { try $0.updatedCache() },
  ]
}

extension ONNXCall {
  fileprivate func scatteredElements() throws -> [ONNXValue] {
    let x = try x(0), axis = try axis(0, of: x.shape), updates = try self.x(2)
    let at = try indices(1, below: x.shape[axis]).cast(to: .int64)
    let fits = zip(at.shape.dims, x.shape.dims).enumerated().allSatisfy {
      $0.offset == axis || $0.element.0 <= $0.element.1
    }
    guard at.shape == updates.shape, at.shape.rank == x.shape.rank, fits else {
      throw ONNXError.mistake("\(updates.shape) at \(at.shape) is not for \(x.shape)")
    }
    // The places of the elements but for the axis that the indices count along.
    let strides = x.shape.strides
    var others = trace.constant(0, at.shape, dtype: .int64)
    for other in at.shape.dims.indices where other != axis && at.shape[other] > 1 {
      others =
        others + trace.iota(at.shape, axis: other, dtype: .int64) * Double(strides[other])
    }
    let isInside = (at .>= 0) .& (at .< Double(x.shape[axis]))
    let places = select(isInside, at * Double(strides[axis]) + others, at.constant(-1))
    let count = at.shape.count
    let y = try rows(
      x.reshaped([x.shape.count, 1]), at: places.reshaped([count]), updates.reshaped([count, 1]))
    return try result(y.reshaped(x.shape))
  }

  fileprivate func scatteredPoints() throws -> [ONNXValue] {
    let x = try x(0), updates = try self.x(2), points = try shape(1)
    let places = try self.places(ofPoints: 1, in: x.shape.dims)
    let k = points.dims.last ?? 0
    let rest = Array(x.shape.dims[k...])
    guard updates.shape.dims == points.dims.dropLast() + rest else {
      throw ONNXError.mistake("\(updates.shape) at \(points) is not for \(x.shape)")
    }
    let width = Shape(rest).count, size = Shape(Array(x.shape.dims[..<k])).count
    let count = places.shape.count
    let y = try rows(
      x.reshaped([size, width]), at: places.reshaped([count]), updates.reshaped([count, width]))
    return try result(y.reshaped(x.shape))
  }

  /// `x [rows, width]` with `updates [count, width]` put at, or joined with, the rows `places`.
  private func rows(_ x: Symbol, at places: Symbol, _ updates: Symbol) throws -> Symbol {
    let reduction = string("reduction", "none")
    guard updates.dtype == x.dtype else {
      throw ONNXError.mistake("the updates are \(updates.dtype), the data \(x.dtype)")
    }
    if let kind = RowReduction.Kind(rawValue: reduction) {
      return trace.emit(RowReduction(kind: kind, dtype: x.dtype), [x, places, updates])
    }
    switch reduction {
    case "none": return replaced(x, at: places, updates)
    case "add": return x + updates.scattered(at: places, axis: 0, size: x.shape[0])
    default: throw ONNXError.mistake("the reduction \(reduction) is none that Strata has")
    }
  }

  /// `x [rows, width]` with `updates [count, width]` in place of the rows `places`.
  private func replaced(_ x: Symbol, at places: Symbol, _ updates: Symbol) -> Symbol {
    let rows = x.shape[0]
    let ones = trace.constant(1, [places.shape.count, 1])
    let isNew = ones.scattered(at: places, axis: 0, size: rows) .> 0
    let numbers = x.dtype == .bool ? updates.cast(to: .int32) : updates
    let new = numbers.scattered(at: places, axis: 0, size: rows)
    return select(isNew, new.cast(to: x.dtype), x)
  }

  /// A cache of keys or values with new ones from a place on that each sequence has.
  fileprivate func updatedCache() throws -> [ONNXValue] {
    let x = try x(0), updates = try self.x(1), rank = x.shape.rank
    let axis = try axis(int("axis", -2), rank: rank), mode = string("mode", "linear")
    var expected = x.shape
    if updates.shape.rank == rank { expected[axis] = updates.shape[axis] }
    guard axis > 0, updates.shape == expected, updates.dtype == x.dtype,
      mode == "linear" || mode == "circular"
    else {
      throw ONNXError.mistake("\(updates.shape) are no updates of \(x.shape), in mode \(mode)")
    }
    let (batch, size, count) = (x.shape[0], x.shape[axis], updates.shape[axis])
    let outer = Shape(Array(x.shape.dims[..<axis])).count
    let width = Shape(Array(x.shape.dims[(axis + 1)...])).count
    var start = trace.constant(0, [batch], dtype: .int64)
    if has(2) { start = try self.x(2).cast(to: .int64) }
    guard start.shape == [batch] else {
      throw ONNXError.mistake("there are \(start.shape) places for a batch of \(batch)")
    }
    let heads = outer / max(batch, 1)
    let starts = start.reshaped([batch, 1]).broadcast(to: [batch, heads]).reshaped([outer, 1])
    var steps = starts + trace.iota([outer, count], axis: 1, dtype: .int64)
    if mode == "circular" { steps = steps % Double(max(size, 1)) }
    let isInside = (steps .>= 0) .& (steps .< Double(size))
    let places = steps + trace.iota([outer, count], axis: 0, dtype: .int64) * Double(size)
    let y = replaced(
      x.reshaped([outer * size, width]),
      at: select(isInside, places, places.constant(-1)).reshaped([outer * count]),
      updates.reshaped([outer * count, width]))
    return try result(y.reshaped(x.shape))
  }
}

extension Symbol {
  /// The remainder with the sign of the divisor.
  fileprivate static func % (a: Symbol, b: Double) -> Symbol { a % a.constant(b) }
}

/// Rows multiplied with, or replaced by if they are larger or smaller, those of updates.
///
///     x [rows, width], places [count], updates [count, width] → [rows, width]
struct RowReduction: HostOperation {
  enum Kind: String {
    case mul, max, min
  }

  let kind: Kind
  /// The type of the elements.
  let dtype: DType

  var name: String { "scatter \(kind)" }
  func resultType(_ x: [TensorType]) -> TensorType { x[0] }
  /// All at once: an update may be for any row.
  func rowCount(_ type: TensorType) -> Int { 1 }

  func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    let final = y.gathered(at: x[1], axis: 0), change = dy.gathered(at: x[1], axis: 0)
    switch kind {
    case .mul: return [dy * y / x[0], nil, change * final / x[2]]
    case .max, .min: return [select(x[0] .== y, dy, 0), nil, select(x[2] .== final, change, 0)]
    }
  }

  func run(rows: Range<Int>, of x: [HostOperand], into result: UnsafeMutableRawPointer) {
    guard !rows.isEmpty else { return }
    let (height, width) = (x[0].type.shape[0], x[0].type.shape[1])
    func fill<T: Scalar>(_: T.Type) {
      let out = result.assumingMemoryBound(to: T.self)
      for index in 0..<height * width { out[index] = T(nearest: x[0].number(index)) }
      for update in 0..<x[1].count {
        let row = x[1].integer(update)
        guard row >= 0, row < height else { continue }
        for column in 0..<width {
          let place = Int(row) * width + column
          let (old, new) = (out[place].number, x[2].number(update * width + column))
          let joined =
            switch kind {
            case .mul: old * new
            case .max: old.isNaN || new.isNaN ? .nan : Swift.max(old, new)
            case .min: old.isNaN || new.isNaN ? .nan : Swift.min(old, new)
            }
          out[place] = T(nearest: joined)
        }
      }
    }
    fill(dtype.scalarType)
  }
}
