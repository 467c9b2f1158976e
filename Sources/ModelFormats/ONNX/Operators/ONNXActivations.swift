import TensorGraph

extension ONNXOperator {
  /// Activations.
  static let activations: [String: ONNXOperator] = [
    "Relu": activation { _ in { relu($0) } },
    "LeakyRelu": activation { call in
      let alpha = call.float("alpha", 0.01)
      return { leakyReLU($0, negativeSlope: alpha) }
    },
    "Elu": activation { call in
      let alpha = call.float("alpha", 1)
      return { elu($0, alpha: alpha) }
    },
    "Selu": activation { call in
      let alpha = call.float("alpha", 1.67326319217681884765625)
      let gamma = call.float("gamma", 1.05070102214813232421875)
      return { gamma * elu($0, alpha: alpha) }
    },
    "Celu": activation { call in
      let alpha = call.float("alpha", 1)
      guard alpha != 0 else { throw ONNXError.mistake("alpha is 0") }
      return { celu($0, alpha: alpha) }
    },
    "ThresholdedRelu": activation { call in
      let alpha = call.float("alpha", 1)
      return { select($0 .> alpha, $0, 0) }
    },
    "HardSigmoid": activation { call in
      let (alpha, beta) = (call.float("alpha", 0.2), call.float("beta", 0.5))
      return { clip(alpha * $0 + beta, 0, 1) }
    },
    "HardSwish": activation { _ in { $0 * clip($0 / 6 + 0.5, 0, 1) } },
    "Sigmoid": activation { _ in { sigmoid($0) } },
    "Tanh": activation { _ in { tanh($0) } },
    "Softplus": activation { _ in { softplus($0) } },
    "Softsign": activation { _ in { softsign($0) } },
    "Gelu": activation { call in
      let approximate = call.string("approximate", "none")
      guard ["none", "tanh"].contains(approximate) else {
        throw ONNXError.mistake("approximate is \(approximate)")
      }
      return { gelu($0, approximate: approximate == "tanh") }
    },
    "Mish": activation { _ in { mish($0) } },
    "Swish": activation { call in
      let alpha = call.float("alpha", 1)
      return { $0 * sigmoid(alpha * $0) }
    },
    "Shrink": activation { call in
      let (bias, lambda) = (call.float("bias", 0), call.float("lambd", 0.5))
      return { select($0 .< -lambda, $0 + bias, select($0 .> lambda, $0 - bias, 0)) }
    },
    "PRelu": ONNXOperator { try $0.parametricReLU() },
    "Softmax": ONNXOperator { try $0.alongAxis { softmax($0, axis: $1) } },
    "LogSoftmax": ONNXOperator { try $0.alongAxis { logSoftmax($0, axis: $1) } },
    "Hardmax": ONNXOperator { call in
      try call.alongAxis { x, axis in
        let largest = x.argmax(axis: axis).expandingDims(at: axis)
        return (x.trace.iota(x.shape, axis: axis) .== largest).cast(to: x.dtype)
      }
    },
    "Dropout": ONNXOperator(.always) { try $0.dropout() },
  ]

  /// An activation, whose function follows from the attributes.
  private static func activation(
    _ function: @escaping @Sendable (ONNXCall) throws -> (Symbol) -> Symbol
  ) -> ONNXOperator {
    ONNXOperator { call in
      let body = try function(call)
      return try call.elementwise { x in
        guard let x = x.first else { throw ONNXError.mistake("input 0 is missing") }
        return body(x).cast(to: x.dtype)
      }
    }
  }
}

extension ONNXCall {
  /// x where it is not negative, else a slope times x: a slope for each channel, or of any shape
  /// that broadcasts to x.
  fileprivate func parametricReLU() throws -> [ONNXValue] {
    func body(_ x: Symbol, _ slope: Symbol) -> Symbol {
      select(x .< 0, x * slope, x).cast(to: x.dtype)
    }
    let (shape, slopes) = (try shape(0), try shape(1))
    // Old files leave out the axes of size 1.
    let isOld = opset < 7 && slopes.rank == 1
    let isPerChannel =
      shape.rank > 2 && slopes.count == shape[1]
      && (isOld || slopes.rank == shape.rank - 1 && slopes[0] == shape[1])
    guard isPerChannel else { return try elementwise { body($0[0], $0[1]) } }
    return try result(channelsLast: body(channelsLast(0), x(1).reshaped([shape[1]])))
  }

  /// What `body` makes along the attribute axis: the last one by default. Before version 13 it is
  /// all axes from there on, and the default is 1.
  fileprivate func alongAxis(_ body: (Symbol, Int) -> Symbol) throws -> [ONNXValue] {
    let shape = try shape(0), isOld = opset < 13
    guard shape.rank > 0 else {
      guard [0, -1].contains(int("axis", -1)) else {
        throw ONNXError.mistake("a number has no axes")
      }
      return try result(body(x(0).reshaped([1]), 0).reshaped([]))
    }
    // The oldest version may flatten behind the last axis: each number is alone then.
    let given = int("axis", isOld ? 1 : -1)
    let axis = isOld && given == shape.rank ? given : try axis(given, rank: shape.rank)
    guard shape.count > 0 else { return try result(x(0)) }
    if isOld, axis != shape.rank - 1 {
      let x = try x(0), width = shape.dims[axis...].reduce(1, *)
      let y = body(x.reshaped([shape.count / width, width]), 1)
      return try result(y.isValid ? y.reshaped(shape).cast(to: x.dtype) : y)
    }
    if try tensor(0).isChannelsLast {
      let x = try channelsLast(0)
      return try result(
        channelsLast: body(x, axis == 0 ? 0 : axis == 1 ? shape.rank - 1 : axis - 1)
          .cast(to: x.dtype))
    }
    let x = try x(0)
    return try result(body(x, axis).cast(to: x.dtype))
  }

  /// A share of the elements set to 0 and the rest scaled up: in training steps, and where the
  /// file says so. The second result says which ones stay.
  fileprivate func dropout() throws -> [ONNXValue] {
    let ratio = opset >= 12 ? (has(1) ? try number(1) : 0.5) : float("ratio", 0.5)
    guard (0...1).contains(ratio) else { throw ONNXError.mistake("ratio is \(ratio)") }
    let isActive =
      try context.isTraining || (opset >= 12 && has(2) && known(2).numbers.first ?? 0 != 0)
    let tensor = try tensor(0), x = try tensor.isChannelsLast ? channelsLast(0) : x(0)
    let maskType = opset >= 10 ? ONNXType.bool : tensor.type
    func value(_ symbol: Symbol, _ type: ONNXType) -> ONNXValue {
      .tensor(
        tensor.isChannelsLast
          ? ONNXTensor(channelsLast: symbol, type: type) : ONNXTensor(symbol, type: type))
    }
    guard isActive, ratio > 0 else {
      let all = trace.constant(1, x.shape, dtype: maskType.dtype ?? .bool)
      return [value(x, tensor.type), value(all, maskType)]
    }
    let (key, stream) = try seeded()
    let kept = randomUniform(key, stream: stream, x.shape) .>= ratio
    let scale = ratio < 1 ? 1 / (1 - ratio) : 0
    return [
      value(select(kept, x * scale, 0), tensor.type),
      value(kept.cast(to: maskType.dtype ?? .bool), maskType),
    ]
  }
}
