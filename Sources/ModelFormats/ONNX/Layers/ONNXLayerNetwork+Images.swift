import NeuralNetworks
import TensorGraph

extension ONNXLayerNetwork {
  /// Where a window goes: its sizes, and the border that is added before and after each axis.
  private struct Windows {
    let size: [Int]
    let strides: [Int]
    let dilations: [Int]
    let low: [Int]
    let high: [Int]
    /// Whether the border is the one of Keras's `same`.
    let isSame: Bool

    /// Reads what the node says of windows of `size` over images of `spatial` sizes.
    init?(_ call: ONNXCall, size: [Int], spatial: [Int], output: [Int]) {
      let rank = size.count
      let ones = Array(repeating: 1, count: rank), zeros = Array(repeating: 0, count: 2 * rank)
      let strides = call.ints("strides") ?? ones, dilations = call.ints("dilations") ?? ones
      let pads = call.ints("pads") ?? zeros
      guard strides.count == rank, dilations.count == rank, pads.count == 2 * rank,
        (strides + dilations + size).allSatisfy({ (1...1 << 16).contains($0) }),
        pads.allSatisfy({ (0...1 << 16).contains($0) }), spatial.count == rank, output.count == rank
      else { return nil }
      (self.size, self.strides, self.dilations) = (size, strides, dilations)
      var low = Array(pads[..<rank]), high = Array(pads[rank...])
      let auto = call.string("auto_pad", "NOTSET")
      let needed = (0..<rank).map { axis -> Int in
        let windows = (spatial[axis] + strides[axis] - 1) / strides[axis]
        let reach = (windows - 1) * strides[axis] + (size[axis] - 1) * dilations[axis] + 1
        return max(reach - spatial[axis], 0)
      }
      if auto == "SAME_UPPER" || auto == "SAME_LOWER" {
        low = needed.map { auto == "SAME_UPPER" ? $0 / 2 : ($0 + 1) / 2 }
        high = zip(needed, low).map { $0 - $1 }
      }
      if call.int("ceil_mode", 0) == 1 {
        // What the last window needs more.
        for axis in 0..<rank {
          let reach = (output[axis] - 1) * strides[axis] + (size[axis] - 1) * dilations[axis] + 1
          high[axis] = max(high[axis], reach - spatial[axis] - low[axis])
        }
      }
      (self.low, self.high) = (low, high)
      var isSame = true
      for axis in 0..<rank {
        let total = low[axis] + high[axis]
        if low[axis] != needed[axis] / 2 || total != needed[axis] { isSame = false }
      }
      self.isSame = isSame
    }

    var hasBorder: Bool { (low + high).contains { $0 > 0 } }
    var isDilated: Bool { dilations.contains { $0 > 1 } }
  }

  /// `tensor`, images, with a border of zeros.
  private func padded(_ tensor: SymbolicTensor, _ low: [Int], _ high: [Int]) -> SymbolicTensor {
    let ends = zip(low, high).map { [$0, $1] }
    switch ends.count {
    case 1: return ZeroPadding1D(BorderSize(ends.map { .ends($0) }))(tensor)
    case 2: return ZeroPadding2D(BorderSize(ends.map { .ends($0) }))(tensor)
    default: return ZeroPadding3D(BorderSize(ends.map { .ends($0) }))(tensor)
    }
  }

  func convolution(_ x: ONNXLayerCall) throws -> Bool {
    let input = x.node.inputs[0]
    guard let kernel = known(x.node.inputs[1]), x.computedInputs == [input],
      (3...5).contains(kernel.shape.rank), shape(input).rank == kernel.shape.rank,
      let windows = Windows(
        x.call, size: Array(kernel.shape.dims[2...]), spatial: Array(shape(input).dims[2...]),
        output: Array(shape(x.output).dims.dropFirst(2)))
    else { return false }
    var bias: Tensor?
    if x.call.has(2) {
      bias = known(x.node.inputs[2])
      guard bias != nil else { return false }
    }
    let parts = ConvolutionParts(
      x: x, kernel: kernel, bias: bias, groups: x.call.int("group", 1), windows: windows)
    switch (x.node.operator.type, windows.size.count) {
    case ("Conv", 1): return try convolved(parts, Rank<1>())
    case ("Conv", 2): return try convolved(parts, Rank<2>())
    case ("Conv", _): return try convolved(parts, Rank<3>())
    case (_, 1): return try transposedConvolution(parts, Rank<1>())
    case (_, 2): return try transposedConvolution(parts, Rank<2>())
    default: return try transposedConvolution(parts, Rank<3>())
    }
  }

