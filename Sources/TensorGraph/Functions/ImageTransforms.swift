/// Images seen through an affine map of places.
///
///     y[i, j] = image[b₀ j + b₁ i + b₂, a₀ j + a₁ i + a₂]
///
/// - Parameters:
///   - images: `[batch, height, width, channels]`.
///   - transform: `[batch, 6]`: a₀, a₁, a₂, b₀, b₁, b₂.
///   - interpolation: how values between pixels are found.
///   - fillMode: what lies beyond the border.
///   - fillValue: the value beyond the border, for a constant one.
/// - Returns: of the shape of the images.
public func affineTransform(
  _ images: Symbol, _ transform: Symbol, interpolation: SamplingInterpolation = .bilinear,
  fillMode: FillMode = .constant, fillValue: Double = 0
) -> Symbol {
  guard images.isValid, transform.isValid else { return images.trace.invalid }
  guard images.shape.rank == 4, transform.shape == [images.shape[0], 6] else {
    return images.trace.fail(
      "affineTransform expects [batch, height, width, channels] and six numbers for each image",
      operands: [images.type, transform.type])
  }
  let grid = PixelGrid(images)
  let numbers = coefficients(transform)
  func place(_ k: Int) -> Symbol {
    numbers[k] * grid.x + numbers[k + 1] * grid.y + numbers[k + 2]
  }
  return sampled(
    images, y: place(3), x: place(0), interpolation: interpolation, fillMode: fillMode,
    fillValue: fillValue)
}

/// The places of the pixels of images.
private struct PixelGrid {
  /// The row of each, `[1, height, 1]`.
  let y: Symbol
  /// The column of each, `[1, 1, width]`.
  let x: Symbol

  init(_ images: Symbol) {
    y = images.trace.iota([1, images.shape[1], 1], axis: 1, dtype: .float32)
    x = images.trace.iota([1, 1, images.shape[2]], axis: 2, dtype: .float32)
  }
}

/// The columns of `numbers`, `[batch, count]`, each as `[batch, 1, 1]`.
private func coefficients(_ numbers: Symbol) -> [Symbol] {
  numbers.cast(to: .float32).split(numbers.shape[1], axis: 1).map { $0.expandingDims(at: 1) }
}

/// Images seen through the projective map that takes four points to four others.
///
/// What is at `start` in the images is at `end` in the result.
///
/// - Parameters:
///   - images: `[batch, height, width, channels]`.
///   - start: points, each x and y, no three on a line: `[batch, 4, 2]`. They stand in the order
///     of the corners above left, above right, below left, below right.
///   - end: likewise.
///   - interpolation: how values between pixels are found.
///   - fillValue: the value beyond the border, for a constant one.
/// - Returns: of the shape of the images.
/// - Reference: Heckbert, Fundamentals of Texture Mapping and Image Warping, 1989
public func perspectiveTransform(
  _ images: Symbol, from start: Symbol, to end: Symbol,
  interpolation: SamplingInterpolation = .bilinear, fillValue: Double = 0
) -> Symbol {
  guard images.isValid, start.isValid, end.isValid else { return images.trace.invalid }
  guard images.shape.rank == 4, start.shape == [images.shape[0], 4, 2], end.shape == start.shape
  else {
    return images.trace.fail(
      "perspectiveTransform expects [batch, height, width, channels] and points [batch, 4, 2]",
      operands: [images.type, start.type, end.type])
  }
  let map = product(squareToQuadrilateral(start), adjugate(squareToQuadrilateral(end)))
  let grid = PixelGrid(images)
  func row(_ k: Int) -> Symbol {
    map[k][0] * grid.x + map[k][1] * grid.y + map[k][2]
  }
  let depth = row(2)
  return sampled(
    images, y: row(1) / depth, x: row(0) / depth, interpolation: interpolation,
    fillValue: fillValue)
}

/// A 3 × 3 matrix for each image, as elements `[batch, 1, 1]`.
private typealias Homography = [[Symbol]]

/// The map of the unit square to the quadrilateral with these corners.
private func squareToQuadrilateral(_ points: Symbol) -> Homography {
  let numbers = coefficients(points.reshaped([points.shape[0], 8]))
  let (x0, y0, x1, y1) = (numbers[0], numbers[1], numbers[2], numbers[3])
  // Around the square the corner below right, the fourth point, comes third.
  let (x3, y3, x2, y2) = (numbers[4], numbers[5], numbers[6], numbers[7])
  let (dx1, dx2, sumX) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3)
  let (dy1, dy2, sumY) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3)
  let determinant = dx1 * dy2 - dx2 * dy1
  let g = (sumX * dy2 - dx2 * sumY) / determinant
  let h = (dx1 * sumY - sumX * dy1) / determinant
  return [
    [x1 - x0 + g * x1, x3 - x0 + h * x3, x0],
    [y1 - y0 + g * y1, y3 - y0 + h * y3, y0],
    [g, h, g.constant(1)],
  ]
}

/// The inverse of `m` up to its scale.
private func adjugate(_ m: Homography) -> Homography {
  (0..<3).map { i in
    (0..<3).map { j in
      let (a, b, c, d) = ((j + 1) % 3, (j + 2) % 3, (i + 1) % 3, (i + 2) % 3)
      return m[a][c] * m[b][d] - m[a][d] * m[b][c]
    }
  }
}

private func product(_ a: Homography, _ b: Homography) -> Homography {
  (0..<3).map { i in
    (0..<3).map { j in a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j] }
  }
}

/// Images with each pixel taken from a place moved by `dx` and `dy`.
///
///     y[i, j] = image[i + dy[i, j], j + dx[i, j]]
///
/// - Parameters:
///   - images: `[batch, height, width, channels]`.
///   - dx: how far along the width: `[batch, height, width]`.
///   - dy: how far along the height, likewise.
///   - interpolation: how values between pixels are found.
///   - fillMode: what lies beyond the border.
///   - fillValue: the value beyond the border, for a constant one.
/// - Returns: of the shape of the images.
public func displaced(
  _ images: Symbol, dx: Symbol, dy: Symbol, interpolation: SamplingInterpolation = .bilinear,
  fillMode: FillMode = .reflect, fillValue: Double = 0
) -> Symbol {
  guard images.isValid, dx.isValid, dy.isValid else { return images.trace.invalid }
  guard images.shape.rank == 4, dx.shape == Shape(images.shape.dims.dropLast()),
    dy.shape == dx.shape
  else {
    return images.trace.fail(
      "displaced expects images and a displacement of each pixel along both axes",
      operands: [images.type, dx.type, dy.type])
  }
  let grid = PixelGrid(images)
  return sampled(
    images, y: grid.y + dy.cast(to: .float32), x: grid.x + dx.cast(to: .float32),
    interpolation: interpolation, fillMode: fillMode, fillValue: fillValue)
}
