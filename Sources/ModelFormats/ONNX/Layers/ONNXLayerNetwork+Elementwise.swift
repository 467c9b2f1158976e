import NeuralNetworks
import TensorGraph

extension ONNXLayerNetwork {
  /// Makes layers of the node of `x`, and says whether there are any.
  func convert(_ x: ONNXLayerCall) throws -> Bool {
    switch x.node.operator.type {
    case "Conv", "ConvTranspose": try convolution(x)
    case "MaxPool", "AveragePool": try pooling(x)
    case "GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceMax": try globalPooling(x)
    case "BatchNormalization", "LayerNormalization": try normalization(x)
    case "Gemm", "MatMul": try dense(x)
    case "Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean": try arithmetic(x)
    case "Flatten", "Reshape", "Squeeze", "Unsqueeze": try reshaping(x)
    case "Transpose", "Concat", "Pad", "Upsample", "Resize", "Gather": try shaping(x)
    case "LSTM", "GRU": try recurrence(x)
    default: try activation(x)
    }
  }

  /// A function of one value, element by element or over an axis.
  private func activation(_ x: ONNXLayerCall) throws -> Bool {
    guard let input = x.computedInputs.first, x.computedInputs.count == 1,
      let layer = try activationLayer(x, rank: shape(input).rank)
    else { return false }
    try x.define(sameOrder: layer, of: input)
    return true
  }

  private func activationLayer(_ x: ONNXLayerCall, rank: Int) throws -> (any Layer)? {
    let call = x.call
    func layer(_ activation: Activation) -> any Layer {
      ActivationLayer(activation, name: x.name())
    }
    switch x.node.operator.type {
    case "Relu": return ReLU(name: x.name())
    case "LeakyRelu": return LeakyReLU(negativeSlope: call.float("alpha", 0.01), name: x.name())
    case "Elu": return ELU(alpha: call.float("alpha", 1), name: x.name())
    case "Sigmoid": return layer(.sigmoid)
    case "Tanh": return layer(.tanh)
    case "Softplus": return layer(.softplus)
    case "Softsign": return layer(.softsign)
    case "Exp": return layer(.exponential)
    case "Mish": return layer(.mish)
    case "HardSwish": return layer(.hardSilu)
    case "Selu" where call.attribute("alpha") == nil && call.attribute("gamma") == nil:
      return layer(.selu)
    case "Gelu" where call.string("approximate", "none") == "none":
      return layer(.gelu)
    case "Swish" where call.float("alpha", 1) == 1: return layer(.silu)
    case "HardSigmoid"
    where abs(call.float("alpha", 0.2) - 1 / 6) < 1e-6 && call.float("beta", 0.5) == 0.5:
      return layer(.hardSigmoid)
    case "Neg": return Rescaling(-1, name: x.name())
    case "Identity": return Identity(name: x.name())
    case "Dropout":
      let ratio = call.has(1) ? try call.number(1) : call.float("ratio", 0.5)
      return Dropout(ratio, name: x.name())
    case "Clip":
      let low = try call.has(1) ? call.number(1) : call.float("min"),
        high = try call.has(2) ? call.number(2) : call.float("max")
      guard low == 0 else { return nil }
      return ReLU(maxValue: high, name: x.name())
    case "Softmax", "LogSoftmax":
      let axis = try call.axis(call.opset < 13 ? 1 : -1, of: call.shape(0))
      // Before opset 13 all axes from this one on were one.
      let rest = shape(x.node.inputs[0]).dims.dropFirst(axis + 1)
      guard call.opset >= 13 || rest.allSatisfy({ $0 == 1 }) else { return nil }
      let place = try value(x.node.inputs[0]).order[axis]
      if x.node.operator.type == "Softmax" {
        return Softmax(axis: OneOrMany(place), name: x.name())
      }
      return place == rank - 1 ? layer(.logSoftmax) : nil
    case "PRelu":
      guard let slope = known(x.node.inputs[1]), case let shape = self.shape(x.node.inputs[0]),
        slope.count == (rank > 1 ? shape[1] : shape[0]), slope.shape.rank <= rank
      else { return nil }
      let name = x.name()
      set(
        name, "alpha",
        slope.reshaped(Shape(Array(repeating: 1, count: max(rank - 2, 0)) + [slope.count])))
      let value = try value(x.node.inputs[0])
      guard rank < 3 || value.order == Self.channelsLast(rank) else {
        let tensor = PReLU(sharedAxes: Array(1..<rank - 1), name: name)(
          try channelsLast(x.node.inputs[0]))
        x.define(channelsLast: tensor)
        return Identity()
      }
      return PReLU(sharedAxes: rank < 3 ? nil : Array(1..<rank - 1), name: name)
    default: return nil
    }
  }

