import TensorGraph

extension ONNXOperator {
  /// Comparisons and logic.
  static let comparisons: [String: ONNXOperator] = [
    "Equal": ONNXOperator { call in
      guard try call.type(0) != .string else { return try call.equalStrings() }
      return try call.binary(.equal, .bool) { $0 .== $1 }
    },
    "Less": binary(.less, .bool) { $0 .< $1 },
    "LessOrEqual": binary(.lessOrEqual, .bool) { $0 .<= $1 },
    "Greater": binary(.greater, .bool) { $0 .> $1 },
    "GreaterOrEqual": binary(.greaterOrEqual, .bool) { $0 .>= $1 },
    "And": binary(.and, .bool) { $0 .& $1 },
    "Or": binary(.or, .bool) { $0 .| $1 },
    "Xor": binary(.xor, .bool) { $0 .!= $1 },
    "Not": ONNXOperator { call in try call.elementwise(.bool) { !$0[0] } },
    "IsNaN": ONNXOperator { call in try call.elementwise(.bool) { isNaN($0[0]) } },
    "IsInf": ONNXOperator { call in
      let (low, high) = (call.bool("detect_negative", true), call.bool("detect_positive", true))
      return try call.elementwise(.bool) { x in
        switch (low, high) {
        case (true, true): isInfinite(x[0])
        case (true, false): x[0] .== -.infinity
        case (false, true): x[0] .== .infinity
        case (false, false): (x[0] .== .infinity) .& (x[0] .== -.infinity)  // never
        }
      }
    },
  ]

  /// Operations on the bits of integers.
  static let bits: [String: ONNXOperator] = [
    "BitShift": ONNXOperator { call in
      switch call.string("direction") {
      case "LEFT": try call.bitwise(.shiftLeft)
      case "RIGHT": try call.bitwise(.shiftRight)
      case let other:
        throw ONNXError.mistake("direction is \(other ?? "missing"), neither LEFT nor RIGHT")
      }
    },
    "BitwiseAnd": ONNXOperator { try $0.bitwise(.and) },
    "BitwiseOr": ONNXOperator { try $0.bitwise(.or) },
    "BitwiseXor": ONNXOperator { try $0.bitwise(.xor) },
    "BitwiseNot": ONNXOperator { call in
      let type = try call.integerType()
      return try call.with([call.value(0)]).elementwise { x in
        let one = x[0].constant(1)
        let negative = exact(.subtract, type, x[0].constant(0), x[0])
        return exact(.subtract, type, negative, one)  // −x − 1
      }
    },
  ]
}

extension ONNXCall {
  /// The type of the first input, which has to be one of integers.
  fileprivate func integerType() throws -> ONNXType {
    let type = try type(0)
    guard type.isInteger else {
      throw ONNXError.mistake("the input is \(type), bits are those of integers")
    }
    return type
  }

  fileprivate func bitwise(_ kind: IntegerArithmetic.Kind) throws -> [ONNXValue] {
    _ = try integerType()
    return try binary(kind) { a, _ in a }
  }

  /// Whether the strings of two tensors, which have to be known, are the same.
  fileprivate func equalStrings() throws -> [ONNXValue] {
    let (a, b) = (try known(0), try known(1))
    guard b.dtype == .string, let shape = a.shape.broadcast(with: b.shape) else {
      throw ONNXError.mistake("cannot compare \(a.type) with \(b.type)")
    }
    guard shape.count <= 1 << 28 else { throw ONNXError.mistake("the result would be \(shape)") }
    var left = BroadcastWalk(a.shape, over: shape), right = BroadcastWalk(b.shape, over: shape)
    let (first, second) = (a.strings, b.strings)
    let result = (0..<shape.count).map { _ in
      defer {
        left.next()
        right.next()
      }
      return first[left.place] == second[right.place]
    }
    return [.tensor(ONNXTensor(Tensor(shape, result)))]
  }
}
