/// The same elements in another shape.
public struct Reshape: SingleResultOperation {
  /// The new shape.
  public let shape: Shape

  public var name: String { "reshape \(shape)" }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    guard x[0].shape.count == shape.count, shape.dims.allSatisfy({ $0 >= 0 }) else {
      throw ShapeError(
        "cannot reshape \(x[0].shape) (\(x[0].shape.count) elements) to \(shape) (\(shape.count))")
    }
    return TensorType(x[0].dtype, shape)
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [dy.reshaped(x[0].shape)]
  }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    ReferenceTensor(shape, x[0].numbers)
  }
}

/// The axes in another order: axis `i` of the result is axis `permutation[i]` of the operand.
public struct Transpose: SingleResultOperation {
  /// Which axis of the operand each axis of the result is.
  public let permutation: [Int]

  public var name: String { "transpose \(permutation)" }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    guard permutation.sorted() == Array(0..<x[0].shape.rank) else {
      throw ShapeError("\(permutation) is no order of the axes of \(x[0].shape)")
    }
    return TensorType(x[0].dtype, Shape(permutation.map { x[0].shape[$0] }))
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    var inverse = permutation
    for (to, from) in permutation.enumerated() { inverse[from] = to }
    return [dy.transposed(inverse)]
  }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    let strides = x[0].shape.strides
    return x[0].gathered(type.shape, strides: permutation.map { strides[$0] }, offset: 0)
  }
}

/// The elements repeated along axes of size 1, and along new leading axes.
public struct Broadcast: SingleResultOperation {
  /// The new shape.
  public let shape: Shape

  public var name: String { "broadcast \(shape)" }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    guard x[0].shape.broadcast(with: shape) == shape else {
      throw ShapeError("cannot broadcast \(x[0].shape) to \(shape)")
    }
    return TensorType(x[0].dtype, shape)
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] { [dy] }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    x[0].broadcast(to: shape)
  }
}

/// Every `strides`-th element from `starts` on, `sizes` of them along each axis.
public struct Slice: SingleResultOperation {
  /// The first index along each axis.
  public let starts: [Int]
  /// How many indices along each axis.
  public let sizes: [Int]
  /// The distance between indices along each axis; negative ones run backward.
  public let strides: [Int]

  /// Creates the slice.
  public init(starts: [Int], sizes: [Int], strides: [Int]) {
    self.starts = starts
    self.sizes = sizes
    self.strides = strides
  }

  public var name: String {
    "slice from \(starts)" + (strides.allSatisfy { $0 == 1 } ? "" : " by \(strides)")
  }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    let shape = x[0].shape
    guard starts.count == shape.rank, sizes.count == shape.rank, strides.count == shape.rank else {
      throw ShapeError("a slice of \(shape) needs \(shape.rank) starts, sizes and strides")
    }
    for axis in shape.dims.indices where sizes[axis] > 0 {
      let ends = [starts[axis], starts[axis] + (sizes[axis] - 1) * strides[axis]]
      guard strides[axis] != 0, ends.allSatisfy({ (0..<shape[axis]).contains($0) }) else {
        throw ShapeError("a slice from \(ends[0]) to \(ends[1]) leaves axis \(axis) of \(shape)")
      }
    }
    guard sizes.allSatisfy({ $0 >= 0 }) else { throw ShapeError("a slice has a negative size") }
    return TensorType(x[0].dtype, Shape(sizes))
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [dy.trace.emit(Unslice(slice: self, shape: x[0].shape), [dy])]
  }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    let own = x[0].shape.strides
    return x[0].gathered(
      type.shape, strides: zip(own, strides).map { $0 * $1 },
      offset: zip(own, starts).reduce(0) { $0 + $1.0 * $1.1 })
  }
}

/// Zeros of `shape`, with the operand where `slice` takes its elements from: its adjoint.
public struct Unslice: SingleResultOperation {
  /// Where the elements go.
  public let slice: Slice
  /// The shape of the result.
  public let shape: Shape

  /// Creates the operation.
  public init(slice: Slice, shape: Shape) {
    self.slice = slice
    self.shape = shape
  }

  public var name: String { "unslice at \(slice.starts)" }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    let result = TensorType(x[0].dtype, shape)
    guard try slice.resultType([result]) == x[0] else {
      throw ShapeError("the slice does not have the shape of the operand")
    }
    return result
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [dy.trace.emit(slice, [dy])]
  }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    var y = ReferenceTensor(shape, repeating: 0)
    let own = shape.strides
    var position = 0
    forEachIndex(of: x[0].shape) { index in
      let target = index.indices.reduce(0) {
        $0 + (slice.starts[$1] + index[$1] * slice.strides[$1]) * own[$1]
      }
      y.numbers[target] = x[0].numbers[position]
      position += 1
    }
    return y
  }
}

/// The operands one after another along an axis.
public struct Concatenate: SingleResultOperation {
  /// The axis along which sizes add up.
  public let axis: Int

  public var name: String { "concatenate axis \(axis)" }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    guard let first = x.first, (0..<first.shape.rank).contains(axis) else {
      throw ShapeError(
        "concatenate over axis \(axis) of \(x.first?.shape.description ?? "nothing")")
    }
    for type in x {
      guard type.dtype == first.dtype, type.shape.rank == first.shape.rank,
        type.shape.removing(axis) == first.shape.removing(axis)
      else { throw ShapeError("concatenate expects shapes that differ in axis \(axis) only") }
    }
    var result = first
    result.shape[axis] = x.reduce(0) { $0 + $1.shape[axis] }
    return result
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    var start = 0
    return x.map { x in
      defer { start += x.shape[axis] }
      return dy.sliced(axis: axis, start..<start + x.shape[axis])
    }
  }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    let outer = type.shape.dims[..<axis].reduce(1, *)
    var numbers: [Double] = []
    for i in 0..<outer {
      for x in x {
        let chunk = x.numbers.count / Swift.max(outer, 1)
        numbers += x.numbers[i * chunk..<(i + 1) * chunk]
      }
    }
    return ReferenceTensor(type.shape, numbers)
  }
}