  private struct Rank<let rank: Int> {}

  private struct ConvolutionParts {
    let x: ONNXLayerCall
    let kernel: Tensor
    let bias: Tensor?
    let groups: Int
    let windows: Windows
  }

  private func convolved<let rank: Int>(_ parts: ConvolutionParts, _: Rank<rank>) throws -> Bool {
    let (x, kernel, windows) = (parts.x, parts.kernel, parts.windows)
    let name = x.name(), filters = kernel.shape[0], spatial = Array(2..<rank + 2)
    let channels = shape(x.node.inputs[0])[1]
    var tensor = try channelsLast(x.node.inputs[0])
    if windows.hasBorder, !windows.isSame { tensor = padded(tensor, windows.low, windows.high) }
    let padding: Padding = windows.hasBorder && windows.isSame ? .same : .valid
    let strides = WindowSize<rank>(windows.strides), dilation = WindowSize<rank>(windows.dilations)
    if parts.groups == channels, kernel.shape[1] == 1, channels > 1, rank < 3 {
      guard filters % channels == 0 else { return false }
      let layer = DepthwiseConv<rank>(
        WindowSize(windows.size), strides: strides, padding: padding,
        depthMultiplier: filters / channels, dilationRate: dilation, useBias: parts.bias != nil,
        name: name)
      // [channels · multiplier, 1, spatial…] → [spatial…, channels, multiplier]
      let split = kernel.reshaped(Shape([channels, filters / channels] + windows.size))
      set(name, "kernel", split.transposed(spatial + [0, 1]))
      x.define(channelsLast: layer(tensor))
    } else {
      let layer = Conv<rank>(
        filters, kernelSize: WindowSize(windows.size), strides: strides, padding: padding,
        dilationRate: dilation, groups: parts.groups, useBias: parts.bias != nil, name: name)
      set(name, "kernel", kernel.transposed(spatial + [1, 0]))
      x.define(channelsLast: layer(tensor))
    }
    if let bias = parts.bias { set(name, "bias", bias.reshaped([filters])) }
    return true
  }

  private func transposedConvolution<let rank: Int>(
    _ parts: ConvolutionParts, _: Rank<rank>
  ) throws -> Bool {
    let (x, kernel, windows) = (parts.x, parts.kernel, parts.windows)
    let zeros = Array(repeating: 0, count: rank)
    let extra = x.call.ints("output_padding") ?? zeros
    guard parts.groups == 1, !windows.isDilated, extra.count == rank, rank < 3,
      x.call.ints("output_shape") == nil, x.call.string("auto_pad", "NOTSET") == "NOTSET",
      zip(windows.size, windows.strides).allSatisfy({ $0 >= $1 }),
      zip(windows.high, extra).allSatisfy({ $0 >= $1 })
    else { return false }
    let name = x.name(), filters = kernel.shape[1]
    let layer = ConvTranspose<rank>(
      filters, kernelSize: WindowSize(windows.size), strides: WindowSize(windows.strides),
      useBias: parts.bias != nil, name: name)
    set(name, "kernel", kernel.transposed(Array(2..<rank + 2) + [1, 0]))
    if let bias = parts.bias { set(name, "bias", bias.reshaped([filters])) }
    var tensor = layer(try channelsLast(x.node.inputs[0]))
    if windows.hasBorder {
      let ends = (0..<rank).map { [windows.low[$0], windows.high[$0] - extra[$0]] }
      tensor =
        rank == 1
        ? Cropping1D(BorderSize(ends.map { .ends($0) }))(tensor)
        : Cropping2D(BorderSize(ends.map { .ends($0) }))(tensor)
    }
    x.define(channelsLast: tensor)
    return true
  }

