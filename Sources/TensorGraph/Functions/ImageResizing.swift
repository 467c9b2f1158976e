import Foundation

/// How the pixels of a resized image are found from those of the original.
public enum Interpolation: String, Sendable, Hashable, Codable, CaseIterable {
  /// The pixel that lies nearest.
  case nearest
  /// The triangle of radius 1: a line between neighbors.
  case bilinear
  /// Keys's cubic with a = −½, of radius 2.
  case bicubic
  /// Lanczos's windowed sinc of radius 3.
  case lanczos3
  /// Lanczos's windowed sinc of radius 5.
  case lanczos5

  /// The distance from which on pixels have no weight.
  fileprivate var radius: Double {
    switch self {
    case .nearest: 0.5
    case .bilinear: 1
    case .bicubic: 2
    case .lanczos3: 3
    case .lanczos5: 5
    }
  }

  /// The weight of a pixel at distance `x`.
  fileprivate func weight(_ x: Double) -> Double {
    guard x <= radius else { return 0 }
    switch self {
    case .nearest: return 1
    case .bilinear: return Swift.max(0, 1 - x)
    case .bicubic:
      if x >= 2 { return 0 }
      return x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1
    case .lanczos3, .lanczos5:
      if x <= 1e-3 { return 1 }
      return radius * sin(.pi * x) * sin(.pi * x / radius) / (.pi * .pi * x * x)
    }
  }
}

/// Images of another size, whose pixels have their centers at halves: pixel `i` of `n` lies at
/// `(i + ½) · size / n − ½` of the original.
///
/// With `antialias` the weights of an image that becomes smaller reach as far as its new pixels
/// do. Weights beyond the border go to the pixels inside. Integers stay integers: they are rounded,
/// a half to the even one, and held in the range of their type.
///
/// Keys, *Cubic convolution interpolation for digital image processing*, 1981.
///
/// - `images`: `[batch, height, width, channels]`
/// - Result: `[batch, height′, width′, channels]` of the sizes given
public func resized(
  _ images: Symbol, height: Int, width: Int, interpolation: Interpolation, antialias: Bool = false
) -> Symbol {
  guard images.isValid else { return images }
  func fail(_ message: String, hint: String? = nil) -> Symbol {
    images.trace.fail(message, operands: [images.type], hint: hint)
  }
  guard images.shape.rank == 4, images.shape[1] > 0, images.shape[2] > 0 else {
    return fail("resizing expects [batch, height, width, channels] with at least one pixel")
  }
  var y = images
  for (axis, size) in [(1, height), (2, width)] where size != images.shape[axis] {
    // The largest matrix of weights takes a quarter of a gigabyte.
    guard size > 0, size <= (1 << 26) / images.shape[axis] else {
      return fail(
        "images cannot be resized from \(images.shape[1])×\(images.shape[2]) to \(height)×\(width)",
        hint: "sizes are at least 1, and an old times a new one at most 2²⁶")
    }
    y =
      interpolation == .nearest
      ? y.gathered(at: y.trace.constant(nearest(from: y.shape[axis], to: size)), axis: axis)
      : y.floatingPoint.combined(
        along: axis, by: interpolation.weights(from: y.shape[axis], to: size, antialias))
  }
  return y.rounded(to: images.dtype)
}

/// The index of the nearest of `size` pixels to each of `count`: `int32[count]`.
private func nearest(from size: Int, to count: Int) -> Tensor {
  Tensor([count], nearestPixels(from: size, to: count).map(Int32.init))
}

/// The index of the nearest of `size` pixels to each of `count`.
private func nearestPixels(from size: Int, to count: Int) -> [Int] {
  // In single precision, and in this order, so that ties fall where they do in Keras on JAX.
  let step = Float(size) * (1 / Float(count))
  return (0..<count).map {
    Swift.min(Int(((Float($0) + 0.5) * step).rounded(.down)), size - 1)
  }
}

extension Interpolation {
  /// The weights of a run of pixels in a pixel.
  package typealias Taps = (first: Int, weights: [Float])

  /// The weights of `size` pixels in each of `count`; those of each have the sum 1.
  package func taps(from size: Int, to count: Int, antialias: Bool = false) -> [Taps] {
    if self == .nearest { return nearestPixels(from: size, to: count).map { ($0, [1]) } }
    let step = Double(size) / Double(count)
    let spread = antialias ? Swift.max(step, 1) : 1
    return (0..<count).map { row in
      let center = (Double(row) + 0.5) * step - 0.5
      let first = Swift.max(0, Int((center - radius * spread).rounded(.up)))
      let last = Swift.min(size - 1, Int((center + radius * spread).rounded(.down)))
      guard first <= last else { return (0, []) }
      let weights = (first...last).map { weight((center - Double($0)).magnitude / spread) }
      let sum = weights.reduce(0, +)
      guard sum.magnitude > 1000 * Double(Float.ulpOfOne) else { return (0, []) }
      return (first, weights.map { Float($0 / sum) })
    }
  }

  /// The weights of `size` pixels in each of `count`: `[count, size]`, each row with the sum 1.
  fileprivate func weights(from size: Int, to count: Int, _ antialias: Bool) -> Tensor {
    var all = [Float](repeating: 0, count: size * count)
    for (row, taps) in taps(from: size, to: count, antialias: antialias).enumerated() {
      for (offset, weight) in taps.weights.enumerated() {
        all[row * size + taps.first + offset] = weight
      }
    }
    return Tensor([count, size], all)
  }
}

extension Symbol {
  /// The nearest numbers that `dtype` has, or this symbol if it has them all.
  fileprivate func rounded(to dtype: DType) -> Symbol {
    guard isValid, dtype != self.dtype else { return self }
    let y = round(self)
    switch dtype {
    case .uint8: return clip(y, 0, 255).cast(to: dtype)
    case .int8: return clip(y, -128, 127).cast(to: dtype)
    default: return y.cast(to: dtype)
    }
  }

  /// The sums of the entries of `axis`, weighted by each row of `matrix`.
  ///
  ///     [before…, size, after…] by [count, size] → [before…, count, after…]
  func combined(along axis: Int, by matrix: Tensor) -> Symbol {
    guard isValid else { return self }
    // With the axis last it is one product for all others.
    let order = shape.dims.indices.filter { $0 != axis } + [axis]
    let weights = trace.constant(matrix).cast(to: dtype).transposed()
    let last = shape.rank - 1
    let back = (0...last).map { $0 < axis ? $0 : $0 == axis ? last : $0 - 1 }
    return matmul(transposed(order), weights).transposed(back)
  }

  /// With each entry of `axis` repeated `count` times in a row.
  public func repeated(_ count: Int, axis: Int) -> Symbol {
    guard isValid else { return self }
    guard let axis = shape.axis(axis), count >= 0 else {
      return trace.fail("cannot repeat axis \(axis) of \(shape) \(count) times", operands: [type])
    }
    guard count != 1 else { return self }
    let open = expandingDims(at: axis + 1)
    var wide = open.shape
    wide[axis + 1] = count
    let y = open.broadcast(to: wide)
    guard y.isValid else { return y }  // too large
    var result = shape
    result[axis] *= count
    return y.reshaped(result)
  }
}
