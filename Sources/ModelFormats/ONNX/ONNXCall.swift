import NeuralNetworks
import TensorGraph

/// A node while it is evaluated: what a rule of an operator is given.
///
///     operators["Relu"] = ONNXOperator { call in try call.elementwise { relu($0[0]) } }
package struct ONNXCall {
  let node: ONNXNode
  /// The values it is given; nothing where an optional one is left out.
  let inputs: [ONNXValue?]
  /// The trace that symbols are added to.
  let trace: Trace
  /// Random numbers, states, and whether this is a training step.
  let context: LayerContext
  /// What evaluates the graphs in the node.
  let evaluation: ONNXEvaluation
  /// The values around the node.
  let scope: ONNXScope

  /// The version of the operator set.
  var opset: Int { node.opset }
  var isTraining: Bool { context.isTraining }

  // MARK: Inputs

  /// Whether there is an input at `index`.
  func has(_ index: Int) -> Bool { inputs.indices.contains(index) && inputs[index] != nil }

  /// The value at `index`.
  func value(_ index: Int) throws -> ONNXValue {
    guard inputs.indices.contains(index), let value = inputs[index] else {
      throw ONNXError.mistake("input \(index) is missing")
    }
    return value
  }

  /// The tensor at `index`.
  func tensor(_ index: Int) throws -> ONNXTensor {
    guard case .tensor(let tensor) = try value(index) else {
      throw ONNXError.mistake("input \(index) is not a tensor")
    }
    return tensor
  }

  /// The type of the elements of the tensor at `index`.
  func type(_ index: Int) throws -> ONNXType { try tensor(index).type }
  /// The sizes of the tensor at `index`.
  func shape(_ index: Int) throws -> Shape { try tensor(index).shape }

  /// The tensor at `index` to compute with, its axes in the order of the file.
  func x(_ index: Int) throws -> Symbol { try symbol(tensor(index)) }

  /// The images at `index` with channels last: `[batch, spatial…, channels]`.
  func channelsLast(_ index: Int) throws -> Symbol {
    let tensor = try tensor(index)
    if case .traced(let symbol, isChannelsLast: true) = tensor.content { return symbol }
    return try symbol(tensor).channelsLast
  }

  /// All inputs to compute with.
  func all() throws -> [Symbol] { try inputs.indices.map { try x($0) } }

  /// The numbers at `index`, which have to be known while the graph is made.
  func known(_ index: Int) throws -> Tensor {
    guard let known = try tensor(index).known else {
      throw ONNXError.needsValue(node.inputs.indices.contains(index) ? node.inputs[index] : "")
    }
    return known
  }

  /// The integers at `index`, which have to be known while the graph is made.
  func integers(_ index: Int) throws -> [Int] {
    try known(index).scalars(as: Int64.self).map { Int($0) }
  }

  /// The only number at `index`, which has to be known while the graph is made.
  func number(_ index: Int) throws -> Double {
    guard let number = try known(index).numbers.first else {
      throw ONNXError.mistake("input \(index) is empty")
    }
    return number
  }

  /// `tensor` to compute with. A weight becomes a variable of the model on first use.
  func symbol(_ tensor: ONNXTensor) throws -> Symbol {
    switch tensor.content {
    case .known(let known):
      guard known.dtype != .string else { throw ONNXError.needsValue("strings") }
      return trace.constant(known)
    case .weight(let name, let start):
      return evaluation.weights.symbol(name, start, in: context)
    case .traced(let symbol, let isChannelsLast):
      return isChannelsLast ? symbol.channelsFirst : symbol
    }
  }

  /// The weight at `index` with its axes in the order `permutation`: held so in the model, if it is
  /// one, so that nothing has to be moved in each step.
  func weight(_ index: Int, _ permutation: [Int]) throws -> Symbol {
    let tensor = try tensor(index)
    guard permutation.count == tensor.shape.rank else {
      throw ONNXError.mistake("input \(index) has the shape \(tensor.shape)")
    }
    if case .weight(let name, let start) = tensor.content {
      return evaluation.weights.symbol(name, start, permutation, in: context)
    }
    if case .known(let known) = tensor.content, known.dtype != .string {
      return trace.constant(known.transposed(permutation))
    }
    return try symbol(tensor).transposed(permutation)
  }

  /// The tensor at `index` as a state of the model: it is not moved by gradients, and may be
  /// updated under the name that comes back.
  func state(_ index: Int) throws -> (symbol: Symbol, name: String?) {
    let tensor = try tensor(index)
    guard case .weight(let name, let start) = tensor.content else {
      return (try symbol(tensor), nil)
    }
    let state = evaluation.weights.state(name, start, in: context)
    return (state.symbol, state.isOwn ? ONNXWeights.clean(name) : nil)
  }

  // MARK: Results

  /// `symbol` as the only result, of the type of the first input unless one is given.
  func result(_ symbol: Symbol, _ type: ONNXType? = nil) throws -> [ONNXValue] {
    [.tensor(ONNXTensor(symbol, type: try type ?? sameType(symbol)))]
  }

  /// `symbol`, images with channels last, as the only result.
  func result(channelsLast symbol: Symbol, _ type: ONNXType? = nil) throws -> [ONNXValue] {
    guard symbol.shape.rank >= 3 else { return try result(symbol, type) }
    return [.tensor(ONNXTensor(channelsLast: symbol, type: try type ?? sameType(symbol)))]
  }

  /// The type of the first input if `symbol` is held as that, else the type of `symbol`.
  private func sameType(_ symbol: Symbol) throws -> ONNXType {
    guard has(0), case .tensor(let first)? = inputs[0], first.type.dtype == symbol.dtype else {
      return ONNXType(symbol.dtype)
    }
    return first.type
  }

  /// What `body` makes of the inputs element by element, in whichever order of axes they are held.
  ///
  /// The result has the type of the first input unless one is given; narrow integers wrap around.
  func elementwise(
    _ type: ONNXType? = nil, _ body: ([Symbol]) throws -> Symbol
  ) throws -> [ONNXValue] {
    let (x, isChannelsLast) = try aligned()
    let y = try body(x)
    let type = try type ?? sameType(y)
    let wrapped = y.wrapped(to: type)
    return [
      .tensor(
        isChannelsLast
          ? ONNXTensor(channelsLast: wrapped, type: type) : ONNXTensor(wrapped, type: type))
    ]
  }

  /// The inputs in one order of axes: channels last if one of those of the highest rank is held so.
  private func aligned() throws -> (x: [Symbol], isChannelsLast: Bool) {
    let tensors = try inputs.indices.map { try tensor($0) }
    let rank = tensors.map(\.shape.rank).max() ?? 0
    guard tensors.contains(where: { $0.isChannelsLast && $0.shape.rank == rank }) else {
      return (try tensors.map(symbol), false)
    }
    return (
      try tensors.map { tensor in
        if case .traced(let symbol, isChannelsLast: true) = tensor.content,
          symbol.shape.rank == rank
        {
          return symbol
        }
        let symbol = try symbol(tensor)
        if symbol.shape.count == 1 { return symbol.reshaped([]) }
        let ones = Array(repeating: 1, count: rank - symbol.shape.rank)
        return symbol.reshaped(Shape(ones + symbol.shape.dims)).channelsLast
      }, true
    )
  }
}

extension Symbol {
  /// Integers of a type that is held in a wider one, wrapped around at its ends.
  func wrapped(to type: ONNXType) -> Symbol {
    guard let range = type.wrappedRange, isValid else { return self }
    let size = Double(range.upperBound - range.lowerBound + 1), low = Double(range.lowerBound)
    guard dtype == .int8 || dtype == .uint8 else { return (self - low) % constant(size) + low }
    return ((cast(to: .int32) - low) % cast(to: .int32).constant(size) + low).cast(to: dtype)
  }
}