  func pooling(_ x: ONNXLayerCall) throws -> Bool {
    let input = x.node.inputs[0]
    guard x.node.outputs.count == 1, let size = x.call.ints("kernel_shape"),
      (3...5).contains(shape(input).rank),
      let windows = Windows(
        x.call, size: size, spatial: Array(shape(input).dims[2...]),
        output: Array(shape(x.output).dims.dropFirst(2))), !windows.isDilated
    else { return false }
    let isMax = x.node.operator.type == "MaxPool"
    let usesBorder = windows.hasBorder && !windows.isSame
    var tensor = try channelsLast(input)
    if usesBorder || windows.hasBorder && !isMax && x.call.bool("count_include_pad") {
      // Zeros are neutral to the largest only where nothing is negative.
      guard isMax ? isNotNegative(input) : x.call.bool("count_include_pad") else { return false }
      tensor = padded(tensor, windows.low, windows.high)
    }
    let isPadded = usesBorder || windows.hasBorder && !isMax && x.call.bool("count_include_pad")
    let padding: Padding = windows.hasBorder && !isPadded ? .same : .valid
    func pooled<let rank: Int>(_: Rank<rank>) -> SymbolicTensor {
      let size = WindowSize<rank>(windows.size), strides = WindowSize<rank>(windows.strides)
      return isMax
        ? MaxPool(size, strides: strides, padding: padding, name: x.name())(tensor)
        : AveragePool(size, strides: strides, padding: padding, name: x.name())(tensor)
    }
    switch windows.size.count {
    case 1: x.define(channelsLast: pooled(Rank<1>()))
    case 2: x.define(channelsLast: pooled(Rank<2>()))
    default: x.define(channelsLast: pooled(Rank<3>()))
    }
    return true
  }

  /// Whether the value comes out of something that gives no negative numbers.
  private func isNotNegative(_ name: String) -> Bool {
    let node = onnx.graph.nodes.first { $0.outputs.contains(name) }
    return ["Relu", "Sigmoid", "Softmax", "Abs", "Exp", "Softplus"].contains(node?.operator.type)
  }

  func globalPooling(_ x: ONNXLayerCall) throws -> Bool {
    let input = x.node.inputs[0], rank = shape(input).rank, type = x.node.operator.type
    guard (3...5).contains(rank) else { return false }
    var keeps = true
    if type.hasPrefix("Reduce") {
      guard let axes = try x.call.axes(rank: rank), axes.sorted() == Array(2..<rank) else {
        return false
      }
      keeps = x.call.bool("keepdims", true)
    }
    let isMax = type.hasSuffix("Max") || type == "GlobalMaxPool"
    let tensor = try channelsLast(input), name = x.name()
    func pooled<let count: Int>(_: Rank<count>) -> SymbolicTensor {
      isMax
        ? GlobalMaxPool<count>(keepdims: keeps, name: name)(tensor)
        : GlobalAveragePool<count>(keepdims: keeps, name: name)(tensor)
    }
    let result =
      switch rank {
      case 3: pooled(Rank<1>())
      case 4: pooled(Rank<2>())
      default: pooled(Rank<3>())
      }
    if keeps { x.define(channelsLast: result) } else { define(x.output, result) }
    return true
  }

  func normalization(_ x: ONNXLayerCall) throws -> Bool {
    let input = x.node.inputs[0], rank = shape(input).rank, call = x.call
    guard x.computedInputs == [input] else { return false }
    let name = x.name(), epsilon = call.float("epsilon", 1e-5)
    if x.node.operator.type == "LayerNormalization" {
      let axis = try call.axis(-1, of: shape(input))
      guard axis == rank - 1, x.node.outputs.count == 1, let scale = known(x.node.inputs[1]) else {
        return false
      }
      let layer = LayerNormalization(epsilon: epsilon, center: call.has(2), name: name)
      set(name, "gamma", scale)
      if call.has(2), let bias = known(x.node.inputs[2]) { set(name, "beta", bias) }
      define(x.output, layer(try natural(input)))
      return true
    }
    guard rank >= 2, x.node.inputs.count == 5, !call.bool("training_mode") else { return false }
    for (index, weight) in ["gamma", "beta", "moving_mean", "moving_variance"].enumerated() {
      guard let numbers = known(x.node.inputs[index + 1]) else { return false }
      set(name, weight, numbers)
    }
    let layer = BatchNormalization(
      momentum: call.float("momentum", 0.9), epsilon: epsilon, name: name)
    x.define(channelsLast: layer(try channelsLast(input)))
    return true
  }
}
