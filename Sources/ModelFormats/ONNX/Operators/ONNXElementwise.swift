import TensorGraph

extension ONNXOperator {
  /// Sums, products, comparisons and functions, element by element.
  static let elementwise: [String: ONNXOperator] = [arithmetic, functions, comparisons, bits]
    .reduce(into: [:]) { all, part in all.merge(part) { first, _ in first } }

  /// An operator with two operands of one type that broadcast.
  static func binary(
    _ integer: IntegerArithmetic.Kind, _ type: ONNXType? = nil,
    _ body: @escaping @Sendable (Symbol, Symbol) -> Symbol
  ) -> ONNXOperator {
    ONNXOperator { call in try call.binary(integer, type, body) }
  }

  /// An operator with any number of operands of one type that broadcast.
  private static func variadic(
    _ integer: IntegerArithmetic.Kind, _ body: @escaping @Sendable (Symbol, Symbol) -> Symbol
  ) -> ONNXOperator {
    ONNXOperator { call in
      let type = try call.type(0)
      return try call.elementwise { x in
        x.dropFirst().reduce(x[0]) {
          type.isInteger ? exact(integer, type, $0, $1) : body($0, $1)
        }
      }
    }
  }

  /// Arithmetic of two operands and more.
  private static let arithmetic: [String: ONNXOperator] = [
    "Add": binary(.add) { $0 + $1 },
    "Sub": binary(.subtract) { $0 - $1 },
    "Mul": binary(.multiply) { $0 * $1 },
    "Div": binary(.divide) { $0 / $1 },
    "Mod": ONNXOperator { call in
      guard try call.bool("fmod") else { return try call.binary(.remainder) { $0 % $1 } }
      return try call.binary(.truncatedRemainder) { sign($0) * (abs($0) % abs($1)) }
    },
    "Pow": ONNXOperator { try $0.power() },
    "Min": variadic(.minimum) { minimum($0, $1) },
    "Max": variadic(.maximum) { maximum($0, $1) },
    "Sum": variadic(.add) { $0 + $1 },
    "Mean": ONNXOperator { call in
      let count = Double(call.inputs.count)
      _ = try call.tensor(0)
      return try call.elementwise { x in x.dropFirst().reduce(x[0]) { $0 + $1 } / count }
    },
    "Clip": ONNXOperator { try $0.clipped() },
    "Where": ONNXOperator { try $0.chosen() }.movingStrings(),
  ]
}

/// What two symbols of `type`, integers, give.
func exact(
  _ kind: IntegerArithmetic.Kind, _ type: ONNXType, _ a: Symbol, _ b: Symbol
) -> Symbol {
  a.trace.emit(IntegerArithmetic(kind: kind, type: type), [a, b])
}

extension ONNXCall {
  /// The same call with other inputs.
  func with(_ inputs: [ONNXValue?]) -> ONNXCall {
    ONNXCall(
      node: node, inputs: inputs, trace: trace, context: context, evaluation: evaluation,
      scope: scope)
  }

  /// What `body`, or exact arithmetic of integers, makes of the two inputs.
  func binary(
    _ integer: IntegerArithmetic.Kind, _ result: ONNXType? = nil,
    _ body: (Symbol, Symbol) -> Symbol
  ) throws -> [ONNXValue] {
    let call = try alignedByAxis(), type = try type(0)
    guard try self.type(1) == type else {
      throw ONNXError.mistake("the inputs are \(type) and \(try self.type(1)), not of one type")
    }
    return try call.elementwise(result) { x in
      type.isInteger ? exact(integer, type, x[0], x[1]) : body(x[0], x[1])
    }
  }

  /// The two inputs as they broadcast: before version 7 `axis` said which axis of the first the
  /// first axis of the second is.
  func alignedByAxis() throws -> ONNXCall {
    let inputs = [ONNXValue.tensor(try tensor(0)), .tensor(try tensor(1))]
    let (a, b) = (try shape(0).rank, try shape(1))
    guard opset < 7, bool("broadcast"), let given = int("axis"), b.rank > 0 else {
      return with(inputs)
    }
    let axis = try axis(given, rank: a)
    guard axis + b.rank <= a else {
      throw ONNXError.mistake("\(b) does not fit into \(try shape(0)) from axis \(axis) on")
    }
    let ones = [Int](repeating: 1, count: a - axis - b.rank)
    return with([
      inputs[0], .tensor(ONNXTensor(try x(1).reshaped(Shape(b.dims + ones)), type: try type(1))),
    ])
  }

