import TensorGraph

extension ONNXOperator {
  /// Convolutions.
  static let convolutions: [String: ONNXOperator] = [
    "Conv": ONNXOperator { try $0.convolved() },
    "ConvTranspose": ONNXOperator { try $0.transposedConvolution() },
    "DeformConv": ONNXOperator { try $0.deformedConvolution() },
    "CausalConvWithState": ONNXOperator { try $0.causalConvolution() },
  ]
}

extension ONNXCall {
  /// The number of groups, which divides `channels`.
  func groups(_ channels: Int, _ name: String = "group") throws -> Int {
    let groups = int(name, 1)
    guard groups > 0, channels % groups == 0 else {
      throw ONNXError.mistake("\(channels) channels cannot be cut into \(groups) groups")
    }
    return groups
  }

  /// The order `[spatial…, in, out]` of a kernel `[out, in, spatial…]`.
  private func kernelOrder(_ rank: Int) -> [Int] { Array(2..<rank) + [1, 0] }

  fileprivate func convolved() throws -> [ONNXValue] {
    let x = try images(), shape = try shape(1), groups = try groups(x.shape[-1])
    guard shape.rank == x.shape.rank, shape[0] > 0, shape[0] % groups == 0,
      shape[1] == x.shape[-1] / groups
    else {
      throw ONNXError.mistake(
        "a kernel \(shape) does not fit \(try self.shape(0)) in \(groups) groups")
    }
    let sizes = Array(shape.dims.dropFirst(2))
    if let given = ints("kernel_shape"), given != sizes {
      throw ONNXError.mistake("kernel_shape is \(given), the kernel has \(sizes)")
    }
    let window = try window(sizes, x.shape.spatial, filters: shape[0])
    let kernel = try weight(1, kernelOrder(shape.rank))
    let y = convolution(x, kernel, window, groups: groups)
    return try result(channelsLast: withBias(y, 2))
  }

  /// `y` with the bias at `index`, if there is one, added to its channels.
  private func withBias(_ y: Symbol, _ index: Int) throws -> Symbol {
    guard has(index) else { return y }
    guard try shape(index) == [y.shape[-1]] else {
      throw ONNXError.mistake("a bias \(try shape(index)) for \(y.shape[-1]) channels")
    }
    return y + (try x(index))
  }

  /// Each element spread over the window of its place. What padding cuts off, or an output shape
  /// adds, is at the borders of the plain result.
  fileprivate func transposedConvolution() throws -> [ONNXValue] {
    let x = try images(), shape = try shape(1), axes = x.shape.rank - 2
    let groups = try groups(x.shape[-1])
    guard shape.rank == x.shape.rank, shape[0] == x.shape[-1], shape[1] > 0 else {
      throw ONNXError.mistake("a kernel \(shape) does not fit \(try self.shape(0))")
    }
    let sizes = Array(shape.dims.dropFirst(2))
    try check(sizes, "kernel_shape", least: 1)
    let plain = Window(
      sizes: sizes, strides: try perAxis("strides", axes, standard: 1),
      dilations: try perAxis("dilations", axes, standard: 1))
    // What one element after the other would make without padding.
    let full = (0..<axes).map {
      (x.shape[$0 + 1] - 1) * plain.strides[$0] + plain.effectiveSizes[$0]
    }
    let (low, outputs) = try transposedSizes(full, plain, x.shape.spatial)
    let high = (0..<axes).map { full[$0] - low[$0] - outputs[$0] }
    let inside = (0..<axes).map { full[$0] - max(low[$0], 0) - max(high[$0], 0) }
    guard zip(inside, outputs).allSatisfy({ $0 > 0 && $1 <= 1 << 30 }) else {
      throw ONNXError.mistake("the padding leaves \(outputs) of \(full)")
    }
    for sides in [inside, outputs] {
      try checkResult(Shape([x.shape[0], shape[1] * groups] + sides))
    }
    let window = Window(
      sizes: sizes, strides: plain.strides, dilations: plain.dilations, low: low.map { max($0, 0) },
      high: high.map { max($0, 0) })
    let whole = Shape([x.shape[0]] + inside + [shape[1] * groups])
    let kernel = try weight(1, kernelOrder(shape.rank))
    var y = x.trace.emit(
      Convolution(part: .inputGradient(whole), window: window, groups: groups),
      [x, kernel.cast(to: x.dtype)])
    y = y.padded(
      low: [0] + low.map { max(-$0, 0) } + [0], high: [0] + high.map { max(-$0, 0) } + [0])
    return try result(channelsLast: y.isValid ? withBias(y, 2) : y)
  }

  /// What a transposed convolution leaves out before its results, and the sizes of these.
  private func transposedSizes(
    _ full: [Int], _ window: Window, _ spatial: [Int]
  ) throws -> (low: [Int], outputs: [Int]) {
    let axes = full.count, isUpper = string("auto_pad") == "SAME_UPPER"
    let extra = try perAxis("output_padding", axes, standard: 0, least: 0)
    func centered(_ outputs: [Int]) -> (low: [Int], outputs: [Int]) {
      let low = (0..<axes).map { axis in
        let total = max(full[axis] + extra[axis] - outputs[axis], 0)
        return isUpper ? total / 2 : total - total / 2
      }
      return (low, outputs)
    }
    if ints("output_shape") != nil {
      return centered(try perAxis("output_shape", axes, standard: 1))
    }
    switch string("auto_pad", "NOTSET") {
    case "SAME_UPPER", "SAME_LOWER":
      return centered((0..<axes).map { spatial[$0] * window.strides[$0] })
    case "VALID": return (full.map { _ in 0 }, zip(full, extra).map { $0 + $1 })
    case "NOTSET", "":
      let (low, high) = try pads(axes)
      return (low, (0..<axes).map { full[$0] + extra[$0] - low[$0] - high[$0] })
    case let other: throw ONNXError.mistake("auto_pad is \(other)")
    }
  }

  /// A convolution along time whose outputs see no later input, and the inputs that the next call
  /// has to see.
  fileprivate func causalConvolution() throws -> [ONNXValue] {
    let x = try x(0), shape = try shape(1)
    guard x.shape.rank == 3, shape.rank == 3, shape[0] == x.shape[1], shape[1] == 1, shape[2] > 0
    else { throw ONNXError.mistake("a kernel \(shape) does not fit \(x.shape)") }
    let before: Shape = [x.shape[0], x.shape[1], shape[2] - 1]
    try checkResult(before)
    if has(3), try self.shape(3) != before {
      throw ONNXError.mistake("a past state \(try self.shape(3)) instead of \(before)")
    }
    let past = has(3) ? try self.x(3).cast(to: x.dtype) : trace.constant(0, before, dtype: x.dtype)
    let all = concatenate([past, x], axis: 2)
    let kernel = try weight(1, [2, 1, 0])
    var y = withBias(
      convolution(all.channelsLast, kernel.cast(to: x.dtype), groups: x.shape[1]))
    switch string("activation", "none") {
    case "none": break
    case "silu", "swish": y = silu(y)
    case let other: throw ONNXError.mistake("activation is \(other)")
    }
    let state = all.sliced(axis: 2, x.shape[2]..<x.shape[2] + shape[2] - 1)
    let type = try type(0)
    return [
      .tensor(ONNXTensor(channelsLast: y.cast(to: x.dtype), type: type)),
      .tensor(ONNXTensor(state, type: type)),
    ]

    func withBias(_ y: Symbol) -> Symbol {
      guard has(2), let bias = try? self.x(2) else { return y }
      return y + bias
    }
  }
}
