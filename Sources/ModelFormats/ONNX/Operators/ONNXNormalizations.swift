import TensorGraph

extension ONNXOperator {
  /// Normalizations.
  static let normalizations: [String: ONNXOperator] = [
    "BatchNormalization": ONNXOperator { try $0.batchNormalized() },
    "InstanceNormalization": ONNXOperator { try $0.instanceNormalized() },
    "GroupNormalization": ONNXOperator { try $0.groupNormalized() },
    "LayerNormalization": ONNXOperator { try $0.layerNormalized() },
    "RMSNormalization": ONNXOperator { try $0.rmsNormalized() },
    "LRN": ONNXOperator { try $0.locallyNormalized() },
    "MeanVarianceNormalization": ONNXOperator { call in
      let x = try call.x(0)
      let isAcross = call.bool("across_channels")  // of the oldest files
      let axes = try (call.ints("axes") ?? (isAcross ? [0, 1, 2, 3] : [0, 2, 3])).map {
        try call.axis($0, rank: x.shape.rank)
      }
      let centered = x - x.mean(axes: axes, keepDims: true)
      let deviation = sqrt(square(centered).mean(axes: axes, keepDims: true))
      return try call.result(centered / (deviation + 1e-9))
    },
    "LpNormalization": ONNXOperator { call in
      let x = try call.x(0), axis = try call.axis(-1, of: x.shape), p = call.int("p", 2)
      guard p == 1 || p == 2 else { throw ONNXError.mistake("p is \(p), neither 1 nor 2") }
      let norm =
        p == 1
        ? abs(x).sum(axes: [axis], keepDims: true)
        : sqrt(square(x).sum(axes: [axis], keepDims: true))
      return try call.result(x / select(norm .== 0, norm.constant(1), norm))
    },
  ]
}

extension ONNXCall {
  /// `x` in at least single precision, in which moments are taken.
  private func wide(_ x: Symbol) -> Symbol { x.cast(to: x.dtype.promoted(with: .float32)) }

  /// The vector at `index`, with one number for each of `count` channels.
  private func perChannel(_ index: Int, _ count: Int) throws -> Symbol {
    guard try shape(index) == [count] else {
      throw ONNXError.mistake("input \(index) is \(try shape(index)), there are \(count) channels")
    }
    return wide(try x(index))
  }

  fileprivate var epsilon: Double { float("epsilon", 1e-5) }

  /// Each image and channel by itself.
  fileprivate func instanceNormalized() throws -> [ONNXValue] {
    let x = try images(), axes = Array(1..<x.shape.rank - 1)
    let gamma = try perChannel(1, x.shape[-1]), beta = try perChannel(2, x.shape[-1])
    let centered = wide(x) - wide(x).mean(axes: axes, keepDims: true)
    let variance = square(centered).mean(axes: axes, keepDims: true)
    let y = centered * rsqrt(variance + epsilon) * gamma + beta
    return try result(channelsLast: y.cast(to: x.dtype))
  }

  /// Each image and group of channels by itself. Scale and bias are per group in version 18, per
  /// channel from version 21 on.
  fileprivate func groupNormalized() throws -> [ONNXValue] {
    let x = try channelsLast(0)
    guard x.shape.rank >= 2, x.shape.count > 0 else {
      throw ONNXError.mistake("images are [batch, channels, …], not \(x.shape)")
    }
    let channels = x.shape[-1], groups = try groups(channels, "num_groups")
    let isPerGroup = opset < 21
    func factors(_ index: Int) throws -> Symbol {
      let numbers = try perChannel(index, isPerGroup ? groups : channels)
      return numbers.reshaped(isPerGroup ? [groups, 1] : [groups, channels / groups])
    }
    let parts = wide(x).reshaped([x.shape[0], -1, groups, channels / groups])
    let centered = parts - parts.mean(axes: [1, 3], keepDims: true)
    let variance = square(centered).mean(axes: [1, 3], keepDims: true)
    let y = centered * rsqrt(variance + epsilon) * (try factors(1)) + (try factors(2))
    return try result(channelsLast: y.reshaped(x.shape).cast(to: x.dtype))
  }

