/// Images weighted over windows of rows and of columns; beyond the border are zeros.
///
///     y[i, j] = Σ rows[k] columns[l] image[i + k − rows/2, j + l − columns/2]
///
/// - Parameters:
///   - images: `[batch, height, width, channels]`.
///   - rows: the weights along the height: a vector of odd size.
///   - columns: the weights along the width, likewise.
/// - Returns: of the shape of the images.
public func windowed(_ images: Symbol, rows: Symbol, columns: Symbol) -> Symbol {
  guard images.isValid, rows.isValid, columns.isValid else { return images.trace.invalid }
  guard images.shape.rank == 4, rows.shape.rank == 1, columns.shape.rank == 1 else {
    return images.trace.fail(
      "windowed expects images [batch, height, width, channels] and two vectors of weights",
      operands: [images.type, rows.type, columns.type])
  }
  let channels = images.shape[3]
  func along(_ x: Symbol, _ weights: Symbol, _ shape: Shape) -> Symbol {
    let kernel = weights.cast(to: x.dtype).reshaped(shape)
    return convolution(
      x, kernel.broadcast(to: [shape[0], shape[1], 1, channels]), padding: .same, groups: channels)
  }
  let y = along(images, rows, [rows.shape[0], 1, 1, 1])
  return y.isValid ? along(y, columns, [1, columns.shape[0], 1, 1]) : y
}

/// The weights of a window of Gauss's function, which sum to 1.
///
///     w[d] ∝ exp(−d² / 2 sigma²),  d = −(size − 1) / 2 … (size − 1) / 2
///
/// - Parameters:
///   - size: the number of weights.
///   - sigma: the width, a scalar.
///   - reach: the largest distance d that counts, a scalar; without one all do.
/// - Returns: `[size]`, in float32.
public func gaussianWindow(size: Int, sigma: Symbol, reach: Symbol? = nil) -> Symbol {
  guard sigma.isValid, reach?.isValid ?? true else { return sigma.trace.invalid }
  guard size > 0, sigma.shape == [], reach.map({ $0.shape == [] }) ?? true else {
    return sigma.trace.fail("gaussianWindow expects a size, and scalars", operands: [sigma.type])
  }
  let distance = sigma.trace.iota([size], axis: 0, dtype: .float32) - Double(size - 1) / 2
  // A width of 0 leaves the weight in the middle.
  let share = distance / maximum(sigma.cast(to: .float32), 1e-6)
  var weights = exp(-0.5 * square(share))
  if let reach { weights = select(abs(distance) .<= reach.cast(to: .float32), weights, 0) }
  return weights / weights.sum(axes: [0], keepDims: true)
}
