import NeuralNetworks
import TensorGraph

/// Constants, and operations on each element alone.
extension GraphExporter {
  func fill(_ node: AlignedNode) throws -> ExportValue {
    let type = node.type(), numbers = node.attributes(Fill.self, \.number)
    var value: ExportValue
    if numbers.allSatisfy({ $0 == numbers[0] || ($0.isNaN && numbers[0].isNaN) }) {
      value = scope.scalar(numbers[0], type.dtype)
    } else {
      value = try size(numbers, type.dtype)
      if type.sizes.isEmpty { value = scope.squeeze(value, [0]) }
    }
    value.sizes = type.sizes
    return value
  }

  /// A number that follows from open sizes: one of them, or 1 by one.
  private func size(_ numbers: [Double], _ dtype: DType) throws -> ExportValue {
    func integers(_ numbers: [Double]) -> Extent? {
      let integers = numbers.map { $0.rounded() }
      guard numbers.allSatisfy({ $0.magnitude < 1e15 }),
        zip(numbers, integers).allSatisfy({ ($0 - $1).magnitude <= 1e-9 * $1.magnitude })
      else { return nil }
      return Extent(integers.map { Int($0) })
    }
    if let extent = integers(numbers) { return scope.cast(try scope.size(extent), dtype) }
    if let extent = integers(numbers.map { 1 / $0 }) {
      let size = scope.cast(try scope.size(extent), dtype)
      return scope.elementwise("Reciprocal", [size])
    }
    throw scope.openSizeMistake(numbers)
  }

  func literal(_ node: AlignedNode, _ literal: Literal) throws -> ExportValue {
    guard node.isFixed else {
      throw FormatError(
        "numbers that \(model.modelPath(node.path)) computes with follow from open sizes",
        hint: "give the inputs fixed sizes")
    }
    return scope.constant(literal.tensor)
  }

  func iota(_ node: AlignedNode) throws -> ExportValue {
    guard let iota = node.operation as? Iota else { return try operand(node) }
    let type = node.type(), size = type.sizes[iota.axis]
    let ones = Array(repeating: 1, count: type.sizes.count - 1 - iota.axis)
    var value: ExportValue
    if let size = size.fixed, size <= 4096 {
      value = scope.constant(
        Tensor(
          TensorType(type.dtype, Shape([size] + ones)), numbers: (0..<size).map { Double($0) }))
    } else {
      let end = scope.squeeze(try scope.size(size), [0])
      value = scope.one(
        "Range", [scope.scalar(0, .int64), end, scope.scalar(1, .int64)], [:],
        ExportType(.int64, [size]))
      value = scope.cast(value, type.dtype)
      if !ones.isEmpty { value = scope.unsqueeze(value, ones.indices.map { $0 + 1 }) }
    }
    value.sizes = type.sizes
    return value
  }

  func unary(_ node: AlignedNode, _ operation: Unary) throws -> ExportValue {
    let x = try operand(node)
    func one(_ type: String, as dtype: DType? = nil) -> ExportValue {
      scope.elementwise(type, [x], as: dtype)
    }
    let isFloat = x.dtype.isFloatingPoint
    switch operation {
    case .negate:
      return isFloat || x.dtype == .int32 || x.dtype == .int64
        ? one("Neg") : scope.subtract(scope.scalar(0, x.dtype), x)
    case .abs: return one("Abs")
    case .sign: return one("Sign")
    case .square: return scope.multiply(x, x)
    case .reciprocal: return one("Reciprocal")
    case .sqrt: return one("Sqrt")
    case .rsqrt: return scope.elementwise("Reciprocal", [one("Sqrt")])
    case .exp: return one("Exp")
    case .expm1:  // without the loss of precision near 0: tanh(x / 2) · (eˣ + 1)
      let half = scope.elementwise("Tanh", [scope.multiply(x, 0.5)])
      return scope.multiply(half, scope.add(one("Exp"), 1))
    case .log: return one("Log")
    case .log1p:  // near 0: 2 · artanh(x / (x + 2))
      let ratio = scope.divide(x, scope.add(x, 2))
      let near = scope.multiply(scope.elementwise("Atanh", [ratio]), 2)
      let isNear = scope.compare("Less", one("Abs"), 0.5)
      return scope.choose(isNear, near, scope.elementwise("Log", [scope.add(x, 1)]))
    case .sin: return one("Sin")
    case .cos: return one("Cos")
    case .tan: return one("Tan")
    case .asin: return one("Asin")
    case .acos: return one("Acos")
    case .atan: return one("Atan")
    case .sinh: return one("Sinh")
    case .cosh: return one("Cosh")
    case .asinh: return one("Asinh")
    case .acosh: return one("Acosh")
    case .atanh: return one("Atanh")
    case .tanh: return one("Tanh")
    case .sigmoid: return one("Sigmoid")
    case .softplus: return one("Softplus")
    case .relu: return isFloat ? one("Relu") : maximum(x, scope.scalar(0, x.dtype))
    case .relu6:
      return scope.elementwise("Clip", [x, scope.scalar(0, x.dtype), scope.scalar(6, x.dtype)])
    case .erf: return one("Erf")
    case .floor: return isFloat ? one("Floor") : x
    case .ceil: return isFloat ? one("Ceil") : x
    case .round: return isFloat ? one("Round") : x
    case .truncate:
      guard isFloat else { return x }
      return scope.multiply(
        one("Sign"), scope.elementwise("Floor", [one("Abs")]))
    case .isNaN: return isFloat ? one("IsNaN", as: .bool) : never(x)
    case .isInfinite: return isFloat ? one("IsInf", as: .bool) : never(x)
    case .isFinite:
      guard isFloat else { return scope.elementwise("Not", [never(x)]) }
      return scope.elementwise(
        "Not", [scope.elementwise("Or", [one("IsNaN", as: .bool), one("IsInf", as: .bool)])])
    case .logicalNot: return scope.elementwise("Not", [condition(x)])
    }
  }

