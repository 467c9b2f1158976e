import Foundation

/// The elementwise operations of two operands of one type, a row each. Shapes broadcast.
public enum Binary: String, CaseIterable, SingleResultOperation {
  case add, subtract, multiply, divide, maximum, minimum, power, remainder, atan2
  case logicalAnd, logicalOr, logicalXor
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

  /// Its value. A NaN operand makes the maximum and the minimum NaN; the remainder has the sign
  /// of the divisor, as in Python.
  func value(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .maximum: a.isNaN || b.isNaN ? .nan : Swift.max(a, b)
    case .minimum: a.isNaN || b.isNaN ? .nan : Swift.min(a, b)
    case .power: Foundation.pow(a, b)
    case .remainder: a - b * (a / b).rounded(.down)
    case .atan2: Foundation.atan2(a, b)
    case .logicalAnd: a != 0 && b != 0 ? 1 : 0
    case .logicalOr: a != 0 || b != 0 ? 1 : 0
    case .logicalXor: (a != 0) != (b != 0) ? 1 : 0
    case .equal: a == b ? 1 : 0
    case .notEqual: a != b ? 1 : 0
    case .less: a < b ? 1 : 0
    case .lessOrEqual: a <= b ? 1 : 0
    case .greater: a > b ? 1 : 0
    case .greaterOrEqual: a >= b ? 1 : 0
    }
  }

  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    let (a, b) = (x[0], x[1])
    switch self {
    case .add: return [dy, dy]
    case .subtract: return [dy, -dy]
    case .multiply: return [dy * b, dy * a]
    case .divide: return [dy / b, -dy * y / b]
    case .maximum: return [dy * wins(a .> b, a .== b), dy * wins(b .> a, a .== b)]
    case .minimum: return [dy * wins(a .< b, a .== b), dy * wins(b .< a, a .== b)]
    case .power:
      return [dy * b * pow(a, b - 1), dy * y * log(select(a .> 0, a, 1))]
    case .remainder: return [dy, -dy * floor(a / b)]
    case .atan2:
      let radius = a * a + b * b
      return [dy * b / radius, -dy * a / radius]
    case .logicalAnd, .logicalOr, .logicalXor, .equal, .notEqual, .less, .lessOrEqual, .greater,
      .greaterOrEqual:
      return [nil, nil]
    }

    /// 1 for the operand that was chosen, and half for each of two that are equal.
    func wins(_ alone: Symbol, _ tied: Symbol) -> Symbol {
      alone.cast(to: dy.dtype) + 0.5 * tied.cast(to: dy.dtype)
    }
  }

  /// Whether the result is a `bool`.
  public var isPredicate: Bool {
    switch self {
    case .add, .subtract, .multiply, .divide, .maximum, .minimum, .power, .remainder, .atan2: false
    default: true
    }
  }

  public var name: String { rawValue }

  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    guard x[0].dtype == x[1].dtype else {
      throw ShapeError("\(name) expects operands of one element type", hint: "cast one of them")
    }
    guard let shape = x[0].shape.broadcast(with: x[1].shape) else {
      throw ShapeError("\(name) cannot broadcast \(x[0].shape) with \(x[1].shape)")
    }
    return TensorType(isPredicate ? .bool : x[0].dtype, shape)
  }

  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    let a = x[0].broadcast(to: type.shape).numbers, b = x[1].broadcast(to: type.shape).numbers
    // Integers have no fractions: their quotient is cut off.
    let truncates = self == .divide && !type.dtype.isFloatingPoint
    return ReferenceTensor(
      type.shape,
      zip(a, b).map { truncates ? ($0 / $1).rounded(.towardZero) : value($0, $1) })
  }
}

/// Picks `x[1]` where the condition `x[0]` holds, else `x[2]`. Shapes broadcast.
public struct Select: SingleResultOperation {
  public var name: String { "select" }

  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    guard x[0].dtype == .bool else { throw ShapeError("select expects a condition of type bool") }
    guard x[1].dtype == x[2].dtype else {
      throw ShapeError("select expects operands of one element type", hint: "cast one of them")
    }
    guard let both = x[1].shape.broadcast(with: x[2].shape),
      let all = both.broadcast(with: x[0].shape)
    else { throw ShapeError("select cannot broadcast its operands") }
    return TensorType(x[1].dtype, all)
  }

  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [nil, select(x[0], dy, 0), select(x[0], dy * 0, dy)]
  }

  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    let all = x.map { $0.broadcast(to: type.shape).numbers }
    return ReferenceTensor(
      type.shape, all[0].indices.map { all[0][$0] != 0 ? all[1][$0] : all[2][$0] })
  }
}

/// The same numbers as elements of another type: integers truncate and saturate.
public struct Cast: SingleResultOperation {
  /// The new element type.
  public let dtype: DType

  public var name: String { "cast" }
  public func resultType(_ x: [TensorType]) -> TensorType { TensorType(dtype, x[0].shape) }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [x[0].dtype.isFloatingPoint && dtype.isFloatingPoint ? dy.cast(to: x[0].dtype) : nil]
  }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    dtype == .float32 || dtype == .float64  // the reference keeps its precision
      ? x[0] : ReferenceTensor(x[0].shape, x[0].numbers.map(dtype.rounding))
  }
}
