import TensorGraph

extension ONNXOperator {
  /// Recurrent networks.
  static let recurrences: [String: ONNXOperator] = [
    "RNN": ONNXOperator { try $0.recurrent() },
    "GRU": ONNXOperator { try $0.gatedRecurrent() },
    "LSTM": ONNXOperator { try $0.longShortTermMemory() },
  ]
}

extension ONNXCall {
  /// h = f(x · W + h · R + b)
  fileprivate func recurrent() throws -> [ONNXValue] {
    let node = try ONNXRecurrence(self, gates: 1, functions: ["Tanh"])
    return try node.outputs(
      node.directions.map { direction in
        let (f, clip) = (direction.functions[0], node.clip)
        return node.scanned(direction, states: [direction.h]) { x, states in
          [f(clip(x + matmul(states[0], direction.recurrentKernel)))]
        }
      })
  }

  /// The gates are z, r and h, as in Strata's.
  fileprivate func gatedRecurrent() throws -> [ONNXValue] {
    let node = try ONNXRecurrence(self, gates: 3, functions: ["Sigmoid", "Tanh"])
    let resetsProduct = bool("linear_before_reset")
    return try node.outputs(
      node.directions.map { direction in
        if resetsProduct, node.isUsual {
          return node.fused(direction) { projected, mask in
            let y = gru(
              projected, recurrentKernel: direction.recurrentKernel,
              recurrentBias: direction.recurrentBias, h: direction.h, mask: mask)
            return (y.sequence, [y.h])
          }
        }
        let (f, g, clip) = (direction.functions[0], direction.functions[1], node.clip)
        let kernels = direction.recurrentKernel.split(3, axis: 1)
        let biases = direction.recurrentBias.split(3, axis: 0)
        return node.scanned(direction, states: [direction.h], addsRecurrentBias: false) {
          x, states in
          let (h, parts) = (states[0], x.split(3, axis: -1))
          func inner(_ gate: Int, _ h: Symbol) -> Symbol { matmul(h, kernels[gate]) + biases[gate] }
          let z = f(clip(parts[0] + inner(0, h))), r = f(clip(parts[1] + inner(1, h)))
          let new = g(clip(parts[2] + (resetsProduct ? r * inner(2, h) : inner(2, r * h))))
          return [(1 - z) * new + z * h]
        }
      })
  }

  /// The gates of the file are i, o, f and c; those of Strata i, f, c and o.
  fileprivate func longShortTermMemory() throws -> [ONNXValue] {
    let node = try ONNXRecurrence(self, gates: 4, functions: ["Sigmoid", "Tanh", "Tanh"])
    let forgetsByInput = bool("input_forget")
    return try node.outputs(
      node.directions.map { direction in
        if node.isUsual, !forgetsByInput, direction.peepholes == nil {
          func ordered(_ x: Symbol, axis: Int) -> Symbol {
            let parts = x.split(4, axis: axis)
            return concatenate([parts[0], parts[2], parts[3], parts[1]], axis: axis)
          }
          var usual = direction
          usual.kernel = ordered(direction.kernel, axis: 1)
          usual.inputBias = ordered(direction.inputBias + direction.recurrentBias, axis: 0)
          let recurrentKernel = ordered(direction.recurrentKernel, axis: 1)
          return node.fused(usual) { projected, mask in
            let y = lstm(
              projected, recurrentKernel: recurrentKernel, h: direction.h, c: direction.c,
              mask: mask)
            return (y.sequence, [y.h, y.c])
          }
        }
        let (f, g, h, clip) = (
          direction.functions[0], direction.functions[1], direction.functions[2], node.clip
        )
        let peepholes = direction.peepholes?.split(3, axis: 0)
        return node.scanned(direction, states: [direction.h, direction.c]) { x, states in
          let parts = (x + matmul(states[0], direction.recurrentKernel)).split(4, axis: -1)
          func seen(_ gate: Int, _ part: Symbol, _ c: Symbol) -> Symbol {
            clip(peepholes.map { part + $0[gate] * c } ?? part)
          }
          let input = f(seen(0, parts[0], states[1]))
          let forget = forgetsByInput ? 1 - input : f(seen(2, parts[2], states[1]))
          let c = forget * states[1] + input * g(clip(parts[3]))
          return [f(seen(1, parts[1], c)) * h(c), c]
        }
      })
  }
}
