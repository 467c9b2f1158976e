/// What a gather gives where an index is out of range. Negative indices are.
public enum MissingEntry: String, Sendable, Hashable {
  /// NaN, so that the mistake shows; integers have none and give 0.
  case notANumber
  /// 0, as the adjoint of a scatter that drops such entries.
  case zero

  /// The number that stands for the entry in an element of `dtype`.
  public func number(_ dtype: DType) -> Double {
    self == .notANumber && dtype.isFloatingPoint ? .nan : 0
  }
}

/// The entries of an axis that an integer tensor names.
///
///     [before…, size, after…] at [indices…] → [before…, indices…, after…]
public struct Gather: SingleResultOperation {
  /// The axis of the first operand that the indices count along.
  public let axis: Int
  /// What stands for an entry that does not exist.
  public let missing: MissingEntry

  /// Creates the operation.
  public init(axis: Int, missing: MissingEntry = .notANumber) {
    self.axis = axis
    self.missing = missing
  }

  public var name: String { "gather axis \(axis)" }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    try checkIndices(x[1], axis, of: x[0].shape, name: "gather")
    var dims = x[0].shape.dims
    dims.replaceSubrange(axis...axis, with: x[1].shape.dims)
    return TensorType(x[0].dtype, Shape(dims))
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [y.trace.emit(ScatterAdd(axis: axis, size: x[0].shape[axis]), [dy, x[1]]), nil]
  }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    var y = ReferenceTensor(type.shape, repeating: missing.number(type.dtype))
    forEachEntry(x[1].numbers, axis: axis, of: x[0].shape) { entry, all in
      y.numbers[entry] = x[0].numbers[all]
    }
    return y
  }
}

/// Zeros, with the entries of the first operand added where the second says: the adjoint of
/// `Gather`. Entries out of range are dropped.
///
///     [before…, indices…, after…] at [indices…] → [before…, size, after…]
public struct ScatterAdd: SingleResultOperation {
  /// The axis of the result that the indices count along.
  public let axis: Int
  /// The size of that axis.
  public let size: Int

  /// Creates the operation.
  public init(axis: Int, size: Int) {
    self.axis = axis
    self.size = size
  }

  public var name: String { "scatterAdd axis \(axis)" }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    var dims = x[0].shape.dims
    let end = axis + x[1].shape.rank
    guard axis >= 0, end <= dims.count, Array(dims[axis..<end]) == x[1].shape.dims else {
      throw ShapeError("scatterAdd cannot put \(x[0].shape) at indices \(x[1].shape)")
    }
    dims.replaceSubrange(axis..<end, with: [size])
    try checkIndices(x[1], axis, of: Shape(dims), name: "scatterAdd")
    return TensorType(x[0].dtype, Shape(dims))
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [y.trace.emit(Gather(axis: axis, missing: .zero), [dy, x[1]]), nil]
  }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    var y = ReferenceTensor(type.shape, repeating: 0)
    forEachEntry(x[1].numbers, axis: axis, of: type.shape) { entry, all in
      y.numbers[all] += x[0].numbers[entry]
    }
    return y
  }
}

/// Element by element, the entry of an axis that an integer tensor of the same rank names.
///
///     y[…, i, …] = x[…, indices[…, i, …], …]
public struct GatherAlong: SingleResultOperation {
  /// The axis that the indices count along.
  public let axis: Int
  /// What stands for an entry that does not exist.
  public let missing: MissingEntry

  /// Creates the operation.
  public init(axis: Int, missing: MissingEntry = .notANumber) {
    self.axis = axis
    self.missing = missing
  }

  public var name: String { "gatherAlong axis \(axis)" }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    try checkIndices(x[1], axis, of: x[0].shape, name: "gatherAlong")
    guard x[1].shape.rank == x[0].shape.rank,
      x[1].shape.removing(axis) == x[0].shape.removing(axis)
    else {
      throw ShapeError(
        "gatherAlong expects indices of shape \(x[0].shape) but for axis \(axis), "
          + "got \(x[1].shape)")
    }
    return TensorType(x[0].dtype, x[1].shape)
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [y.trace.emit(ScatterAlong(axis: axis, size: x[0].shape[axis]), [dy, x[1]]), nil]
  }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    var y = ReferenceTensor(type.shape, repeating: missing.number(type.dtype))
    forEachEntry(along: x[1], axis: axis, of: x[0].shape) { entry, all in
      y.numbers[entry] = x[0].numbers[all]
    }
    return y
  }
}

/// Zeros, with the elements of the first operand added along an axis where the second says: the
/// adjoint of `GatherAlong`. Elements out of range are dropped.
public struct ScatterAlong: SingleResultOperation {
  /// The axis that the indices count along.
  public let axis: Int
  /// The size of that axis in the result.
  public let size: Int

  /// Creates the operation.
  public init(axis: Int, size: Int) {
    self.axis = axis
    self.size = size
  }

  public var name: String { "scatterAlong axis \(axis)" }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    try checkIndices(x[1], axis, of: x[0].shape, name: "scatterAlong")
    guard x[0].shape == x[1].shape else {
      throw ShapeError(
        "scatterAlong expects an index for each element, got \(x[1].shape) for \(x[0].shape)")
    }
    var result = x[0]
    result.shape[axis] = size
    return result
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [y.trace.emit(GatherAlong(axis: axis, missing: .zero), [dy, x[1]]), nil]
  }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    var y = ReferenceTensor(type.shape, repeating: 0)
    forEachEntry(along: x[1], axis: axis, of: type.shape) { entry, all in
      y.numbers[all] += x[0].numbers[entry]
    }
    return y
  }
}

/// Throws unless `indices` are integers that count along `axis` of `shape`.
private func checkIndices(
  _ indices: TensorType, _ axis: Int, of shape: Shape, name: String
) throws(ShapeError) {
  guard shape.dims.indices.contains(axis) else {
    throw ShapeError("\(name) over axis \(axis) of a tensor with \(shape.rank) axes")
  }
  guard indices.dtype == .int32 || indices.dtype == .int64 else {
    throw ShapeError("\(name) expects integer indices", hint: "cast them: x.cast(to: .int32)")
  }
}

/// `number` as an index below `size`, or nothing.
private func position(_ number: Double, below size: Int) -> Int? {
  number >= 0 && number < Double(size) ? Int(number) : nil
}

/// Calls `body` with the flat positions of each element in range: among the `indices` entries,
/// and in the tensor of `shape` that they are entries of.
private func forEachEntry(
  _ indices: [Double], axis: Int, of shape: Shape, _ body: (_ entry: Int, _ all: Int) -> Void
) {
  let (inner, size) = (shape.strides[axis], shape[axis])
  for outer in 0..<shape.dims[..<axis].reduce(1, *) {
    for (i, index) in indices.enumerated() {
      guard let index = position(index, below: size) else { continue }
      for j in 0..<inner {
        body((outer * indices.count + i) * inner + j, (outer * size + index) * inner + j)
      }
    }
  }
}

/// Calls `body` with the flat positions of each element in range: in `indices`, and in the
/// tensor of `shape` along whose axis they count.
private func forEachEntry(
  along indices: ReferenceTensor, axis: Int, of shape: Shape,
  _ body: (_ entry: Int, _ all: Int) -> Void
) {
  let strides = shape.strides
  var entry = 0
  forEachIndex(of: indices.shape) { index in
    defer { entry += 1 }
    guard let i = position(indices.numbers[entry], below: shape[axis]) else { return }
    var all = i * strides[axis]
    for other in index.indices where other != axis { all += index[other] * strides[other] }
    body(entry, all)
  }
}
