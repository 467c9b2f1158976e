import TensorGraph

extension ONNXOperator {
  /// Blocks of images as channels and back.
  static let blocks: [String: ONNXOperator] = [
    "DepthToSpace": ONNXOperator { call in
      let (x, block) = try call.blocks()
      let (rows, columns, channels) = (x.shape[1], x.shape[2], x.shape[3])
      let area = try call.times(block, block)
      guard channels % area == 0 else {
        throw ONNXError.mistake("\(channels) channels do not make blocks of \(block)×\(block)")
      }
      let depth = channels / area, isColumnFirst = call.string("mode", "DCR") == "DCR"
      let tail = isColumnFirst ? [block, block, depth] : [depth, block, block]
      let split = x.reshaped(Shape([x.shape[0], rows, columns] + tail))
      let moved = split.transposed(isColumnFirst ? [0, 1, 3, 2, 4, 5] : [0, 1, 4, 2, 5, 3])
      let shape: Shape = [x.shape[0], rows * block, columns * block, depth]
      return try call.result(channelsLast: moved.reshaped(shape))
    },
    "SpaceToDepth": ONNXOperator { call in
      let (x, block) = try call.blocks()
      let (rows, columns, channels) = (x.shape[1], x.shape[2], x.shape[3])
      guard rows % block == 0, columns % block == 0 else {
        throw ONNXError.mistake("\(rows)×\(columns) has no blocks of \(block)×\(block)")
      }
      let (high, wide) = (rows / block, columns / block)
      let split = x.reshaped([x.shape[0], high, block, wide, block, channels])
      let moved = split.transposed([0, 1, 3, 2, 4, 5])
      let shape: Shape = [x.shape[0], high, wide, block * block * channels]
      return try call.result(channelsLast: moved.reshaped(shape))
    },
    "Col2Im": ONNXOperator { try $0.imageOfColumns() },
  ]
}

extension ONNXCall {
  /// The images and the size of a block of `DepthToSpace` and `SpaceToDepth`.
  fileprivate func blocks() throws -> (x: Symbol, block: Int) {
    let shape = try shape(0), block = int("blocksize", 0)
    guard shape.rank == 4 else {
      throw ONNXError.mistake("the input is \(shape), not [batch, channels, height, width]")
    }
    guard (1...1 << 20).contains(block) else {
      throw ONNXError.mistake("blocksize is \(block)")
    }
    return (try channelsLast(0), block)
  }

  /// The sum of columns, each the elements of one place of a window, where they lie in the image.
  fileprivate func imageOfColumns() throws -> [ONNXValue] {
    let x = try x(0), image = try integers(1), window = try integers(2), axes = image.count
    try expect(window.count, "block_shape", are: axes)
    guard x.shape.rank == 3, axes > 0 else {
      throw ONNXError.mistake("the input is \(x.shape), not [batch, channels · block, places]")
    }
    let strides = ints("strides") ?? window.map { _ in 1 }
    let dilations = ints("dilations") ?? window.map { _ in 1 }
    let pads = ints("pads") ?? [Int](repeating: 0, count: 2 * axes)
    try expect(strides.count, "strides", are: axes)
    try expect(dilations.count, "dilations", are: axes)
    try expect(pads.count, "pads", are: 2 * axes)
    let limit = 1 << 28
    for size in window + strides + dilations where !(1...limit).contains(size) {
      throw ONNXError.mistake("a block, a stride or a dilation is \(size)")
    }
    for size in image + pads where !(0...limit).contains(size) {
      throw ONNXError.mistake("a size or a pad is \(size)")
    }
    let spatial = try sized(image), taps = try sized(window).count
    let places = (0..<axes).map { axis in
      let room = image[axis] + pads[axis] + pads[axis + axes] - (window[axis] - 1) * dilations[axis]
      return room < 1 ? 0 : (room - 1) / strides[axis] + 1
    }
    let placeCount = try sized(places).count
    guard placeCount == x.shape[2], x.shape[1] % taps == 0 else {
      throw ONNXError.mistake(
        "\(x.shape) are not \(taps) elements at each of \(placeCount) places of the image")
    }
    // Where each element lies, or −1 for what lies in the padding.
    var indices: [Int32] = []
    let imageStrides = spatial.strides
    forEachPlace(window) { tap in
      forEachPlace(places) { place in
        var index = 0
        for axis in 0..<axes {
          let at = place[axis] * strides[axis] + tap[axis] * dilations[axis] - pads[axis]
          guard (0..<image[axis]).contains(at), index >= 0 else {
            index = -1
            continue
          }
          index += at * imageStrides[axis]
        }
        indices.append(Int32(clamping: index))
      }
    }
    let (batch, channels) = (x.shape[0], x.shape[1] / taps)
    let rows = x.reshaped([batch * channels, taps * placeCount])
    let at = trace.constant(Tensor([indices.count], indices))
    let sum = rows.scattered(at: at, axis: 1, size: spatial.count)
    return try result(sum.reshaped(sized([batch, channels] + image)))
  }
}

/// Calls `body` with every index of a shape of `dims`, in order.
func forEachPlace(_ dims: [Int], _ body: ([Int]) -> Void) {
  var index = [Int](repeating: 0, count: dims.count)
  for _ in 0..<Shape(dims).count {
    body(index)
    for axis in dims.indices.reversed() {
      index[axis] += 1
      if index[axis] < dims[axis] { break }
      index[axis] = 0
    }
  }
}
