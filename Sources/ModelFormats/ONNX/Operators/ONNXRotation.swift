import TensorGraph

extension ONNXCall {
  /// Pairs of features turned by angles that grow with the place in the sequence.
  func rotated() throws -> [ONNXValue] {
    let x = try x(0), isFlat = x.shape.rank == 3
    let parts = isFlat ? try heads(x, int("num_heads")) : x
    guard parts.shape.rank == 4 else { throw ONNXError.mistake("a sequence has not \(x.shape)") }
    let (batch, time, size) = (parts.shape[0], parts.shape[2], parts.shape[3])
    let stated = int("rotary_embedding_dim", 0), width = stated == 0 ? size : stated
    guard width > 0, width <= size, width % 2 == 0 else {
      throw ONNXError.mistake("\(width) of \(size) features cannot be turned in pairs")
    }
    func angles(_ index: Int) throws -> Symbol {
      var table = try self.x(index).cast(to: x.dtype)
      if has(3) { table = table.gathered(at: try self.x(3), axis: 0) }
      guard table.isValid, table.shape == [batch, time, width / 2] else {
        throw ONNXError.mistake(
          "input \(index) gives angles \(table.shape), not \([batch, time, width / 2])")
      }
      return table.expandingDims(at: 1)
    }
    let (cosine, sine) = (try angles(1), try angles(2))
    let isInterleaved = bool("interleaved"), half = width / 2
    func part(_ index: Int) -> Symbol {
      isInterleaved
        ? parts.sliced(axis: 3, index..<width, stride: 2)
        : parts.sliced(axis: 3, index * half..<(index + 1) * half)
    }
    let turned = [
      cosine * part(0) - sine * part(1), sine * part(0) + cosine * part(1),
    ]
    var y =
      isInterleaved
      ? stack(turned, axis: 4).reshaped([batch, parts.shape[1], time, width])
      : concatenate(turned, axis: 3)
    if width < size { y = concatenate([y, parts.sliced(axis: 3, width..<size)], axis: 3) }
    return try result(isFlat ? y.transposed([0, 2, 1, 3]).reshaped(x.shape) : y)
  }
}
