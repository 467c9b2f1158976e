import TensorGraph

extension ONNXCall {
  /// The largest element of each part of regions of images; 0 where a part has none.
  func regionsPooled() throws -> [ONNXValue] {
    let x = try images(), regions = try self.x(1)
    guard let sizes = ints("pooled_shape"), sizes.count == 2, x.shape.rank == 4,
      regions.shape.rank == 2, regions.shape[1] == 5, regions.shape[0] > 0
    else { throw ONNXError.mistake("regions \(regions.shape) of images \(try shape(0))") }
    guard sizes.allSatisfy({ (1...256).contains($0) }) else {
      throw ONNXError.mistake("pooled_shape is \(sizes), where 1 is the least and 256 the most")
    }
    try checkResult(Shape([regions.shape[0]] + x.shape.dims.dropFirst()))
    let scale = float("spatial_scale", 1), columns = regions.cast(to: .float32).split(5, axis: 1)
    let chosen = x.gathered(at: columns[0].squeezed(1).cast(to: .int32))
    // Corners are pixels, and both are in the region.
    let corners = columns.dropFirst().map { floor($0 * scale + 0.5) }
    /// Which pixels of an axis are in part `part`: `[regions, size]`.
    func isIn(_ part: Int, _ axis: Int) -> Symbol {
      let start = corners[axis == 0 ? 1 : 0], end = corners[axis == 0 ? 3 : 2]
      let size = maximum(end - start + 1, 1) / Double(sizes[axis])
      let pixel = trace.iota([1, x.shape[axis + 1]], axis: 1, dtype: .float32)
      return (pixel .>= floor(size * Double(part)) + start)
        .& (pixel .< ceil(size * Double(part + 1)) + start)
    }
    func largest(_ x: Symbol, _ isIn: Symbol, axis: Int) -> Symbol {
      let shape = Shape(x.shape.dims.indices.map { [0, axis].contains($0) ? x.shape[$0] : 1 })
      return select(isIn.reshaped(shape).broadcast(to: x.shape), x, -.infinity)
        .max(axes: [axis], keepDims: true)
    }
    let rows = (0..<sizes[0]).map { part in largest(chosen, isIn(part, 0), axis: 1) }
    let tall = concatenate(rows, axis: 1)
    guard tall.isValid else { throw ONNXError.reported }
    let y = concatenate(
      (0..<sizes[1]).map { part in largest(tall, isIn(part, 1), axis: 2) }, axis: 2)
    return try result(channelsLast: select(isInfinite(y), 0 * y.constant(1), y))
  }

  /// Means or maxima of values at points spread evenly over the parts of regions of images.
  func regionsAligned() throws -> [ONNXValue] {
    let x = try images(), images = try self.x(2)
    let regions = try self.x(1).cast(to: .float32)
    guard x.shape.rank == 4, regions.shape.rank == 2, regions.shape[1] == 4,
      regions.shape[0] > 0, images.shape == [regions.shape[0]]
    else {
      throw ONNXError.mistake(
        "regions \(regions.shape) and images \(images.shape) of \(try shape(0))")
    }
    let sizes = [int("output_height", 1), int("output_width", 1)]
    let ratio = int("sampling_ratio", 0), mode = string("mode", "avg").lowercased()
    guard sizes.allSatisfy({ (1...4096).contains($0) }), (0...256).contains(ratio) else {
      throw ONNXError.mistake("\(sizes) parts with \(ratio) points each are too many")
    }
    guard mode == "avg" || mode == "max" else { throw ONNXError.mistake("mode is \(mode)") }
    let points = max(ratio, 1)
    try checkResult([regions.shape[0], sizes[0] * points, sizes[1] * points, x.shape[-1]])
    let isHalf =
      opset >= 16
      && string("coordinate_transformation_mode", "half_pixel").lowercased() == "half_pixel"
    let scale = float("spatial_scale", 1)
    let corners = regions.split(4, axis: 1).map { $0 * scale - (isHalf ? 0.5 : 0) }
    let starts = [corners[1], corners[0]]
    let extents = [corners[3] - corners[1], corners[2] - corners[0]].map {
      isHalf ? $0 : maximum($0, 1)
    }
    let aligned = RegionsAligned(images: x, sizes: sizes, isMax: mode == "max")
    if ratio > 0 {
      return try result(
        channelsLast: aligned.values(starts, extents, image: images, counts: [ratio, ratio]))
    }
    // As many points as there are pixels, which differs from region to region.
    let known = try known(1).numbers, count = regions.shape[0]
    let parts = try (0..<count).map { region in
      let counts = try (0..<2).map { axis in
        let corner = region * 4 + 1 - axis
        let extent = (known[corner + 2] - known[corner]) * scale
        let number = ((isHalf ? extent : max(extent, 1)) / Double(sizes[axis])).rounded(.up)
        guard number <= 4096 else { throw ONNXError.mistake("a region is \(extent) pixels long") }
        return max(Int(number), 0)
      }
      func own(_ x: Symbol) -> Symbol { x.sliced(axis: 0, region..<region + 1) }
      guard counts.allSatisfy({ $0 > 0 }) else {
        return trace.constant(0, [1, sizes[0], sizes[1], x.shape[-1]], dtype: x.dtype)
      }
      return aligned.values(
        starts.map(own), extents.map(own), image: own(images), counts: counts)
    }
    return try result(channelsLast: concatenate(parts, axis: 0))
  }
}

/// Regions of images, cut into parts.
private struct RegionsAligned {
  /// `[batch, height, width, channels]`
  let images: Symbol
  /// The number of parts along each axis.
  let sizes: [Int]
  let isMax: Bool

  /// What the points of each part give: `[regions, parts…, channels]`.
  ///
  /// `starts` and `extents` are `[regions, 1]` for each axis, `counts` the numbers of points.
  func values(
    _ starts: [Symbol], _ extents: [Symbol], image: Symbol, counts: [Int]
  ) -> Symbol {
    let regions = starts[0].shape[0], trace = images.trace
    let taps = (0..<2).map { axis in
      let points = sizes[axis] * counts[axis], size = images.shape[axis + 1]
      let share = (trace.iota([1, points], axis: 1, dtype: .float32) + 0.5) / Double(points)
      let place = ONNXSampler.finite(starts[axis] + share * extents[axis])
      let isNear = (place .>= -1) .& (place .<= Double(size))
      let inside = clip(place, 0, Double(size - 1))
      let low = floor(inside), part = inside - low
      let shape: Shape = axis == 0 ? [regions, points, 1] : [regions, 1, points]
      return [(low, 1 - part), (minimum(low + 1, Double(size - 1)), part)].map { index, weight in
        ONNXSampler.Tap(
          index: index.reshaped(shape),
          weight: (weight * isNear.cast(to: .float32)).reshaped(shape))
      }
    }
    let sampler = ONNXSampler(images: images)
    let corners = sampler.corners(image: image.reshaped([regions, 1, 1]), taps)
    let all = corners.dropFirst().reduce(corners[0]) { isMax ? maximum($0, $1) : $0 + $1 }
    let parts = all.reshaped(
      [regions, sizes[0], counts[0], sizes[1], counts[1], images.shape[-1]])
    return isMax ? parts.max(axes: [2, 4]) : parts.mean(axes: [2, 4])
  }
}
