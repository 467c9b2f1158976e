/// A tensor with every element the same number.
public struct Fill: SingleResultOperation {
  /// The number.
  public let number: Double
  /// The type of the result.
  public let type: TensorType

  public var name: String { "fill \(number)" }
  public func resultType(_ x: [TensorType]) -> TensorType { type }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] { [] }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    ReferenceTensor(type.shape, repeating: number)
  }
}

/// A tensor known while tracing.
public struct Literal: SingleResultOperation {
  /// The tensor.
  public let tensor: Tensor

  public var name: String { "literal" }
  public func resultType(_ x: [TensorType]) -> TensorType { tensor.type }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] { [] }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    ReferenceTensor(type.shape, tensor.numbers)
  }
}

/// The numbers 0, 1, 2, … along one axis, the same along all others.
public struct Iota: SingleResultOperation {
  /// The type of the result.
  public let type: TensorType
  /// The axis that counts.
  public let axis: Int

  public var name: String { "iota axis \(axis)" }
  public func resultType(_ x: [TensorType]) -> TensorType { type }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] { [] }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    let stride = type.shape.strides[axis], size = type.shape[axis]
    return ReferenceTensor(type.shape, (0..<type.shape.count).map { Double($0 / stride % size) })
  }
}

extension Trace {
  /// The numbers 0, 1, 2, … along `axis` of `shape`.
  public func iota(_ shape: Shape, axis: Int, dtype: DType = .int32) -> Symbol {
    guard let axis = shape.axis(axis) else { return fail("\(shape) has no axis \(axis)") }
    return emit(Iota(type: TensorType(dtype, shape), axis: axis), [])
  }
}