  /// The only number of the input at `index`, if that is a constant.
  func constant(_ index: Int) throws -> Double? {
    let tensor = try tensor(index)
    guard tensor.isConstant, let known = tensor.known, known.count == 1, known.dtype != .string
    else { return nil }
    return known.numbers[0]
  }

  /// xʸ in the type of x.
  fileprivate func power() throws -> [ONNXValue] {
    let call = try alignedByAxis(), type = try type(0), exponent = try self.type(1)
    let known = try constant(1)
    return try call.elementwise(type) { x in
      if type.isInteger {
        if exponent.isInteger { return exact(.power, type, x[0], x[1]) }
        return pow(x[0].cast(to: .float64), x[1].cast(to: .float64)).cast(to: x[0].dtype)
      }
      switch known {
      case 2 where x[1].shape.rank <= x[0].shape.rank: return square(x[0])
      case 0.5 where x[1].shape.rank <= x[0].shape.rank: return sqrt(x[0])
      default: return pow(x[0], x[1].cast(to: x[0].dtype))
      }
    }
  }

  /// The first input held between two limits, each of which may be missing.
  fileprivate func clipped() throws -> [ONNXValue] {
    let type = try type(0)
    if opset < 11 {
      let (low, high) = (float("min"), float("max"))
      return try with([inputs[0]]).elementwise { try held($0[0], type, low, high, []) }
    }
    let places = [1, 2].filter(has)
    for place in places where try shape(place).count != 1 {
      throw ONNXError.mistake("a limit has the shape \(try shape(place)), it is one number")
    }
    let limits = try places.map { (place: $0, number: type.isInteger ? nil : try constant($0)) }
    // Known limits are left out, so that the engine sees them as the numbers they are.
    let open = limits.filter { $0.number == nil }.map(\.place)
    func number(_ place: Int) -> Double? { limits.first { $0.place == place }?.number ?? nil }
    return try with([inputs[0]] + open.map { inputs[$0] }).elementwise { x in
      let rest = zip(open, x.dropFirst()).map { ($0, $1.reshaped([])) }
      return try held(x[0], type, number(1), number(2), rest)
    }
  }

  /// `x` between two limits: numbers, or symbols by the place of the input.
  private func held(
    _ x: Symbol, _ type: ONNXType, _ low: Double?, _ high: Double?, _ open: [(Int, Symbol)]
  ) throws -> Symbol {
    if low == 0, high == 6, !type.isInteger { return relu6(x) }
    var y = x
    for (place, number) in [(1, low), (2, high)] {
      guard let limit = number.map(x.constant) ?? open.first(where: { $0.0 == place })?.1 else {
        continue
      }
      switch (place, type.isInteger) {
      case (1, true): y = exact(.maximum, type, y, limit)
      case (_, true): y = exact(.minimum, type, y, limit)
      case (1, false): y = maximum(y, limit)
      default: y = minimum(y, limit)
      }
    }
    return y
  }

  /// The second input where the first holds, else the third.
  fileprivate func chosen() throws -> [ONNXValue] {
    let type = try type(1)
    guard try self.type(2) == type, try self.type(0) == .bool else {
      throw ONNXError.mistake(
        "the inputs are \(try self.type(0)), \(type) and \(try self.type(2)), "
          + "not a bool and two of one type")
    }
    return try with(Array(inputs.prefix(3))).elementwise(type) { x in
      guard type == .int64 || type == .uint64 else { return select(x[0], x[1], x[2]) }
      // Exact beyond 2⁵³: all bits of a mask are those of the condition.
      let mask = exact(.subtract, type, x[0].constant(0).cast(to: .int64), x[0].cast(to: .int64))
      let difference = exact(.xor, type, x[1], x[2])
      return exact(.xor, type, x[2], exact(.and, type, difference, mask))
    }
  }
}
