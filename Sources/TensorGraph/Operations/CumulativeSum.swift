/// The sum of the elements up to each along an axis.
public struct CumulativeSum: SingleResultOperation {
  /// The axis along which the elements are added.
  public let axis: Int
  /// Whether an element is left out of its own sum.
  public let exclusive: Bool
  /// Whether the sum runs from the end.
  public let reverse: Bool

  /// Creates the operation.
  public init(axis: Int, exclusive: Bool = false, reverse: Bool = false) {
    self.axis = axis
    self.exclusive = exclusive
    self.reverse = reverse
  }

  public var name: String {
    "cumulativeSum axis \(axis)\(exclusive ? " exclusive" : "")\(reverse ? " reverse" : "")"
  }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    guard x[0].shape.dims.indices.contains(axis) else {
      throw ShapeError("cumulativeSum over axis \(axis) of a tensor with \(x[0].shape.rank) axes")
    }
    guard x[0].dtype != .bool else {
      throw ShapeError("cumulativeSum expects numbers", hint: "cast them: x.cast(to: .int32)")
    }
    return x[0]
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [dy.cumulativeSum(axis: axis, exclusive: exclusive, reverse: !reverse)]
  }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    let inner = type.shape.strides[axis], size = type.shape[axis]
    var y = x[0]
    for line in 0..<(size == 0 ? 0 : y.numbers.count / size) {
      let start = line / inner * inner * size + line % inner
      var sum = 0.0
      for step in 0..<size {
        let at = start + (reverse ? size - 1 - step : step) * inner
        let before = sum
        sum += x[0].numbers[at]
        y.numbers[at] = exclusive ? before : sum
      }
    }
    return y
  }
}
