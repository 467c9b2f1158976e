extension Symbol {
  /// Adds `operation` on `a` and `b` promoted to one element type.
  private static func emit(_ operation: Binary, _ a: Symbol, _ b: Symbol) -> Symbol {
    let dtype = a.dtype.promoted(with: b.dtype)
    return a.trace.emit(operation, [a.cast(to: dtype), b.cast(to: dtype)])
  }

  /// `number` as an operand for this symbol: of its element type if that can hold it.
  private func like(_ number: Double) -> Symbol {
    guard isValid else { return self }
    let fits = dtype.isFloatingPoint || (dtype != .bool && number == number.rounded())
    return trace.constant(number, dtype: fits ? dtype : .float32)
  }

  public static func + (a: Symbol, b: Symbol) -> Symbol { emit(.add, a, b) }
  public static func - (a: Symbol, b: Symbol) -> Symbol { emit(.subtract, a, b) }
  public static func * (a: Symbol, b: Symbol) -> Symbol { emit(.multiply, a, b) }
  /// The quotient; of integers it is a float, as in Keras.
  public static func / (a: Symbol, b: Symbol) -> Symbol {
    emit(.divide, a.floatingPoint, b.floatingPoint)
  }
  /// The remainder with the sign of the divisor, as in Python.
  public static func % (a: Symbol, b: Symbol) -> Symbol { emit(.remainder, a, b) }
  public static prefix func - (a: Symbol) -> Symbol { a.trace.emit(Unary.negate, [a]) }

  public static func + (a: Symbol, b: Double) -> Symbol { a + a.like(b) }
  public static func - (a: Symbol, b: Double) -> Symbol { a - a.like(b) }
  public static func * (a: Symbol, b: Double) -> Symbol { a * a.like(b) }
  public static func / (a: Symbol, b: Double) -> Symbol { a / a.like(b) }
  public static func + (a: Double, b: Symbol) -> Symbol { b.like(a) + b }
  public static func - (a: Double, b: Symbol) -> Symbol { b.like(a) - b }
  public static func * (a: Double, b: Symbol) -> Symbol { b.like(a) * b }
  public static func / (a: Double, b: Symbol) -> Symbol { b.like(a) / b }

  public static func .== (a: Symbol, b: Symbol) -> Symbol { emit(.equal, a, b) }
  public static func .!= (a: Symbol, b: Symbol) -> Symbol { emit(.notEqual, a, b) }
  public static func .< (a: Symbol, b: Symbol) -> Symbol { emit(.less, a, b) }
  public static func .<= (a: Symbol, b: Symbol) -> Symbol { emit(.lessOrEqual, a, b) }
  public static func .> (a: Symbol, b: Symbol) -> Symbol { emit(.greater, a, b) }
  public static func .>= (a: Symbol, b: Symbol) -> Symbol { emit(.greaterOrEqual, a, b) }
  public static func .== (a: Symbol, b: Double) -> Symbol { a .== a.like(b) }
  public static func .!= (a: Symbol, b: Double) -> Symbol { a .!= a.like(b) }
  public static func .< (a: Symbol, b: Double) -> Symbol { a .< a.like(b) }
  public static func .<= (a: Symbol, b: Double) -> Symbol { a .<= a.like(b) }
  public static func .> (a: Symbol, b: Double) -> Symbol { a .> a.like(b) }
  public static func .>= (a: Symbol, b: Double) -> Symbol { a .>= a.like(b) }
  public static func .& (a: Symbol, b: Symbol) -> Symbol { emit(.logicalAnd, a, b) }
  public static func .| (a: Symbol, b: Symbol) -> Symbol { emit(.logicalOr, a, b) }
  public static prefix func ! (a: Symbol) -> Symbol { a.trace.emit(Unary.logicalNot, [a]) }

  /// The same numbers as elements of `dtype`.
  public func cast(to dtype: DType) -> Symbol {
    !isValid || dtype == self.dtype ? self : trace.emit(Cast(dtype: dtype), [self])
  }

  /// This symbol, or its numbers as `float32` if they are integers.
  public var floatingPoint: Symbol { dtype.isFloatingPoint ? self : cast(to: .float32) }
}

/// The larger of `a` and `b`; of equal operands each gets half of the derivative.
public func maximum(_ a: Symbol, _ b: Symbol) -> Symbol { binary(.maximum, a, b) }
/// The larger of `a` and `b`.
public func maximum(_ a: Symbol, _ b: Double) -> Symbol { maximum(a, a.constant(b)) }
/// The smaller of `a` and `b`; of equal operands each gets half of the derivative.
public func minimum(_ a: Symbol, _ b: Symbol) -> Symbol { binary(.minimum, a, b) }
/// The smaller of `a` and `b`.
public func minimum(_ a: Symbol, _ b: Double) -> Symbol { minimum(a, a.constant(b)) }
/// aᵇ
public func pow(_ a: Symbol, _ b: Symbol) -> Symbol { binary(.power, a, b) }
/// aᵇ
public func pow(_ a: Symbol, _ b: Double) -> Symbol { pow(a, a.constant(b)) }
/// aᵇ
public func pow(_ a: Double, _ b: Symbol) -> Symbol { pow(b.constant(a), b) }
/// The angle of the point (b, a), from −π to π.
public func atan2(_ a: Symbol, _ b: Symbol) -> Symbol { binary(.atan2, a, b) }
/// `a` where `condition` holds, else `b`.
public func select(_ condition: Symbol, _ a: Symbol, _ b: Symbol) -> Symbol {
  let dtype = a.dtype.promoted(with: b.dtype)
  return a.trace.emit(Select(), [condition, a.cast(to: dtype), b.cast(to: dtype)])
}
/// `a` where `condition` holds, else `b`.
public func select(_ condition: Symbol, _ a: Symbol, _ b: Double) -> Symbol {
  select(condition, a, a.constant(b))
}
/// `x` held between `low` and `high`.
public func clip(_ x: Symbol, _ low: Double, _ high: Double) -> Symbol {
  minimum(maximum(x, low), high)
}

private func binary(_ operation: Binary, _ a: Symbol, _ b: Symbol) -> Symbol {
  let dtype = a.dtype.promoted(with: b.dtype)
  return a.trace.emit(operation, [a.cast(to: dtype), b.cast(to: dtype)])
}

extension Symbol {
  /// `number` with no axes, in the element type of this symbol.
  public func constant(_ number: Double) -> Symbol {
    isValid ? trace.constant(number, dtype: dtype) : self
  }
}
