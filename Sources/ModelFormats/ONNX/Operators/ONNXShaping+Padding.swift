import TensorGraph

extension ONNXOperator {
  /// Tensors with more, or less, at their borders.
  static let padding: [String: ONNXOperator] = [
    "Pad": ONNXOperator { try $0.padded() },
    "CenterCropPad": ONNXOperator { try $0.croppedOrPadded() },
  ]
}

extension ONNXCall {
  fileprivate func padded() throws -> [ONNXValue] {
    let x = try held(0), rank = x.rank, isOld = opset < 11
    let pads = try isOld ? ints("pads") ?? ints("paddings") ?? [] : integers(1)
    let given = try !isOld && has(3) ? integers(3) : Array(0..<rank)
    let axes = try distinct(given, rank: rank)
    try expect(pads.count, "pads", are: 2 * axes.count)
    let mode = string("mode", "constant")
    let constant: Symbol? =
      if isOld { x.symbol.constant(float("value", 0)) } else { try has(2) ? self.x(2) : nil }
    if let constant, constant.shape.count != 1 {
      throw ONNXError.mistake("the constant has the shape \(constant.shape), it is one number")
    }
    var dims = x.shape.dims
    for (index, axis) in axes.enumerated() {
      for pad in [pads[index], pads[index + axes.count]] {
        let (sum, overflows) = dims[axis].addingReportingOverflow(pad)
        guard !overflows else { throw ONNXError.mistake("\(pad) is too much to pad") }
        dims[axis] = sum
      }
    }
    _ = try sized(dims)
    var y = x.symbol
    for (index, axis) in axes.enumerated() {
      let (low, high) = (pads[index], pads[index + axes.count])
      y = try padded(y, axis: x.place(axis), low, high, mode, constant)
    }
    return [x.value(y)]
  }

  /// `x` with `low` elements before and `high` after those of `axis`; negative ones are cut off.
  private func padded(
    _ x: Symbol, axis: Int, _ low: Int, _ high: Int, _ mode: String, _ constant: Symbol?
  ) throws -> Symbol {
    // A negative pad of one side may go beyond the other: what is cut is cut first.
    let cutLow = Int(clamping: (min(low, 0)).magnitude)
    let cutHigh = Int(clamping: (min(high, 0)).magnitude)
    let size = x.shape[axis]
    guard cutLow <= size, cutHigh <= size - cutLow else {
      throw ONNXError.mistake("\(low) and \(high) cut off more than the \(size) elements there are")
    }
    let inner = x.sliced(axis: axis, cutLow..<size - cutHigh)
    let (before, after) = (max(low, 0), max(high, 0))
    guard before > 0 || after > 0 else { return inner }
    if mode == "constant" {
      return filled(inner, axis: axis, before, after, constant ?? x.constant(0))
    }
    let rest = size - cutLow - cutHigh
    guard rest > 0 else {
      throw ONNXError.mistake("there is nothing that the mode \(mode) could repeat")
    }
    guard rest + before + after <= Self.madeLimit else {
      throw ONNXError.mistake("\(before) and \(after) are too many to repeat")
    }
    let place: (Int) -> Int
    switch mode {
    case "edge": place = { min(max($0, 0), rest - 1) }
    case "wrap": place = { index in (index % rest + rest) % rest }
    case "reflect":
      let period = max(2 * (rest - 1), 1)
      place = { index in
        let inside = (index % period + period) % period
        return rest == 1 ? 0 : min(inside, period - inside)
      }
    default: throw ONNXError.mistake("the mode \(mode) is none that Strata has")
    }
    let indices = (-before..<rest + after).map { Int32(place($0)) }
    return inner.gathered(at: trace.constant(Tensor([indices.count], indices)), axis: axis)
  }

  /// `x` with elements that are all `number` before and after those of `axis`.
  func filled(
    _ x: Symbol, axis: Int, _ before: Int, _ after: Int, _ number: Symbol
  ) -> Symbol {
    guard x.isValid, before > 0 || after > 0 else { return x }
    func border(_ size: Int) -> Symbol {
      var shape = x.shape
      shape[axis] = size
      return number.cast(to: x.dtype).reshaped([]).broadcast(to: shape)
    }
    let low = before > 0 ? [border(before)] : [], high = after > 0 ? [border(after)] : []
    return concatenate(low + [x] + high, axis: axis)
  }

  fileprivate func croppedOrPadded() throws -> [ONNXValue] {
    let x = try held(0), sizes = try integers(1)
    let axes = try distinct(ints("axes") ?? Array(0..<x.rank), rank: x.rank)
    try expect(sizes.count, "shape", are: axes.count)
    _ = try sized(sizes)
    var y = x.symbol
    for (axis, size) in zip(axes, sizes) {
      let place = x.place(axis), own = y.shape[place]
      if size < own {
        let start = (own - size) / 2
        y = y.sliced(axis: place, start..<start + size)
      } else {
        let start = (size - own) / 2
        y = filled(y, axis: place, start, size - own - start, y.constant(0))
      }
    }
    return [x.value(y)]
  }
}
