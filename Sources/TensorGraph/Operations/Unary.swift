import Foundation

/// The elementwise operations of one operand, a row each.
public enum Unary: String, CaseIterable, SingleResultOperation {
  case negate, abs, sign, square, reciprocal, sqrt, rsqrt
  case exp, expm1, log, log1p
  case sin, cos, tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh
  case tanh, sigmoid, softplus, relu, relu6, erf
  case floor, ceil, round, truncate
  case isNaN, isInfinite, isFinite, logicalNot

  /// All there is to know about an elementwise operation: its value, and dx given x, y and dy.
  struct Rule {
    var value: (Double) -> Double
    var gradient: (_ x: Symbol, _ y: Symbol, _ dy: Symbol) -> Symbol?
  }

  var rule: Rule {
    switch self {
    case .negate: Rule(value: { -$0 }, gradient: { _, _, dy in -dy })
    case .abs: Rule(value: { Swift.abs($0) }, gradient: { x, _, dy in dy * TensorGraph.sign(x) })
    case .sign: Rule(value: { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }, gradient: { _, _, _ in nil })
    case .square: Rule(value: { $0 * $0 }, gradient: { x, _, dy in 2 * x * dy })
    case .reciprocal: Rule(value: { 1 / $0 }, gradient: { _, y, dy in -dy * y * y })
    case .sqrt: Rule(value: { $0.squareRoot() }, gradient: { _, y, dy in 0.5 * dy / y })
    case .rsqrt:
      Rule(value: { 1 / $0.squareRoot() }, gradient: { x, y, dy in -0.5 * dy * y / x })
    case .exp: Rule(value: { Foundation.exp($0) }, gradient: { _, y, dy in dy * y })
    case .expm1: Rule(value: { Foundation.expm1($0) }, gradient: { _, y, dy in dy * (y + 1) })
    case .log: Rule(value: { Foundation.log($0) }, gradient: { x, _, dy in dy / x })
    case .log1p: Rule(value: { Foundation.log1p($0) }, gradient: { x, _, dy in dy / (x + 1) })
    case .sin:
      Rule(value: { Foundation.sin($0) }, gradient: { x, _, dy in dy * TensorGraph.cos(x) })
    case .cos:
      Rule(value: { Foundation.cos($0) }, gradient: { x, _, dy in -dy * TensorGraph.sin(x) })
    case .tan: Rule(value: { Foundation.tan($0) }, gradient: { _, y, dy in dy * (1 + y * y) })
    case .asin:
      Rule(
        value: { Foundation.asin($0) },
        gradient: { x, _, dy in dy * TensorGraph.rsqrt(1 - x * x) })
    case .acos:
      Rule(
        value: { Foundation.acos($0) },
        gradient: { x, _, dy in -dy * TensorGraph.rsqrt(1 - x * x) })
    case .atan: Rule(value: { Foundation.atan($0) }, gradient: { x, _, dy in dy / (1 + x * x) })
    case .sinh:
      Rule(value: { Foundation.sinh($0) }, gradient: { x, _, dy in dy * TensorGraph.cosh(x) })
    case .cosh:
      Rule(value: { Foundation.cosh($0) }, gradient: { x, _, dy in dy * TensorGraph.sinh(x) })
    case .asinh:
      Rule(
        value: { Foundation.asinh($0) },
        gradient: { x, _, dy in dy * TensorGraph.rsqrt(x * x + 1) })
    case .acosh:
      Rule(
        value: { Foundation.acosh($0) },
        gradient: { x, _, dy in dy * TensorGraph.rsqrt(x * x - 1) })
    case .atanh: Rule(value: { Foundation.atanh($0) }, gradient: { x, _, dy in dy / (1 - x * x) })
    case .tanh: Rule(value: { Foundation.tanh($0) }, gradient: { _, y, dy in dy * (1 - y * y) })
    case .sigmoid:
      Rule(
        value: { 1 / (1 + Foundation.exp(-$0)) }, gradient: { _, y, dy in dy * (y * (1 - y)) })
    case .softplus:
      Rule(
        value: { Swift.max($0, 0) + Foundation.log1p(Foundation.exp(-Swift.abs($0))) },
        gradient: { x, _, dy in dy * TensorGraph.sigmoid(x) })
    case .relu:  // a NaN stays one; the derivative at 0 is 0
      Rule(value: { $0 < 0 ? 0 : $0 }, gradient: { _, y, dy in select(y .> 0, dy, 0) })
    case .relu6:  // the same, and the derivative at 6 is 0
      Rule(
        value: { $0 < 0 ? 0 : $0 > 6 ? 6 : $0 },
        gradient: { _, y, dy in select(y .> 0, select(y .< 6, dy, 0), 0) })
    case .erf:
      Rule(
        value: { Foundation.erf($0) },
        gradient: { x, _, dy in dy * (2 / Double.pi.squareRoot() * TensorGraph.exp(-(x * x))) })
    case .floor: Rule(value: { $0.rounded(.down) }, gradient: { _, _, _ in nil })
    case .ceil: Rule(value: { $0.rounded(.up) }, gradient: { _, _, _ in nil })
    case .round: Rule(value: { $0.rounded(.toNearestOrEven) }, gradient: { _, _, _ in nil })
    case .truncate: Rule(value: { $0.rounded(.towardZero) }, gradient: { _, _, _ in nil })
    case .isNaN: Rule(value: { $0.isNaN ? 1 : 0 }, gradient: { _, _, _ in nil })
    case .isInfinite: Rule(value: { $0.isInfinite ? 1 : 0 }, gradient: { _, _, _ in nil })
    case .isFinite: Rule(value: { $0.isFinite ? 1 : 0 }, gradient: { _, _, _ in nil })
    case .logicalNot: Rule(value: { $0 == 0 ? 1 : 0 }, gradient: { _, _, _ in nil })
    }
  }

  /// Whether the result is a `bool`.
  public var isPredicate: Bool {
    switch self {
    case .isNaN, .isInfinite, .isFinite, .logicalNot: true
    default: false
    }
  }

  /// Whether integers are operands too, with an integer result.
  var takesIntegers: Bool {
    switch self {
    case .negate, .abs, .sign, .square, .relu, .relu6, .floor, .ceil, .round, .truncate: true
    default: isPredicate
    }
  }

  public var name: String { rawValue }

  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    guard x[0].dtype.isFloatingPoint || takesIntegers else {
      throw ShapeError(
        "\(name) expects floating-point numbers", hint: "cast them: x.cast(to: .float32)")
    }
    return TensorType(isPredicate ? .bool : x[0].dtype, x[0].shape)
  }

  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [rule.gradient(x[0], y, dy)]
  }

  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    ReferenceTensor(x[0].shape, x[0].numbers.map(rule.value))
  }
}