  /// The axes from the attribute axis on, all normalized together.
  private func features(_ x: Symbol) throws -> (axis: Int, shape: Shape) {
    let axis = try axis(-1, of: x.shape), shape = Shape(Array(x.shape.dims[axis...]))
    guard shape.count > 0 else {
      throw ONNXError.mistake("there is nothing to normalize: \(x.shape)")
    }
    return (axis, shape)
  }

  /// The factors at `index` for features of `shape`, to which they broadcast.
  private func factors(_ index: Int, _ shape: Shape) throws -> Symbol {
    let given = wide(try x(index))
    guard given.shape.broadcast(with: shape) == shape else {
      throw ONNXError.mistake("input \(index) is \(given.shape), the features are \(shape)")
    }
    return given.broadcast(to: shape)
  }

  fileprivate func layerNormalized() throws -> [ONNXValue] {
    let x = try x(0), (axis, shape) = try features(x), count = shape.count
    let rows = wide(x).reshaped([x.shape.count / count, count])
    let gamma = try factors(1, shape).reshaped([count]).cast(to: rows.dtype)
    let beta =
      has(2)
      ? try factors(2, shape).reshaped([count]).cast(to: rows.dtype)
      : trace.constant(0, [count], dtype: rows.dtype)
    let y = x.trace.emit(
      Fused.LayerNormalization(epsilon: epsilon), [rows, gamma, beta], results: 3)
    let moments = Shape(x.shape.dims[..<axis] + shape.dims.map { _ in 1 })
    let stash = DType.float32.promoted(with: rows.dtype)
    return [
      .tensor(ONNXTensor(y[0].reshaped(x.shape).cast(to: x.dtype), type: try type(0))),
      .tensor(ONNXTensor(y[1].reshaped(moments).cast(to: stash))),
      .tensor(ONNXTensor(y[2].reshaped(moments).cast(to: stash))),
    ]
  }

  fileprivate func rmsNormalized() throws -> [ONNXValue] {
    let x = try x(0), (axis, shape) = try features(x)
    let squares = square(wide(x)).mean(axes: Array(axis..<x.shape.rank), keepDims: true)
    let normal = wide(x) * rsqrt(squares + epsilon)
    return try result((normal * (try factors(1, shape))).cast(to: x.dtype))
  }

  /// x / (bias + alpha / size · Σ x²)^beta, where the sum is over neighboring channels.
  fileprivate func locallyNormalized() throws -> [ONNXValue] {
    let shape = try shape(0)
    guard shape.rank > 2, let size = int("size"), size > 0, shape.count > 0 else {
      throw ONNXError.mistake("size is \(int("size") ?? 0), the images are \(shape)")
    }
    let x = try channelsLast(0), channels = x.shape[-1]
    guard channels <= 1 << 13 else { throw ONNXError.mistake("\(channels) channels are too many") }
    // Channel i sees those from i − ⌊(size − 1) / 2⌋ to i + ⌈(size − 1) / 2⌉.
    let before = min((size - 1) / 2, channels), after = min(size / 2, channels)
    var band = [Float](repeating: 0, count: channels * channels)
    for channel in 0..<channels {
      for seen in max(channel - before, 0)...min(channel + after, channels - 1) {
        band[seen * channels + channel] = 1
      }
    }
    let weights = trace.constant(Tensor([channels, channels], band)).cast(to: wide(x).dtype)
    let sums = matmul(square(wide(x)), weights)
    let scale = sums * (float("alpha", 1e-4) / Double(size)) + float("bias", 1)
    let y = wide(x) * pow(scale, -float("beta", 0.75))
    return try result(channelsLast: y.cast(to: x.dtype))
  }
}
