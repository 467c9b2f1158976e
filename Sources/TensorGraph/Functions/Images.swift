/// The correlation of images with a kernel.
///
///     y[n, p, f] = Σ x[n, p · stride + t · dilation − low, i] · kernel[t, i, f]
///
/// Strides and dilations have one number for each spatial axis, and are 1 by default.
///
/// - `x`: `[batch, spatial…, channels]`, with 1 to 3 spatial axes
/// - `kernel`: `[spatial…, channels / groups, filters]`
/// - Result: `[batch, places…, filters]`
public func convolution(
  _ x: Symbol, _ kernel: Symbol, strides: [Int]? = nil, padding: Padding = .valid,
  dilations: [Int]? = nil, groups: Int = 1
) -> Symbol {
  guard x.isValid, kernel.isValid else { return x.trace.invalid }
  let window = Window(
    sizes: Array(kernel.shape.dims.dropLast(2)), strides: strides, dilations: dilations)
  return convolution(x, kernel, window.padded(padding, for: x.shape.spatial), groups: groups)
}

/// The correlation of images with a kernel whose taps move as `window`, with explicit padding.
///
/// - `x`: `[batch, spatial…, channels]`, with 1 to 3 spatial axes
/// - `kernel`: `[spatial…, channels / groups, filters]`, its spatial sizes those of `window`
/// - Result: `[batch, places…, filters]`
public func convolution(
  _ x: Symbol, _ kernel: Symbol, _ window: Window, groups: Int = 1
) -> Symbol {
  guard x.isValid, kernel.isValid else { return x.trace.invalid }
  let dtype = x.dtype.promoted(with: kernel.dtype)
  return x.trace.emit(
    Convolution(window: window, groups: groups), [x.cast(to: dtype), kernel.cast(to: dtype)])
}

/// The adjoint of a convolution: each element of `x` spread over the window of its place.
///
/// With padding `valid` there are `(size − 1) · stride + max(window, stride)` outputs along an
/// axis, with `same` `size · stride`. `outputPadding` states what is left over instead, as in
/// Keras: `(size − 1) · stride` plus it, plus the window for `valid`, and for `same` plus 1 if
/// the window is odd. It is smaller than the stride.
///
/// - `x`: `[batch, spatial…, channels]`, with 1 to 3 spatial axes
/// - `kernel`: `[spatial…, filters / groups, channels]`
/// - Result: `[batch, outputs…, filters]`
public func transposedConvolution(
  _ x: Symbol, _ kernel: Symbol, strides: [Int]? = nil, padding: Padding = .valid,
  outputPadding: [Int]? = nil, dilations: [Int]? = nil, groups: Int = 1
) -> Symbol {
  guard x.isValid, kernel.isValid else { return x.trace.invalid }
  let axes = x.shape.rank - 2
  let plain = Window(
    sizes: Array(kernel.shape.dims.dropLast(2)), strides: strides, dilations: dilations)
  func fail(_ message: String, hint: String? = nil) -> Symbol {
    x.trace.fail(message, operands: [x.type, kernel.type], hint: hint)
  }
  do throws(ShapeError) {
    try plain.check(axes: axes)
    guard x.shape.spatial.allSatisfy({ $0 <= 1 << 30 }) else {
      throw ShapeError("\(x.shape) is too large for a transposed convolution")
    }
  } catch {
    return fail(error.message, hint: error.hint)
  }
  guard padding != .causal, outputPadding == nil || outputPadding?.count == axes else {
    return fail("a transposed convolution has padding valid or same, and output padding per axis")
  }

  var (low, high, sizes) = ([Int](), [Int](), [Int]())
  for axis in 0..<axes {
    let (stride, size) = (plain.strides[axis], plain.effectiveSizes[axis])
    // What a convolution of the spaced-out input would be padded by, in total.
    var before = size - 1
    let after: Int
    switch (padding, outputPadding?[axis]) {
    case (.same, let extra):
      let total = extra.map { size + size % 2 - 2 + $0 } ?? stride + size - 2
      before = Swift.min(total - total / 2, before)
      after = total - before
    case (_, let extra):
      after = size - 1 + (extra ?? Swift.max(stride - size, 0))
    }
    let outputs = (x.shape[axis + 1] - 1) * stride + before + after - size + 2
    guard outputPadding.map({ (0..<stride).contains($0[axis]) }) ?? true, before >= 0, outputs > 0
    else {
      return fail(
        "an output padding of \(outputPadding?[axis] ?? 0) does not fit a stride of \(stride)",
        hint: "the output padding is at least 0 and smaller than the stride")
    }
    low.append(size - 1 - before)
    high.append(Swift.max(size - 1 - after, 0))
    sizes.append(outputs)
  }
  let window = Window(
    sizes: plain.sizes, strides: plain.strides, dilations: plain.dilations, low: low, high: high)
  let filters = kernel.shape[-2] * Swift.max(groups, 1)
  let dtype = x.dtype.promoted(with: kernel.dtype)
  return x.trace.emit(
    Convolution(
      part: .inputGradient(Shape([x.shape[0]] + sizes + [filters])), window: window,
      groups: groups),
    [x.cast(to: dtype), kernel.cast(to: dtype)])
}

/// The largest element of each window, channel by channel; padding never wins.
///
/// Strides are the sizes by default, one number for each spatial axis.
///
/// - `x`: `[batch, spatial…, channels]`, with 1 to 3 spatial axes
/// - Result: `[batch, places…, channels]`
public func maxPooling(
  _ x: Symbol, sizes: [Int], strides: [Int]? = nil, padding: Padding = .valid
) -> Symbol {
  guard x.isValid else { return x }
  let window = Window(sizes: sizes, strides: strides ?? sizes)
    .padded(padding, for: x.shape.spatial)
  return x.trace.emit(MaxPooling(window: window), [x], results: 2)[0]
}

/// The mean of each window, channel by channel; padding does not count.
///
/// Strides are the sizes by default, one number for each spatial axis.
///
/// - `x`: `[batch, spatial…, channels]`, with 1 to 3 spatial axes
/// - Result: `[batch, places…, channels]`
public func averagePooling(
  _ x: Symbol, sizes: [Int], strides: [Int]? = nil, padding: Padding = .valid
) -> Symbol {
  guard x.isValid else { return x }
  let window = Window(sizes: sizes, strides: strides ?? sizes)
    .padded(padding, for: x.shape.spatial)
  return x.trace.emit(AveragePooling(window: window), [x.floatingPoint])
}
