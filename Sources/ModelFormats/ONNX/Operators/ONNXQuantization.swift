import TensorGraph

extension ONNXOperator {
  /// Numbers as small integers.
  static let quantization: [String: ONNXOperator] = [
    "QuantizeLinear": ONNXOperator { try $0.quantized() },
    "DequantizeLinear": ONNXOperator { try $0.dequantized() },
    "DynamicQuantizeLinear": ONNXOperator { call in
      let x = try call.x(0)
      guard x.shape.count > 0 else { throw ONNXError.mistake("the input is empty") }
      let (high, low) = (maximum(x.max(), 0), minimum(x.min(), 0))
      let scale = select(high .== low, high.constant(1), high - low) / 255
      let zero = round(clip(-low / scale, 0, 255))
      let y = clip(round(x / scale) + zero, 0, 255)
      return try call.result(y.cast(to: .uint8), .uint8) + call.result(scale)
        + call.result(zero.cast(to: .uint8), .uint8)
    },
    "QLinearMatMul": ONNXOperator { call in
      let a = try call.centered(0, zeroPoint: 2, rowsOf: 1)
      let b = try call.centered(3, zeroPoint: 5, rowsOf: 0)
      let product = exactProduct(of: a, b, terms: a.shape.dims.last ?? 1) { matmul($0, $1) }
      let scale =
        try call.perRow(call.x(1), 1).cast(to: .float64) * call.perRow(call.x(4), 0)
        / call.x(6)
      return try call.requantized(product * scale, zeroPoint: 7)
    },
    "QLinearConv": ONNXOperator { call in
      var y = try call.integerConvolution(kernel: 3, zeroPoints: (2, 5)).cast(to: .float64)
      if call.has(8) { y = try y + call.x(8) }
      let scale = try call.x(1).cast(to: .float64) * call.x(4) / call.x(6)
      return try call.requantized(
        y * (scale.shape.count == 1 ? scale.reshaped([]) : scale), zeroPoint: 7,
        isChannelsLast: true)
    },
    "ConvInteger": ONNXOperator { call in
      let y = try call.integerConvolution(kernel: 1, zeroPoints: (2, 3))
      return try call.result(channelsLast: y.cast(to: .int32), .int32)
    },
  ]
}

extension ONNXType {
  /// The least and the largest integer of a type of at most 32 bits.
  var integerRange: (low: Double, high: Double) {
    let bits = Double(1 << ((bitCount ?? 8) - (isUnsigned ? 0 : 1)))
    return (isUnsigned ? 0 : -bits, bits - 1)
  }
}

extension ONNXCall {
  /// The scales or zero points at `index` as they broadcast with `x`: one for all, one for each
  /// index of `axis`, or one for each block of `block` of them.
  private func spread(_ index: Int, over x: HeldTensor, block: Int) throws -> Symbol {
    let given = try self.x(index)
    if given.shape.count == 1, block == 0 { return given.reshaped([]) }
    let axis = try axis(int("axis", 1), rank: x.rank), size = x.shape[axis]
    func mismatch() -> ONNXError {
      .mistake("scales \(given.shape) are not for axis \(axis) of \(x.shape) in blocks of \(block)")
    }
    guard block > 0 else {
      guard given.shape == [size] else { throw mismatch() }
      var line = [Int](repeating: 1, count: x.rank)
      line[x.place(axis)] = size
      return given.reshaped(Shape(line))
    }
    var expected = x.shape
    expected[axis] = size / block + (size % block == 0 ? 0 : 1)
    guard given.shape == expected else { throw mismatch() }
    var lines = expected.dims, filled = lines
    lines.insert(1, at: axis + 1)
    filled.insert(block, at: axis + 1)
    var all = expected.dims
    all[axis] = try times(expected[axis], block)
    let repeated = given.reshaped(Shape(lines)).broadcast(to: Shape(filled))
      .reshaped(try sized(all)).sliced(axis: axis, 0..<size)
    return x.isChannelsLast ? repeated.channelsLast : repeated
  }

  private func blockSize() throws -> Int {
    let size = int("block_size", 0)
    guard size >= 0 else { throw ONNXError.mistake("block_size is \(size)") }
    return size
  }

