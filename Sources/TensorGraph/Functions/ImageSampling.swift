/// What stands beyond the border of an image `a b c d`.
public enum FillMode: String, Sendable, Hashable, Codable, CaseIterable {
  /// A value of its own: `k k k | a b c d | k k k`.
  case constant
  /// The pixel at the border: `a a a | a b c d | d d d`.
  case nearest
  /// The other end of the image: `b c d | a b c d | a b c`.
  case wrap
  /// The image mirrored at its last pixel: `d c b | a b c d | c b a`.
  case mirror
  /// The image mirrored at the edge of its last pixel: `c b a | a b c d | d c b`.
  case reflect
}

/// How a value between pixels is found.
public enum SamplingInterpolation: String, Sendable, Hashable, Codable, CaseIterable {
  /// That of the nearest pixel; half way, of the one farther from 0.
  case nearest
  /// Between the four pixels around, weighted by how near they are.
  case bilinear
}

/// The values of images at places that need not be those of pixels.
///
/// Pixel `[i, j]` is at the place y = i, x = j.
///
/// - Parameters:
///   - images: `[batch, height, width, channels]`.
///   - y: the places along the height: `[batch, rows, columns]`, or 1 for axes along which they
///     are all the same.
///   - x: the places along the width, likewise.
///   - interpolation: how values between pixels are found.
///   - fillMode: what lies beyond the border.
///   - fillValue: the value beyond the border, for a constant one.
/// - Returns: `[batch, rows, columns, channels]`.
public func sampled(
  _ images: Symbol, y: Symbol, x: Symbol, interpolation: SamplingInterpolation = .bilinear,
  fillMode: FillMode = .constant, fillValue: Double = 0
) -> Symbol {
  guard images.isValid, y.isValid, x.isValid else { return images.trace.invalid }
  guard images.shape.rank == 4, y.shape.rank == 3, x.shape.rank == 3,
    images.shape.dims.allSatisfy({ $0 > 0 }), images.dtype.isFloatingPoint
  else {
    return images.trace.fail(
      "sampled expects floats [batch, height, width, channels] and places [batch, rows, columns]",
      operands: [images.type, y.type, x.type])
  }
  let (batch, height, width) = (images.shape[0], images.shape[1], images.shape[2])
  let trace = images.trace
  let pixels = images.reshaped([batch * height * width, images.shape[3]])
  let isWide = batch * height * width > Int(Int32.max)
  let index: DType = isWide ? .int64 : .int32
  let first = trace.iota([batch, 1, 1], axis: 0, dtype: index) * Double(height * width)

  let rows = taps(y, height, interpolation, fillMode)
  let columns = taps(x, width, interpolation, fillMode)
  var sum: Symbol?
  for row in rows {
    let start = first + row.index.cast(to: index) * Double(width)
    for column in columns {
      let place = start + column.index.cast(to: index)
      var value = pixels.gathered(at: place)
      if let a = row.isInside, let b = column.isInside {
        value = select((a .& b).expandingDims(at: -1), value, fillValue)
      }
      if let a = row.weight, let b = column.weight { value = value * (a * b).expandingDims(at: -1) }
      sum = sum.map { $0 + value } ?? value
    }
  }
  return sum?.cast(to: images.dtype) ?? trace.invalid
}

/// A pixel that counts for a place, along one axis.
private struct Tap {
  /// Which pixel, as a float that is one of the axis.
  let index: Symbol
  /// How much it counts; all if nothing is said.
  let weight: Symbol?
  /// Whether it is in the image, if that matters.
  let isInside: Symbol?
}

/// The pixels that count for `places` along an axis of `size` pixels.
private func taps(
  _ places: Symbol, _ size: Int, _ interpolation: SamplingInterpolation, _ fillMode: FillMode
) -> [Tap] {
  // Beyond this floats do not count pixels exactly; a place that is none is far outside.
  let limit = Double(1 << 22)
  let places = clip(places.cast(to: .float32), -limit, limit)
  let finite = select(isNaN(places), places.constant(-limit), places)
  func tap(_ index: Symbol, _ weight: Symbol?) -> Tap {
    let isInside = fillMode == .constant ? (index .>= 0) .& (index .< Double(size)) : nil
    return Tap(index: inside(index, size, fillMode), weight: weight, isInside: isInside)
  }
  switch interpolation {
  case .nearest:
    let whole = truncate(finite)
    let isFar = abs(finite - whole) .>= 0.5
    return [tap(whole + select(isFar, sign(finite), 0), nil)]
  case .bilinear:
    let low = floor(finite)
    let share = finite - low
    return [tap(low, 1 - share), tap(low + 1, share)]
  }
}

/// The pixel of the image that stands for the pixel `index`, which may be beyond the border.
private func inside(_ index: Symbol, _ size: Int, _ fillMode: FillMode) -> Symbol {
  /// The remainder with the sign of the divisor: exact for whole numbers.
  func remainder(_ x: Symbol, _ divisor: Double) -> Symbol { x - divisor * floor(x / divisor) }
  let n = Double(size)
  switch fillMode {
  case .constant, .nearest: return clip(index, 0, n - 1)
  case .wrap: return remainder(index, n)
  case .mirror:
    return size == 1 ? clip(index, 0, 0) : abs(remainder(index + (n - 1), 2 * (n - 1)) - (n - 1))
  case .reflect: return (abs(remainder(2 * index + (1 + 2 * n), 4 * n) - 2 * n) - 1) * 0.5
  }
}
