import TensorGraph

extension ONNXOperator {
  /// Gradients, and steps of optimizers.
  static let training: [String: ONNXOperator] = [
    "Gradient": ONNXOperator(.byRule) { try $0.gradient() },
    "Adagrad": ONNXOperator { call in
      let epsilon = call.float("epsilon", 1e-6), decay = call.float("decay_factor", 0)
      return try call.optimized(states: 1) { rate, step, x, gradient, states in
        let sum = states[0] + square(gradient)
        return [x - rate / (1 + step * decay) * gradient / (sqrt(sum) + epsilon), sum]
      }
    },
    "Momentum": ONNXOperator { call in
      let (alpha, beta) = (call.float("alpha", 0), call.float("beta", 0))
      let mode = call.string("mode", "standard")
      guard ["standard", "nesterov"].contains(mode) else {
        throw ONNXError.mistake("mode is \(mode)")
      }
      return try call.optimized(states: 1) { rate, step, x, gradient, states in
        let factor = select(step .> 0, step.constant(beta), step.constant(1))
        let velocity = alpha * states[0] + factor * gradient
        let move = mode == "nesterov" ? gradient + alpha * velocity : velocity
        return [x - rate * move, velocity]
      }
    },
    "Adam": ONNXOperator { call in
      let (alpha, beta) = (call.float("alpha", 0.9), call.float("beta", 0.999))
      let epsilon = call.float("epsilon", 1e-6), shrink = call.float("norm_coefficient_post", 0)
      return try call.optimized(states: 2) { rate, step, x, gradient, states in
        let mean = alpha * states[0] + (1 - alpha) * gradient
        let squares = beta * states[1] + (1 - beta) * square(gradient)
        // Without the correction of the start before the first step.
        let isLater = step .> 0, safe = select(isLater, step, step.constant(1))
        let corrected = rate * sqrt(1 - pow(beta, safe)) / (1 - pow(alpha, safe))
        let next = x - select(isLater, corrected, rate) * mean / (sqrt(squares) + epsilon)
        return [(1 - shrink) * next, mean, squares]
      }
    },
  ]
}

extension ONNXCall {
  /// The gradient of the sum of a value of the graph by others, at the numbers these have.
  fileprivate func gradient() throws -> [ONNXValue] {
    guard let xs = strings("xs"), let y = string("y"), !xs.isEmpty else {
      throw ONNXError.mistake("xs or y is missing")
    }
    guard node.inputs == xs + (strings("zs") ?? []) else {
      throw ONNXError.mistake(
        "the gradient is wanted at other values than those of the graph",
        hint: "the inputs of Gradient are xs and zs themselves")
    }
    func computed(_ name: String) throws -> (tensor: ONNXTensor, symbol: Symbol) {
      guard case .tensor(let tensor)? = scope[name] else {
        throw ONNXError.mistake("nothing computes \(name)")
      }
      guard case .traced(let symbol, _) = tensor.content else {
        throw ONNXError.mistake("\(name) is a constant, or a weight, which has no gradient here")
      }
      return (tensor, symbol)
    }
    let values = try xs.map(computed)
    let slopes = gradients(of: try computed(y).symbol.sum(), with: values.map(\.symbol))
    return zip(slopes, values).map { slope, value in
      .tensor(
        value.tensor.isChannelsLast
          ? ONNXTensor(channelsLast: slope) : ONNXTensor(slope, type: value.tensor.type))
    }
  }

  /// The results of a step: the new tensors, then their new states, kind by kind.
  ///
  /// Inputs are the rate, the number of steps done, then the tensors, their gradients, and their
  /// states, kind by kind.
  fileprivate func optimized(
    states count: Int,
    _ body: (
      _ rate: Symbol, _ step: Symbol, _ x: Symbol, _ gradient: Symbol, _ states: [Symbol]
    ) -> [Symbol]
  ) throws -> [ONNXValue] {
    let kinds = count + 2, tensors = (inputs.count - 2) / kinds
    guard tensors > 0, inputs.count == 2 + tensors * kinds, try shape(0).count == 1,
      try shape(1).count == 1
    else { throw ONNXError.mistake("\(inputs.count) inputs are not those of \(kinds - 1) kinds") }
    let rate = try x(0).reshaped([]), step = try x(1).reshaped([]),
      penalty = float("norm_coefficient", 0)
    let results = try (0..<tensors).map { index in
      let given = try (0..<kinds).map { try x(2 + $0 * tensors + index) }
      guard given.allSatisfy({ $0.shape == given[0].shape }) else {
        throw ONNXError.mistake("a tensor, its gradient and its states have different shapes")
      }
      let (old, dtype) = (given[0], given[0].dtype)
      return body(
        rate.cast(to: dtype), step.cast(to: dtype), old, penalty * old + given[1],
        Array(given[2...]))
    }
    return (0..<kinds - 1).flatMap { kind in
      results.map { .tensor(ONNXTensor($0[kind])) }
    }
  }
}