  /// The nearest integers to x / scale, plus the zero point.
  fileprivate func quantized() throws -> [ONNXValue] {
    let x = try held(0), block = try blockSize()
    let type = try has(2) ? type(2) : elementType("output_dtype") ?? .uint8
    guard let dtype = type.dtype, type != .string, type.bitCount ?? 64 <= 16 else {
      throw ONNXError.mistake("numbers are not quantized to \(type)")
    }
    let precision = try elementType("precision")?.dtype ?? .float32
    let compute: DType = x.symbol.dtype == .float64 ? .float64 : precision
    let scale = try spread(1, over: x, block: block).cast(to: compute)
    var y = x.symbol.cast(to: compute) / scale
    let saturates = bool("saturate", true)
    if type.isInteger {
      y = round(y)
      if has(2) { y = try y + spread(2, over: x, block: block).cast(to: compute) }
      let (low, high) = type.integerRange
      // In `float32`, which has all of the integers, unlike narrower types.
      y = clip(y.cast(to: compute.isHalf ? .float32 : compute), low, high).cast(to: dtype)
    } else {
      if has(2), type == .float4e2m1 { y = try y + spread(2, over: x, block: block) }
      y = y.converted(.float32, to: type, saturates: saturates)
    }
    return [HeldTensor(symbol: y, type: type, isChannelsLast: x.isChannelsLast).value(y)]
  }

  /// (x − zero point) · scale
  fileprivate func dequantized() throws -> [ONNXValue] {
    let x = try held(0), block = try blockSize()
    let type = try elementType("output_dtype") ?? type(1)
    guard let dtype = type.dtype, dtype.isFloatingPoint else {
      throw ONNXError.mistake("the scales are \(type)")
    }
    var y = x.symbol.cast(to: .float32)
    if has(2) { y = try y - spread(2, over: x, block: block).cast(to: .float32) }
    y = try (y * spread(1, over: x, block: block).cast(to: .float32)).cast(to: dtype)
    return [HeldTensor(symbol: y, type: type, isChannelsLast: x.isChannelsLast).value(y)]
  }

  /// `y`, in units of the scale of the result, as integers of the type of its zero point.
  fileprivate func requantized(
    _ y: Symbol, zeroPoint: Int, isChannelsLast: Bool = false
  ) throws -> [ONNXValue] {
    let type = try has(zeroPoint) ? type(zeroPoint) : type(0)
    guard type.isInteger, let dtype = type.dtype, type.bitCount ?? 64 <= 16 else {
      throw ONNXError.mistake("the zero point is \(type)")
    }
    var sum = y
    if has(zeroPoint) { sum = try sum + perRow(x(zeroPoint), 1).cast(to: y.dtype) }
    let (low, high) = type.integerRange
    let result = clip(round(sum), low, high).cast(to: dtype)
    return try isChannelsLast
      ? self.result(channelsLast: result, type) : self.result(result, type)
  }

  /// The convolution of the images at the first input with the kernel at `kernel`, both less their
  /// zero points: integers, channels last.
  fileprivate func integerConvolution(
    kernel index: Int, zeroPoints: (x: Int, kernel: Int)
  ) throws -> Symbol {
    var x = try images().cast(to: .float32)
    if has(zeroPoints.x) {
      guard try shape(zeroPoints.x).count == 1 else {
        throw ONNXError.mistake("the images have several zero points")
      }
      x = x - (try self.x(zeroPoints.x).cast(to: .float32).reshaped([]))
    }
    let groups = try groups(x.shape[-1])
    var kernel = try self.x(index).cast(to: .float32)
    let shape = kernel.shape
    guard shape.rank == x.shape.rank, shape[0] > 0, shape[0] % groups == 0,
      shape[1] == x.shape[-1] / groups
    else {
      throw ONNXError.mistake("a kernel \(shape) does not fit \(try self.shape(0))")
    }
    if has(zeroPoints.kernel) {
      var zero = try self.x(zeroPoints.kernel).cast(to: .float32)
      if zero.shape.count == 1 {
        zero = zero.reshaped([])
      } else {
        try expect(zero.shape.count, "the zero point of the kernel", are: shape[0])
        zero = zero.reshaped(Shape([shape[0]] + shape.dims.dropFirst().map { _ in 1 }))
      }
      kernel = kernel - zero
    }
    let window = try window(Array(shape.dims.dropFirst(2)), x.shape.spatial)
    let moved = kernel.transposed(Array(2..<shape.rank) + [1, 0])
    return exactProduct(of: x, moved, terms: shape.count / shape[0]) {
      convolution($0, $1, window, groups: groups)
    }
  }
}
