/// The absolute value.
public func abs(_ x: Symbol) -> Symbol { x.trace.emit(Unary.abs, [x]) }
/// 1, −1 or 0 by the sign of `x`.
public func sign(_ x: Symbol) -> Symbol { x.trace.emit(Unary.sign, [x]) }
/// x²
public func square(_ x: Symbol) -> Symbol { x.trace.emit(Unary.square, [x]) }
/// 1 / x
public func reciprocal(_ x: Symbol) -> Symbol { x.trace.emit(Unary.reciprocal, [x.floatingPoint]) }
/// √x
public func sqrt(_ x: Symbol) -> Symbol { x.trace.emit(Unary.sqrt, [x.floatingPoint]) }
/// 1 / √x
public func rsqrt(_ x: Symbol) -> Symbol { x.trace.emit(Unary.rsqrt, [x.floatingPoint]) }
/// eˣ
public func exp(_ x: Symbol) -> Symbol { x.trace.emit(Unary.exp, [x.floatingPoint]) }
/// eˣ − 1, exact near 0.
public func expm1(_ x: Symbol) -> Symbol { x.trace.emit(Unary.expm1, [x.floatingPoint]) }
/// The natural logarithm.
public func log(_ x: Symbol) -> Symbol { x.trace.emit(Unary.log, [x.floatingPoint]) }
/// log(1 + x), exact near 0.
public func log1p(_ x: Symbol) -> Symbol { x.trace.emit(Unary.log1p, [x.floatingPoint]) }
/// The sine.
public func sin(_ x: Symbol) -> Symbol { x.trace.emit(Unary.sin, [x.floatingPoint]) }
/// The cosine.
public func cos(_ x: Symbol) -> Symbol { x.trace.emit(Unary.cos, [x.floatingPoint]) }
/// The tangent.
public func tan(_ x: Symbol) -> Symbol { x.trace.emit(Unary.tan, [x.floatingPoint]) }
/// The angle whose sine is `x`.
public func asin(_ x: Symbol) -> Symbol { x.trace.emit(Unary.asin, [x.floatingPoint]) }
/// The angle whose cosine is `x`.
public func acos(_ x: Symbol) -> Symbol { x.trace.emit(Unary.acos, [x.floatingPoint]) }
/// The angle whose tangent is `x`.
public func atan(_ x: Symbol) -> Symbol { x.trace.emit(Unary.atan, [x.floatingPoint]) }
/// The hyperbolic sine.
public func sinh(_ x: Symbol) -> Symbol { x.trace.emit(Unary.sinh, [x.floatingPoint]) }
/// The hyperbolic cosine.
public func cosh(_ x: Symbol) -> Symbol { x.trace.emit(Unary.cosh, [x.floatingPoint]) }
/// The inverse hyperbolic sine.
public func asinh(_ x: Symbol) -> Symbol { x.trace.emit(Unary.asinh, [x.floatingPoint]) }
/// The inverse hyperbolic cosine.
public func acosh(_ x: Symbol) -> Symbol { x.trace.emit(Unary.acosh, [x.floatingPoint]) }
/// The inverse hyperbolic tangent.
public func atanh(_ x: Symbol) -> Symbol { x.trace.emit(Unary.atanh, [x.floatingPoint]) }
/// The hyperbolic tangent.
public func tanh(_ x: Symbol) -> Symbol { x.trace.emit(Unary.tanh, [x.floatingPoint]) }
/// 1 / (1 + e⁻ˣ)
public func sigmoid(_ x: Symbol) -> Symbol { x.trace.emit(Unary.sigmoid, [x.floatingPoint]) }
/// log(1 + eˣ)
public func softplus(_ x: Symbol) -> Symbol { x.trace.emit(Unary.softplus, [x.floatingPoint]) }
/// max(x, 0), with derivative 0 at 0.
public func relu(_ x: Symbol) -> Symbol { x.trace.emit(Unary.relu, [x]) }
/// The error function, 2/√π ∫₀ˣ e⁻ᵗ² dt.
public func erf(_ x: Symbol) -> Symbol { x.trace.emit(Unary.erf, [x.floatingPoint]) }
/// The largest integer not above `x`.
public func floor(_ x: Symbol) -> Symbol { x.trace.emit(Unary.floor, [x]) }
/// The smallest integer not below `x`.
public func ceil(_ x: Symbol) -> Symbol { x.trace.emit(Unary.ceil, [x]) }
/// The nearest integer; a half goes to the even one.
public func round(_ x: Symbol) -> Symbol { x.trace.emit(Unary.round, [x]) }
/// `x` without its fraction.
public func truncate(_ x: Symbol) -> Symbol { x.trace.emit(Unary.truncate, [x]) }
/// Whether `x` is not a number.
public func isNaN(_ x: Symbol) -> Symbol { x.trace.emit(Unary.isNaN, [x]) }
/// Whether `x` is infinite.
public func isInfinite(_ x: Symbol) -> Symbol { x.trace.emit(Unary.isInfinite, [x]) }
/// Whether `x` is neither infinite nor NaN.
public func isFinite(_ x: Symbol) -> Symbol { x.trace.emit(Unary.isFinite, [x]) }