  /// `false` for each element.
  private func never(_ x: ExportValue) -> ExportValue {
    scope.elementwise("Not", [scope.compare("Equal", x, x)])
  }

  /// Whether each element is not 0.
  private func condition(_ x: ExportValue) -> ExportValue { scope.cast(x, .bool) }

  private func maximum(_ a: ExportValue, _ b: ExportValue) -> ExportValue {
    scope.elementwise("Max", [a, b])
  }

  func binary(_ node: AlignedNode, _ operation: Binary) throws -> ExportValue {
    if let y = try normalized(node) { return y }
    let (a, b) = (try operand(node, 0), try operand(node, 1))
    func both(_ type: String) -> ExportValue { scope.elementwise(type, [a, b]) }
    func logical(_ type: String) -> ExportValue {
      scope.elementwise(type, [condition(a), condition(b)])
    }
    let isNarrow = [.int8, .uint8, .bool].contains(a.dtype)
    switch operation {
    case .add: return a.dtype == .bool ? logical("Or") : scope.add(a, b)
    case .subtract: return try parametricReLU(node) ?? scope.subtract(a, b)
    case .multiply:
      if a.dtype == .bool { return logical("And") }
      return scope.multiply(a, b)
    case .divide: return scope.divide(a, b)
    case .maximum: return isNarrow ? scope.arithmetic("Max", a, b) : both("Max")
    case .minimum: return isNarrow ? scope.arithmetic("Min", a, b) : both("Min")
    case .power: return isNarrow ? scope.arithmetic("Pow", a, b) : both("Pow")
    case .remainder:
      guard a.dtype.isFloatingPoint else { return both("Mod") }
      let quotient = scope.elementwise("Floor", [scope.divide(a, b)])
      return scope.subtract(a, scope.multiply(b, quotient))
    case .atan2: return atan2(a, b)
    case .logicalAnd where a == b, .logicalOr where a == b: return condition(a)
    case .logicalAnd: return logical("And")
    case .logicalOr: return logical("Or")
    case .logicalXor: return logical("Xor")
    case .equal: return scope.compare("Equal", a, b)
    case .notEqual: return scope.elementwise("Not", [scope.compare("Equal", a, b)])
    case .less: return scope.compare("Less", a, b)
    case .lessOrEqual: return scope.compare("LessOrEqual", a, b)
    case .greater: return scope.compare("Greater", a, b)
    case .greaterOrEqual: return scope.compare("GreaterOrEqual", a, b)
    }
  }

  /// The angle of the point (x, y), by the arc tangent of y / x.
  private func atan2(_ y: ExportValue, _ x: ExportValue) -> ExportValue {
    func number(_ value: Double) -> ExportValue { scope.scalar(value, x.dtype) }
    let angle = scope.elementwise("Atan", [scope.divide(y, x)])
    let isBelow = scope.compare("Less", y, 0)
    let turned = scope.choose(
      isBelow, scope.add(angle, -Double.pi), scope.add(angle, Double.pi))
    let upright = scope.multiply(scope.elementwise("Sign", [y]), Double.pi / 2)
    return scope.choose(
      scope.compare("Greater", x, 0), angle,
      scope.choose(scope.compare("Less", x, 0), turned, upright))
  }
}
