/// The largest elements of windows that share out each spatial axis evenly, channel by channel.
///
/// Along an axis of `size` elements, window `i` of `n` goes from `⌊i · size / n⌋` to
/// `⌈(i + 1) · size / n⌉`. Of equal elements the first of the last axis has the derivative, and
/// among those the first of the axis before.
///
/// - `x`: `[batch, spatial…, channels]`, with 1 to 3 spatial axes
/// - Result: `[batch, outputSizes…, channels]`
public func adaptiveMaxPooling(_ x: Symbol, outputSizes: [Int]) -> Symbol {
  guard x.isValid, let axes = adaptiveAxes(x, outputSizes) else { return x.trace.invalid }
  // One axis after the other, as Keras on JAX does it: that decides between equal elements.
  return axes.reduce(x) { x, axis in
    guard x.isValid else { return x }
    let windows = AdaptiveWindows(size: x.shape[axis], count: outputSizes[axis - 1])
    func pooled(_ size: Int, stride: Int) -> Symbol {
      var sizes = outputSizes.map { _ in 1 }, strides = sizes
      (sizes[axis - 1], strides[axis - 1]) = (size, stride)
      return maxPooling(x, sizes: sizes, strides: strides)
    }
    if let size = windows.step { return pooled(size, stride: size) }
    let (small, big) = (windows.sizes.min() ?? 1, windows.sizes.max() ?? 1)
    // All windows of either size, from which those that are wanted are taken.
    let all =
      small == big ? [pooled(small, stride: 1)] : [small, big].map { pooled($0, stride: 1) }
    let places = zip(windows.starts, windows.sizes).map { start, size in
      Int32(size == small ? start : start + windows.size - small + 1)
    }
    return concatenate(all, axis: axis).gathered(
      at: x.trace.constant(Tensor([places.count], places)), axis: axis)
  }
}

/// The means of windows that share out each spatial axis evenly, channel by channel.
///
/// Along an axis of `size` elements, window `i` of `n` goes from `⌊i · size / n⌋` to
/// `⌈(i + 1) · size / n⌉`.
///
/// - `x`: `[batch, spatial…, channels]`, with 1 to 3 spatial axes
/// - Result: `[batch, outputSizes…, channels]`
public func adaptiveAveragePooling(_ x: Symbol, outputSizes: [Int]) -> Symbol {
  guard x.isValid, let axes = adaptiveAxes(x, outputSizes) else { return x.trace.invalid }
  let windows = axes.map { AdaptiveWindows(size: x.shape[$0], count: outputSizes[$0 - 1]) }
  let steps = windows.compactMap(\.step)
  if steps.count == axes.count { return averagePooling(x, sizes: steps) }
  return zip(axes, windows).reduce(x.floatingPoint) { $0.combined(along: $1.0, by: $1.1.means) }
}

/// The spatial axes of `x`, if they can be shared out among so many windows.
private func adaptiveAxes(_ x: Symbol, _ outputSizes: [Int]) -> [Int]? {
  let axes = Array(1..<max(x.shape.rank - 1, 1))
  let fits =
    (1...3).contains(axes.count) && axes.count == outputSizes.count
    && zip(x.shape.spatial, outputSizes).allSatisfy { size, count in
      size > 0 && count > 0 && count <= (1 << 26) / size
    }
  guard fits else {
    x.trace.fail(
      "\(x.shape) cannot be shared out among \(outputSizes) windows", operands: [x.type],
      hint: "there is a size of at least 1 for each axis between batch and channels")
    return nil
  }
  return axes
}

/// The windows that share out an axis.
private struct AdaptiveWindows {
  let size: Int
  let count: Int

  var starts: [Int] { (0..<count).map { $0 * size / count } }
  var sizes: [Int] {
    zip(starts, 0..<count).map { start, i in ((i + 1) * size + count - 1) / count - start }
  }
  /// The size of all windows, if they lie side by side.
  var step: Int? { size % count == 0 ? size / count : nil }

  /// The weights of the elements in each mean: `[count, size]`.
  var means: Tensor {
    var weights = [Float](repeating: 0, count: count * size)
    for (row, (start, length)) in zip(starts, sizes).enumerated() {
      for element in start..<start + length { weights[row * size + element] = 1 / Float(length) }
    }
    return Tensor([count, size], weights)
  }
}