  /// Sums, products and the like, of values or of a value and numbers.
  private func arithmetic(_ x: ONNXLayerCall) throws -> Bool {
    let computed = x.computedInputs, type = x.node.operator.type
    guard computed.count == x.node.inputs.count else { return try rescaling(x) }
    let rank = shape(x.output).rank
    guard computed.allSatisfy({ shape($0).rank == rank }) else { return false }
    // In the order in which most are held.
    let orders = try computed.map { try value($0).order }
    let order = orders.first { $0 != Array(0..<rank) } ?? orders[0]
    let tensors = try computed.map { try tensor($0, order: order) }
    let layer: any MultiInputLayer
    switch type {
    case "Add", "Sum": layer = Add(name: x.name())
    case "Sub": layer = Subtract(name: x.name())
    case "Mul": layer = Multiply(name: x.name())
    case "Max": layer = Maximum(name: x.name())
    case "Min": layer = Minimum(name: x.name())
    case "Mean": layer = Average(name: x.name())
    default: return false
    }
    guard tensors.count > 1 else { return false }
    define(x.output, layer(tensors), order: order)
    return true
  }

  /// A value and numbers: one for all, or one for each channel.
  private func rescaling(_ x: ONNXLayerCall) throws -> Bool {
    guard x.node.inputs.count == 2, x.computedInputs.count == 1, let input = x.computedInputs.first,
      let constant = known(x.node.inputs[x.node.inputs[0] == input ? 1 : 0]),
      shape(input) == shape(x.output)
    else { return false }
    let isFirst = x.node.inputs[0] == input, rank = shape(input).rank
    let numbers = constant.numbers
    // The axis along which the numbers differ, in the order of the file.
    let padded =
      Array(repeating: 1, count: max(rank - constant.shape.rank, 0)) + constant.shape.dims
    let axes = padded.indices.filter { padded[$0] > 1 }
    var order = try value(input).order
    if let axis = axes.first, numbers.count > 1 {
      guard axes.count == 1, axis > 0 else { return false }
      order = Array(0..<rank)
      order.remove(at: axis)
      order = (0..<rank).map { $0 == axis ? rank - 1 : $0 < axis ? $0 : $0 - 1 }
    }
    let scaling: (scale: [Double], offset: [Double])
    switch (x.node.operator.type, isFirst) {
    case ("Add", _): scaling = ([1], numbers)
    case ("Sub", true): scaling = ([1], numbers.map { -$0 })
    case ("Sub", false): scaling = ([-1], numbers)
    case ("Mul", _): scaling = (numbers, [0])
    case ("Div", true): scaling = (numbers.map { 1 / $0 }, [0])
    default: return false
    }
    guard (scaling.scale + scaling.offset).allSatisfy(\.isFinite) else { return false }
    let layer = Rescaling(scaling.scale, offset: scaling.offset, name: x.name())
    define(x.output, layer(try tensor(input, order: order)), order: order)
    return true
  }

  /// A product with a matrix of the file, and the sum after it.
  private func dense(_ x: ONNXLayerCall) throws -> Bool {
    guard x.computedInputs == [x.node.inputs[0]], var kernel = known(x.node.inputs[1]),
      kernel.shape.rank == 2
    else { return false }
    let isGemm = x.node.operator.type == "Gemm", call = x.call
    if isGemm {
      guard !call.bool("transA") else { return false }
      if call.bool("transB") { kernel = kernel.transposed([1, 0]) }
      let alpha = call.float("alpha", 1)
      if alpha != 1 { kernel = Tensor(kernel.type, numbers: kernel.numbers.map { $0 * alpha }) }
    }
    let units = kernel.shape[1]
    var bias: Tensor?
    if isGemm, call.has(2), let given = known(x.node.inputs[2]) {
      let beta = call.float("beta", 1), numbers = given.numbers
      guard numbers.count == 1 || given.shape == [units] || given.shape == [1, units] else {
        return false
      }
      bias = Tensor(
        TensorType(kernel.dtype, [units]),
        numbers: (0..<units).map { beta * numbers[numbers.count == 1 ? 0 : $0] })
    } else if isGemm, call.has(2) {
      return false
    }
    var output = x.output
    if !isGemm, let next = onlyUser(of: output), next.operator.type == "Add",
      let other = next.inputs.first(where: { $0 != output }), let given = known(other),
      given.shape.rank <= 1, given.count == units
    {
      bias = given.reshaped([units])
      absorb(next)
      output = next.outputs.first ?? output
    }
    let name = x.name()
    let layer = Dense(units, useBias: bias != nil, name: name)
    set(name, "kernel", kernel)
    if let bias { set(name, "bias", bias) }
    // Any order with the features last will do: the product goes over them alone.
    let rank = shape(x.node.inputs[0]).rank, order = try value(x.node.inputs[0]).order
    if order.last == rank - 1 {
      define(output, layer(try value(x.node.inputs[0]).tensor), order: order)
    } else {
      define(output, layer(try natural(x.node.inputs[0])))
    }
    return true
  }
}
