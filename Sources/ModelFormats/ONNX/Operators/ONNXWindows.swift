import TensorGraph

extension ONNXCall {
  /// The numbers of the attribute `name`, one for each of `axes` spatial axes.
  func perAxis(
    _ name: String, _ axes: Int, standard: Int, least: Int = 1
  ) throws -> [Int] {
    guard let given = ints(name), !given.isEmpty else {
      return Array(repeating: standard, count: axes)
    }
    guard given.count == axes else {
      throw ONNXError.mistake(
        "\(name) is \(given), which is not one number for each of \(axes) axes")
    }
    try check(given, name, least: least)
    return given
  }

  /// Throws unless the numbers of the attribute `name` are ones to compute sizes with.
  func check(_ numbers: [Int], _ name: String, least: Int) throws {
    guard numbers.allSatisfy({ (least...1 << 30).contains($0) }) else {
      throw ONNXError.mistake("\(name) is \(numbers), where \(least) is the least and 2³⁰ the most")
    }
  }

  /// Throws unless a result of `shape`, which follows from attributes, has at most 2³¹ elements:
  /// a file of a few bytes cannot ask for all memory.
  func checkResult(_ shape: Shape) throws {
    guard shape.count <= 1 << 31 else {
      throw ONNXError.mistake("a result of \(shape) is too large")
    }
  }

  /// The images at the first input with channels last, which have 1 to 3 spatial axes.
  func images() throws -> Symbol {
    let shape = try shape(0)
    guard (3...5).contains(shape.rank) else {
      throw ONNXError.mistake(
        "images are [batch, channels, spatial…] with 1 to 3 spatial axes, not \(shape)")
    }
    guard shape.dims.dropFirst(2).allSatisfy({ (1...1 << 30).contains($0) }) else {
      throw ONNXError.mistake("images have no pixels: \(shape)")
    }
    return try channelsLast(0)
  }

  /// The window of a pooling over the images `x`.
  func poolingWindow(_ x: Symbol) throws -> Window {
    let spatial = x.shape.spatial
    guard let sizes = ints("kernel_shape") else {
      throw ONNXError.mistake("kernel_shape is missing")
    }
    return try window(sizes, spatial)
  }

  /// The window with taps of `sizes` that moves over images of `spatial` sizes as the attributes
  /// strides, dilations, pads, auto_pad and ceil_mode say.
  ///
  /// `filters` is the number of channels of the result, if it is not that of the images.
  func window(_ sizes: [Int], _ spatial: [Int], filters: Int = 0) throws -> Window {
    let axes = spatial.count
    guard sizes.count == axes else {
      throw ONNXError.mistake(
        "kernel_shape is \(sizes), which is not one number for each of \(axes) axes")
    }
    try check(sizes, "kernel_shape", least: 1)
    let strides = try perAxis("strides", axes, standard: 1)
    let dilations = try perAxis("dilations", axes, standard: 1)
    let plain = Window(sizes: sizes, strides: strides, dilations: dilations)
    var low = sizes.map { _ in 0 }, high = low
    switch string("auto_pad", "NOTSET") {
    case "VALID": break
    case "SAME_UPPER", "SAME_LOWER":
      let same = plain.padded(.same, for: spatial)
      (low, high) = (same.low, same.high)
      if string("auto_pad") == "SAME_LOWER" { swap(&low, &high) }
    case "NOTSET", "":
      (low, high) = try pads(axes)
      if bool("ceil_mode") { high = roundingUp(plain, spatial, low, high) }
    case let other: throw ONNXError.mistake("auto_pad is \(other)")
    }
    for axis in 0..<axes {
      guard spatial[axis] + low[axis] + high[axis] >= plain.effectiveSizes[axis] else {
        throw ONNXError.mistake(
          "a window of \(plain.effectiveSizes) does not fit in images of \(spatial) padded by "
            + "\(low) and \(high)")
      }
    }
    let window = Window(
      sizes: sizes, strides: strides, dilations: dilations, low: low, high: high)
    let shape = try shape(0), padded = (0..<axes).map { spatial[$0] + low[$0] + high[$0] }
    try checkResult(Shape([shape[0], max(shape[1], filters)] + window.outputSizes(spatial)))
    try checkResult(Shape([shape[0], shape[1]] + padded))
    return window
  }

  /// The attribute pads: what is before and after the data, for each axis.
  func pads(_ axes: Int) throws -> (low: [Int], high: [Int]) {
    let pads = try perAxis("pads", 2 * axes, standard: 0, least: 0)
    return (Array(pads.prefix(axes)), Array(pads.suffix(axes)))
  }

  /// The padding at the end that gives a place to a last window which is not filled, unless it
  /// would lie on padding alone.
  private func roundingUp(
    _ plain: Window, _ spatial: [Int], _ low: [Int], _ high: [Int]
  ) -> [Int] {
    spatial.indices.map { axis in
      let stride = plain.strides[axis], size = plain.effectiveSizes[axis]
      let room = spatial[axis] + low[axis] + high[axis] - size
      guard room >= 0 else { return high[axis] }
      var last = (room + stride - 1) / stride
      if last * stride >= spatial[axis] + low[axis] { last -= 1 }
      return max(last * stride + size - spatial[axis] - low[axis], high[axis])
    }
  }
}
