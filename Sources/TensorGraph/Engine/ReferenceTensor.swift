/// What the reference computes with: a shape and its numbers in `Double`, row-major.
public struct ReferenceTensor: Sendable, Equatable {
  /// The sizes of the axes.
  public var shape: Shape
  /// The elements; zeros in place of strings.
  public var numbers: [Double]
  /// The strings, if it is a tensor of those.
  public var strings: Tensor?

  /// Creates a tensor of `numbers`.
  public init(_ shape: Shape, _ numbers: [Double]) {
    precondition(shape.count == numbers.count, "\(numbers.count) numbers do not fill \(shape)")
    self.shape = shape
    self.numbers = numbers
  }

  /// Creates a tensor with every element `number`.
  public init(_ shape: Shape, repeating number: Double) {
    self.init(shape, Array(repeating: number, count: shape.count))
  }

  /// Creates a tensor of the elements of `tensor`.
  public init(_ tensor: Tensor) {
    guard tensor.dtype == .string else {
      self.init(tensor.shape, tensor.numbers)
      return
    }
    self.init(tensor.shape, repeating: 0)
    strings = tensor
  }

  /// The elements repeated along axes of size 1 until they fill `shape`.
  public func broadcast(to shape: Shape) -> ReferenceTensor {
    if self.shape == shape { return self }
    let lead = shape.rank - self.shape.rank
    let own = self.shape.strides
    let strides = (0..<shape.rank).map { axis in
      axis < lead || self.shape.dims[axis - lead] == 1 ? 0 : own[axis - lead]
    }
    return gathered(shape, strides: strides, offset: 0)
  }

  /// The elements of `shape` found at `offset` plus index times stride.
  func gathered(_ shape: Shape, strides: [Int], offset: Int) -> ReferenceTensor {
    var result = [Double]()
    result.reserveCapacity(shape.count)
    forEachIndex(of: shape) { index in
      var position = offset
      for (i, stride) in zip(index, strides) { position += i * stride }
      result.append(numbers[position])
    }
    return ReferenceTensor(shape, result)
  }
}

/// Calls `body` with every index of `shape` in row-major order.
func forEachIndex(of shape: Shape, _ body: ([Int]) -> Void) {
  var index = [Int](repeating: 0, count: shape.rank)
  for _ in 0..<shape.count {
    body(index)
    for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
      index[axis] += 1
      if index[axis] < shape.dims[axis] { break }
      index[axis] = 0
    }
  }
}
