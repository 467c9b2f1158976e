import TensorGraph

extension ONNXCall {
  /// Images seen at the places that a grid says: −1 and 1 are the borders.
  func sampledByGrid() throws -> [ONNXValue] {
    let x = try images(), grid = try self.x(1), spatial = x.shape.spatial
    guard grid.shape.rank == x.shape.rank, grid.shape[0] == x.shape[0],
      grid.shape[-1] == spatial.count
    else { throw ONNXError.mistake("a grid \(grid.shape) for images \(try shape(0))") }
    let isAligned = bool("align_corners"), padding = string("padding_mode", "zeros")
    guard ["zeros", "border", "reflection"].contains(padding) else {
      throw ONNXError.mistake("padding_mode is \(padding)")
    }
    let modes = [
      "bilinear": "linear", "linear": "linear", "nearest": "nearest", "bicubic": "cubic",
      "cubic": "cubic",
    ]
    guard let mode = modes[string("mode", "linear")] else {
      throw ONNXError.mistake("mode is \(string("mode", "linear"))")
    }
    let dtype: DType = grid.dtype == .float64 ? .float64 : .float32
    let taps = spatial.indices.map { axis in
      // The last axis of an image is the first number of a place.
      let border = GridAxis(size: spatial[axis], isAligned: isAligned, padding: padding)
      let place = grid.entry(spatial.count - 1 - axis, axis: -1).cast(to: dtype)
      return border.taps(place, mode)
    }
    let ones = Array(repeating: 1, count: spatial.count)
    let image = trace.iota(Shape([x.shape[0]] + ones), axis: 0)
    let sampler = ONNXSampler(images: x.floatingPoint)
    let y = sampler.values(image: image, taps)
    return try result(channelsLast: y.cast(to: x.dtype))
  }

  /// The places of the pixels of images of a size, moved by a matrix for each image.
  func affineGrid() throws -> [ONNXValue] {
    let theta = try x(0), sizes = try integers(1), axes = sizes.count - 2
    guard axes == 2 || axes == 3, theta.shape.rank == 3, theta.shape[1] == axes,
      theta.shape[2] == axes + 1, theta.shape[0] == sizes[0]
    else { throw ONNXError.mistake("matrices \(theta.shape) for images \(sizes)") }
    let spatial = Array(sizes.dropFirst(2))
    try check(spatial, "size", least: 1)
    guard Shape(spatial).count <= 1 << 28 else {
      throw ONNXError.mistake("images of \(spatial) are too large")
    }
    let isAligned = bool("align_corners")
    let shape = Shape(spatial)
    let columns = (0..<axes).reversed().map { axis in
      let size = Double(spatial[axis])
      let index = trace.iota(shape, axis: axis, dtype: theta.dtype)
      // The borders are the centers of the outer pixels, or their outer edges.
      guard isAligned else { return (2 * index + 1) / size - 1 }
      return size > 1 ? 2 * index / (size - 1) - 1 : index
    }
    let ones = trace.constant(1, shape, dtype: theta.dtype)
    let places = stack(columns + [ones], axis: -1).reshaped([shape.count, axes + 1])
    let y = matmul(
      places.expandingDims(at: 0).broadcast(to: [theta.shape[0], shape.count, axes + 1]),
      theta.transposed())
    return try result(y.reshaped(Shape([theta.shape[0]] + spatial + [axes])))
  }

