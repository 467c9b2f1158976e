extension Tensor {
  /// The tensor with its axes in another order: axis `i` of the result is axis `permutation[i]`.
  public func transposed(_ permutation: [Int]) -> Tensor {
    precondition(
      permutation.sorted() == Array(shape.dims.indices),
      "\(permutation) is no order of the axes of \(shape)")
    if permutation == Array(shape.dims.indices) { return self }
    guard dtype != .string else {
      let places = Self.offsets(shape, permutation)
      let strings = strings
      return Tensor(Shape(permutation.map { shape[$0] }), places.map { strings[$0] })
    }
    let result = TensorType(dtype, Shape(permutation.map { shape[$0] }))
    return Tensor(result) { out in
      withUnsafeBytes { source in
        func copy<T: BitwiseCopyable>(_: T.Type) {
          Self.transpose(
            source.bindMemory(to: T.self), out.bindMemory(to: T.self), shape, permutation)
        }
        switch dtype.byteCount {
        case 1: copy(UInt8.self)
        case 2: copy(UInt16.self)
        case 4: copy(UInt32.self)
        default: copy(UInt64.self)
        }
      }
    }
  }

  /// The tensor with its axes in the reverse order.
  public func transposed() -> Tensor { transposed(shape.dims.indices.reversed()) }

  /// The same numbers in the element type that weights of 16 bits are mostly read as, which there
  /// are many of; nothing for other types.
  func widened(to dtype: DType) -> Tensor? {
    guard dtype == .float32 else { return nil }
    func converted<S>(_: S.Type, _ number: (S) -> Float) -> Tensor {
      Tensor(TensorType(dtype, shape)) { out in
        withUnsafeBytes { source in
          let source = source.bindMemory(to: S.self), out = out.bindMemory(to: Float.self)
          for index in source.indices {
            out.initializeElement(at: index, to: number(source[index]))
          }
        }
      }
    }
    switch self.dtype {
    case .float16: return converted(Float16.self) { Float($0) }
    // The upper half of a Float.
    case .bfloat16: return converted(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .float64: return converted(Double.self) { Float($0) }
    default: return nil
    }
  }

  /// The same elements in memory of the tensor's own, where it views that of a file.
  package func owned() -> Tensor {
    isView ? Tensor(type) { out in withUnsafeBytes { out.copyMemory(from: $0) } } : self
  }

  /// The distances, in elements, of the axes of a transposed tensor in the original.
  private static func strides(_ shape: Shape, _ permutation: [Int]) -> [Int] {
    permutation.map { shape.strides[$0] }
  }

  private static func offsets(_ shape: Shape, _ permutation: [Int]) -> [Int] {
    let strides = strides(shape, permutation)
    return zip(permutation, strides).reduce([0]) { offsets, axis in
      offsets.flatMap { offset in (0..<shape[axis.0]).map { offset + $0 * axis.1 } }
    }
  }

  /// Copies the last two axes in tiles that fit into the cache, for all places of the others.
  private static func transpose<T: BitwiseCopyable>(
    _ source: UnsafeBufferPointer<T>, _ out: UnsafeMutableBufferPointer<T>, _ shape: Shape,
    _ permutation: [Int]
  ) {
    guard source.count > 0, let from = source.baseAddress, let to = out.baseAddress else { return }
    let rank = permutation.count
    guard rank > 1 else { return to.update(from: from, count: source.count) }
    let strides = strides(shape, permutation)
    let (rows, columns) = (shape[permutation[rank - 2]], shape[permutation[rank - 1]])
    let (rowStride, columnStride) = (strides[rank - 2], strides[rank - 1])
    let outer = offsets(shape, Array(permutation.dropLast(2)))
    for (plane, offset) in outer.enumerated() {
      let from = from + offset, to = to + plane * rows * columns
      for top in stride(from: 0, to: rows, by: 32) {
        for left in stride(from: 0, to: columns, by: 32) {
          for row in top..<min(top + 32, rows) {
            for column in left..<min(left + 32, columns) {
              to[row * columns + column] = from[row * rowStride + column * columnStride]
            }
          }
        }
      }
    }
  }
}
