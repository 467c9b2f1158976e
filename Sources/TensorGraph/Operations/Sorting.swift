/// The elements in order along an axis, and where each comes from.
///
/// The order is stable. NaN is larger than any number, so it is last when ascending.
///
/// - Results: the values, and their indices (`int32`), both of the operand's shape
public struct Sort: Operation {
  /// The axis along which the elements are ordered.
  public let axis: Int
  /// Whether the largest is first.
  public let descending: Bool

  /// Creates the operation.
  public init(axis: Int, descending: Bool = false) {
    self.axis = axis
    self.descending = descending
  }

  public var name: String { "sort axis \(axis)\(descending ? " descending" : "")" }
  public func resultTypes(_ x: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard x[0].shape.dims.indices.contains(axis) else {
      throw ShapeError("sort over axis \(axis) of a tensor with \(x[0].shape.rank) axes")
    }
    return [x[0], TensorType(.int32, x[0].shape)]
  }
  public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
    [dy[0].map { $0.scattered(along: axis, at: y[1], size: x[0].shape[axis]) }]
  }
  public func evaluate(_ x: [ReferenceTensor], _ types: [TensorType]) -> [ReferenceTensor] {
    let inner = x[0].shape.strides[axis], size = x[0].shape[axis]
    var (values, indices) = (x[0], x[0])
    for line in 0..<(size == 0 ? 0 : x[0].numbers.count / size) {
      let start = line / inner * inner * size + line % inner
      let numbers = (0..<size).map { x[0].numbers[start + $0 * inner] }
      for (to, from) in order(numbers, descending: descending).enumerated() {
        values.numbers[start + to * inner] = numbers[from]
        indices.numbers[start + to * inner] = Double(from)
      }
    }
    return [values, indices]
  }
}

/// The largest elements of the last axis, the largest first, and where each comes from.
///
/// Of equal elements the one with the lower index is first. NaN is larger than any number.
///
/// - Results: the values, and their indices (`int32`), `[…, k]`
public struct TopK: Operation {
  /// How many elements are kept.
  public let k: Int

  /// Creates the operation.
  public init(k: Int) { self.k = k }

  public var name: String { "top \(k)" }
  public func resultTypes(_ x: [TensorType]) throws(ShapeError) -> [TensorType] {
    var shape = x[0].shape
    guard let size = shape.dims.last, (0...size).contains(k) else {
      throw ShapeError("the last axis of \(shape) does not have \(k) elements")
    }
    shape[-1] = k
    return [TensorType(x[0].dtype, shape), TensorType(.int32, shape)]
  }
  public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
    [dy[0].map { $0.scattered(along: -1, at: y[1], size: x[0].shape[-1]) }]
  }
  public func evaluate(_ x: [ReferenceTensor], _ types: [TensorType]) -> [ReferenceTensor] {
    let size = x[0].shape[-1]
    var (values, indices): ([Double], [Double]) = ([], [])
    for start in stride(from: 0, to: x[0].numbers.count, by: Swift.max(size, 1)) {
      let numbers = Array(x[0].numbers[start..<start + size])
      let best = order(numbers, descending: true).prefix(k)
      values += best.map { numbers[$0] }
      indices += best.map(Double.init)
    }
    return [ReferenceTensor(types[0].shape, values), ReferenceTensor(types[1].shape, indices)]
  }
}

/// Where the numbers in order come from; equal ones stay in theirs.
private func order(_ numbers: [Double], descending: Bool) -> [Int] {
  func isLess(_ a: Double, _ b: Double) -> Bool { b.isNaN ? !a.isNaN : a < b }
  return numbers.indices.sorted { i, j in
    let (a, b) = descending ? (numbers[j], numbers[i]) : (numbers[i], numbers[j])
    return isLess(a, b) || (!isLess(b, a) && i < j)
  }
}