  /// A convolution each of whose taps is moved by an offset of its own at each place.
  func deformedConvolution() throws -> [ONNXValue] {
    let x = try images(), shape = try shape(1), groups = try groups(x.shape[-1])
    let parts = try self.groups(x.shape[-1], "offset_group")
    guard x.shape.rank == 4, shape.rank == 4, shape[0] > 0, shape[0] % groups == 0,
      shape[1] == x.shape[-1] / groups
    else {
      throw ONNXError.mistake("a kernel \(shape) does not fit \(try self.shape(0)), with 2 axes")
    }
    let window = try window(
      [shape[2], shape[3]], x.shape.spatial, filters: shape[0])
    let outputs = window.outputSizes(x.shape.spatial), places = outputs[0] * outputs[1]
    let (batch, channels, count) = (x.shape[0], x.shape[-1], window.count)
    func perTap(_ index: Int, _ numbers: Int) throws -> Symbol {
      guard try self.shape(index) == [batch, parts * count * numbers, outputs[0], outputs[1]] else {
        throw ONNXError.mistake(
          "input \(index) is \(try self.shape(index)), there are \(count) taps in \(parts) parts "
            + "at \(outputs) places")
      }
      return try self.x(index).cast(to: x.dtype)
        .reshaped([batch, parts, count, numbers, places]).transposed([0, 1, 4, 2, 3])
        .reshaped([batch * parts, places, count, numbers])
    }
    let offsets = try perTap(2, 2)
    func position(_ axis: Int) -> Symbol {
      var numbers: [Float] = []
      for place in 0..<places {
        let at = (axis == 0 ? place / outputs[1] : place % outputs[1]) * window.strides[axis]
        for tap in 0..<count {
          let offset = (axis == 0 ? tap / shape[3] : tap % shape[3]) * window.dilations[axis]
          numbers.append(Float(at + offset - window.low[axis]))
        }
      }
      let base = trace.constant(Tensor([1, places, count], numbers)).cast(to: x.dtype)
      return ONNXSampler.finite(base + offsets.entry(axis, axis: 3))
    }
    guard places <= (1 << 28) / count else {
      throw ONNXError.mistake("\(places) places are too many")
    }
    // Each part of the channels is an image of its own, with offsets of its own.
    let images = x.reshaped(
      [batch, x.shape[1] * x.shape[2], parts, channels / parts]
    ).transposed([0, 2, 1, 3]).reshaped([batch * parts, x.shape[1], x.shape[2], channels / parts])
    let taps = (0..<2).map { ONNXSampler.linear(position($0), x.shape[$0 + 1]) }
    var values = ONNXSampler(images: images).values(
      image: trace.iota([batch * parts, 1, 1], axis: 0), taps)
    if has(4) { values = values * (try perTap(4, 1)) }
    let columns = values.reshaped([batch, parts, places, count, channels / parts])
      .transposed([0, 2, 3, 1, 4]).reshaped([batch * places, count, groups, channels / groups])
    let kernel = try weight(1, [2, 3, 1, 0]).cast(to: x.dtype).reshaped(
      [count * shape[1], groups, shape[0] / groups]
    ).transposed([1, 0, 2])
    let rows = columns.transposed([2, 0, 1, 3])
      .reshaped([groups, batch * places, count * shape[1]])
    var y = matmul(rows, kernel).transposed([1, 0, 2])
      .reshaped([batch, outputs[0], outputs[1], shape[0]])
    if has(3) {
      guard try self.shape(3) == [shape[0]] else {
        throw ONNXError.mistake("a bias \(try self.shape(3)) for \(shape[0]) channels")
      }
      y = y + (try self.x(3)).cast(to: x.dtype)
    }
    return try result(channelsLast: y)
  }
}

/// An axis of images that are sampled by a grid.
private struct GridAxis {
  let size: Int
  /// Whether −1 and 1 are the centers of the outer pixels, not their outer edges.
  let isAligned: Bool
  let padding: String

  private var low: Double { isAligned ? 0 : -0.5 }
  private var high: Double { Double(size) + (isAligned ? -1 : -0.5) }

  /// The pixels that count for the `places` of a grid.
  func taps(_ places: Symbol, _ mode: String) -> [ONNXSampler.Tap] {
    var x =
      isAligned
      ? (places + 1) * (Double(size - 1) / 2) : ((places + 1) * Double(size) - 1) / 2
    if mode == "nearest" { x = round(x) }
    x = ONNXSampler.finite(x)
    let isOutside = (x .< low) .| (x .> high)
    switch padding {
    // Cubics reach beyond the border, where each pixel is found by itself.
    case "border" where mode != "cubic": x = select(isOutside, clip(x, 0, Double(size - 1)), x)
    case "reflection": x = select(isOutside, reflected(x), x)
    default: break
    }
    switch mode {
    case "nearest": return [tap(x, nil)]
    case "linear":
      let first = floor(x), share = x - first
      return [tap(first, 1 - share), tap(first + 1, share)]
    default:
      let first = floor(x), share = x - first
      return [
        tap(first - 1, Self.outer(1 + share)), tap(first, Self.inner(share)),
        tap(first + 1, Self.inner(1 - share)), tap(first + 2, Self.outer(2 - share)),
      ]
    }
  }

  /// Keys's cubic with a = −¾ up to a distance of 1.
  private static func inner(_ x: Symbol) -> Symbol { (1.25 * x - 2.25) * x * x + 1 }
  /// Keys's cubic with a = −¾ from a distance of 1 to 2.
  private static func outer(_ x: Symbol) -> Symbol { ((-0.75 * x + 3.75) * x - 6) * x + 3 }

  private func tap(_ index: Symbol, _ weight: Symbol?) -> ONNXSampler.Tap {
    let last = Double(size - 1)
    guard padding == "zeros" else {
      let inside = padding == "reflection" ? truncate(reflected(index)) : index
      return ONNXSampler.Tap(index: clip(inside, 0, last), weight: weight)
    }
    return ONNXSampler.Tap(
      index: clip(index, 0, last), weight: weight, isInside: (index .>= 0) .& (index .<= last))
  }

  /// `x` mirrored at the borders until it is between them.
  private func reflected(_ x: Symbol) -> Symbol {
    let range = high - low
    guard range > 0 else { return clip(x, 0, 0) }
    let phase = x - low - 2 * range * floor((x - low) / (2 * range))
    return low + range - abs(phase - range)
  }
}
