import TensorGraph

extension ONNXOperator {
  /// Parts of tensors, and tensors put together.
  static let parts: [String: ONNXOperator] = [
    "Concat": ONNXOperator { try $0.concatenated() },
    "Split": ONNXOperator { try $0.parts() },
    "Slice": ONNXOperator { try $0.sliced() },
  ]
}

extension ONNXCall {
  fileprivate func concatenated() throws -> [ONNXValue] {
    let all = try inputs.indices.map { try held($0) }
    guard let first = all.first, all.allSatisfy({ $0.rank == first.rank && $0.type == first.type })
    else { throw ONNXError.mistake("the inputs are not of one rank and one type") }
    guard let given = int("axis") ?? (opset < 4 ? 1 : nil) else {
      throw ONNXError.mistake("there is no axis")
    }
    let axis = try axis(given, rank: first.rank)
    if all.count == 1 { return [first.value(first.symbol)] }
    guard let model = all.first(where: \.isChannelsLast) else {
      return try result(concatenate(all.map(\.symbol), axis: axis))
    }
    let symbols = all.map { $0.isChannelsLast ? $0.symbol : $0.symbol.channelsLast }
    return [model.value(concatenate(symbols, axis: model.place(axis)))]
  }

  fileprivate func parts() throws -> [ONNXValue] {
    let x = try held(0), axis = try axis(0, of: x.shape)
    let size = x.shape[axis], count = node.outputs.count
    var sizes: [Int]
    if let given = try ints("split") ?? (has(1) ? integers(1) : nil) {
      sizes = given
    } else {
      // Parts of one size; the last ones may be smaller or empty.
      guard count > 0, int("num_outputs", count) == count else {
        throw ONNXError.mistake("num_outputs is \(int("num_outputs", 0)), there are \(count)")
      }
      guard opset >= 18 || size % count == 0 else {
        throw ONNXError.mistake("\(size) cannot be split into \(count) equal parts")
      }
      let part = size / count + (size % count == 0 ? 0 : 1)
      sizes = (0..<count).map { index in
        let start = part.multipliedReportingOverflow(by: index)
        return start.overflow ? 0 : min(max(size - start.partialValue, 0), part)
      }
    }
    try expect(sizes.count, "split", are: count)
    var rest = size
    for part in sizes {
      guard part >= 0, part <= rest else {
        throw ONNXError.mistake("the parts \(sizes) are not those of a size of \(size)")
      }
      rest -= part
    }
    guard rest == 0 else {
      throw ONNXError.mistake("the parts \(sizes) are not those of a size of \(size)")
    }
    var start = 0
    return sizes.map { part in
      defer { start += part }
      return x.value(x.symbol.sliced(axis: x.place(axis), start..<start + part))
    }
  }

  fileprivate func sliced() throws -> [ONNXValue] {
    let x = try held(0), shape = x.shape
    let isOld = opset < 10
    let starts = try isOld ? ints("starts") ?? [] : integers(1)
    let ends = try isOld ? ints("ends") ?? [] : integers(2)
    let given = try isOld ? ints("axes") : has(3) ? integers(3) : nil
    let axes = try distinct(given ?? Array(starts.indices), rank: shape.rank)
    let steps = try !isOld && has(4) ? integers(4) : starts.map { _ in 1 }
    try expect(ends.count, "ends", are: starts.count)
    try expect(axes.count, "axes", are: starts.count)
    try expect(steps.count, "steps", are: starts.count)
    var from = shape.dims.map { _ in 0 }, sizes = x.symbol.shape.dims, strides = from.map { _ in 1 }
    for (index, axis) in axes.enumerated() {
      let size = shape[axis], step = steps[index], place = x.place(axis)
      guard step != 0 else { throw ONNXError.mistake("a step is 0") }
      // Both ends are moved into the tensor first, so that nothing overflows.
      func inside(_ end: Int, _ range: ClosedRange<Int>) -> Int {
        min(max(end < 0 ? end + size : end, range.lowerBound), range.upperBound)
      }
      let first = inside(starts[index], step > 0 ? 0...size : min(0, size - 1)...size - 1)
      let last = inside(ends[index], step > 0 ? 0...size : -1...max(size - 1, -1))
      let distance = step > 0 ? last - first : first - last
      let stride = Int(clamping: step.magnitude)
      let count = distance <= 0 ? 0 : (distance - 1) / stride + 1
      from[place] = count == 0 ? 0 : first
      sizes[place] = count
      strides[place] = count < 2 ? 1 : step
    }
    if sizes == x.symbol.shape.dims, strides.allSatisfy({ $0 == 1 }) { return [x.value(x.symbol)] }
    let slice = Slice(starts: from, sizes: sizes, strides: strides)
    return [x.value(trace.emit(slice, [x.symbol]))]
  }
}
