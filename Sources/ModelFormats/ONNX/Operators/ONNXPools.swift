import TensorGraph

extension ONNXOperator {
  /// Poolings.
  static let pooling: [String: ONNXOperator] = [
    "MaxPool": ONNXOperator { try $0.maxPooled() },
    "AveragePool": ONNXOperator { try $0.averagePooled() },
    "LpPool": ONNXOperator { try $0.normPooled() },
    "GlobalAveragePool": ONNXOperator { call in
      try call.pooledGlobally { $0.mean(axes: $1, keepDims: true) }
    },
    "GlobalMaxPool": ONNXOperator { call in
      try call.pooledGlobally { $0.max(axes: $1, keepDims: true) }
    },
    "GlobalLpPool": ONNXOperator { call in
      let p = try call.exponent()
      return try call.pooledGlobally { root(power($0, p).sum(axes: $1, keepDims: true), p) }
    },
    "MaxUnpool": ONNXOperator { try $0.unpooled() },
    "MaxRoiPool": ONNXOperator { try $0.regionsPooled() },
    "RoiAlign": ONNXOperator { try $0.regionsAligned() },
  ]
}

/// |x|ᵖ
private func power(_ x: Symbol, _ p: Double) -> Symbol {
  p == 2 ? square(x) : p == 1 ? abs(x) : pow(abs(x), p)
}

/// The root of which `power` is the inverse.
private func root(_ x: Symbol, _ p: Double) -> Symbol {
  p == 2 ? sqrt(x) : p == 1 ? x : pow(x, 1 / p)
}

extension ONNXCall {
  /// The p of a norm; a float in the oldest files.
  fileprivate func exponent() throws -> Double {
    let p = anyNumber("p") ?? 2
    guard p > 0, p.isFinite else { throw ONNXError.mistake("p is \(p)") }
    return p
  }

  fileprivate func pooledGlobally(_ body: (Symbol, [Int]) -> Symbol) throws -> [ONNXValue] {
    let shape = try shape(0)
    guard shape.rank > 2, shape.count > 0 else {
      throw ONNXError.mistake("images are [batch, channels, spatial…], not \(shape)")
    }
    let x = try channelsLast(0)
    return try result(channelsLast: body(x, Array(1..<shape.rank - 1)).cast(to: x.dtype))
  }

  fileprivate func averagePooled() throws -> [ONNXValue] {
    var x = try images(), window = try poolingWindow(x)
    if bool("count_include_pad"), string("auto_pad", "NOTSET") != "VALID" {
      // Zeros that count; what rounding up adds beyond them does not.
      let (low, high) =
        string("auto_pad", "NOTSET") == "NOTSET"
        ? try pads(window.sizes.count)
        : (window.low, window.high)
      x = x.padded(low: [0] + low + [0], high: [0] + high + [0])
      window = Window(
        sizes: window.sizes, strides: window.strides, dilations: window.dilations,
        high: zip(window.high, high).map { $0 - $1 })
    }
    return try result(channelsLast: x.trace.emit(AveragePooling(window: window), [x]))
  }

  fileprivate func normPooled() throws -> [ONNXValue] {
    let x = try images(), window = try poolingWindow(x), p = try exponent()
    let padded = power(x, p).padded(low: [0] + window.low + [0], high: [0] + window.high + [0])
    let plain = Window(
      sizes: window.sizes, strides: window.strides, dilations: window.dilations)
    let means = x.trace.emit(AveragePooling(window: plain), [padded])
    return try result(channelsLast: root(means * Double(window.count), p))
  }

  fileprivate func maxPooled() throws -> [ONNXValue] {
    let x = try images(), window = try poolingWindow(x)
    // Integers of a byte are numbers of every float.
    let numbers = x.dtype.isFloatingPoint ? x : x.cast(to: .float32)
    let y = x.trace.emit(MaxPooling(window: window), [numbers], results: 2)
    let values = ONNXValue.tensor(
      ONNXTensor(channelsLast: y[0].cast(to: x.dtype), type: try type(0)))
    guard node.outputs.count > 1, !node.outputs[1].isEmpty, y[1].isValid else { return [values] }
    return [values, .tensor(ONNXTensor(places(of: y[1], window, x.shape), type: .int64))]
  }

  /// The flat index in the file's order of axes of what each window has chosen, of the shape
  /// `[batch, channels, spatial…]`.
  private func places(of taps: Symbol, _ window: Window, _ shape: Shape) -> Symbol {
    let spatial = shape.spatial, axes = spatial.count
    let isColumnMajor = bool("storage_order")
    var stride = 1, strides = spatial.map { _ in 1 }
    for axis in isColumnMajor ? Array(0..<axes) : (0..<axes).reversed() {
      strides[axis] = stride
      stride *= spatial[axis]
    }
    let taps = taps.cast(to: .int64), type = DType.int64
    func index(_ axis: Int) -> Symbol { trace.iota(taps.shape, axis: axis, dtype: type) }
    func quotient(_ x: Symbol, _ divisor: Int) -> Symbol {
      // Floats of 64 bits have all numbers that occur.
      floor((x.cast(to: .float64) + 0.5) / Double(divisor)).cast(to: type)
    }
    let images = index(0) * Double(shape[-1]) + index(taps.shape.rank - 1)
    var place = images * Double(stride)
    let inner = Shape(window.sizes).strides
    for axis in 0..<axes {
      let offset = quotient(taps, inner[axis]) % taps.constant(Double(window.sizes[axis]))
      let position =
        index(axis + 1) * Double(window.strides[axis]) + offset * Double(window.dilations[axis])
        - Double(window.low[axis])
      place = place + position * Double(strides[axis])
    }
    return place.channelsFirst
  }

  /// Zeros but for the elements, which go where the second input says.
  fileprivate func unpooled() throws -> [ONNXValue] {
    let x = try x(0), spatial = Array(x.shape.dims.dropFirst(2))
    guard (3...5).contains(x.shape.rank), let sizes = ints("kernel_shape"),
      sizes.count == spatial.count, try shape(1) == x.shape
    else { throw ONNXError.mistake("indices \(try shape(1)) for images \(x.shape)") }
    try check(sizes, "kernel_shape", least: 1)
    let strides = try perAxis("strides", spatial.count, standard: 1)
    let (low, high) = try pads(spatial.count)
    let sides = spatial.indices.map {
      (spatial[$0] - 1) * strides[$0] - low[$0] - high[$0] + sizes[$0]
    }
    let inferred = Shape([x.shape[0], x.shape[1]] + sides)
    guard sides.allSatisfy({ (1...1 << 30).contains($0) }) else {
      throw ONNXError.mistake("images of \(sides) cannot have been pooled")
    }
    try checkResult(inferred)
    let flat = x.reshaped([x.shape.count]).scattered(
      at: try self.x(1).reshaped([x.shape.count]), axis: 0, size: inferred.count)
    let y = flat.reshaped(inferred)
    guard has(2) else { return try result(y) }
    let wanted = try integers(2)
    guard wanted.count == inferred.rank, zip(wanted, inferred.dims).allSatisfy({ $0 >= $1 }),
      wanted.allSatisfy({ $0 <= 1 << 30 })
    else { throw ONNXError.mistake("output_shape is \(wanted), the images have \(inferred)") }
    try checkResult(Shape(wanted))
    return try result(
      y.padded(low: wanted.map { _ in 0 }, high: zip(wanted, inferred.dims).map { $0 - $1 }))
  }
}
