/// The exponentials along `axis`, scaled to sum to 1: yᵢ = e^xᵢ / Σⱼ e^xⱼ.
public func softmax(_ x: Symbol, axis: Int = -1) -> Symbol {
  onLastAxis(x, axis) { $0.trace.emit(Fused.Softmax(), [$0], results: 1)[0] }
}

/// The logarithm of the softmax along `axis`: yᵢ = xᵢ − log Σⱼ e^xⱼ.
public func logSoftmax(_ x: Symbol, axis: Int = -1) -> Symbol {
  onLastAxis(x, axis) { $0.trace.emit(Fused.LogSoftmax(), [$0], results: 1)[0] }
}

/// `x`, counted as a constant by gradients.
public func stopGradient(_ x: Symbol) -> Symbol {
  x.trace.emit(Fused.StopGradient(), [x], results: 1)[0]
}

/// The cross-entropy between the softmax of `logits` and integer labels: `−log softmax[label]`.
///
/// A label that is no class gives NaN.
///
/// - Parameters:
///   - logits: `[batch…, classes]`.
///   - labels: integers, `[batch…]`.
/// - Returns: the loss of each example, `[batch…]`.
public func softmaxCrossEntropy(_ logits: Symbol, labels: Symbol) -> Symbol {
  guard logits.isValid, labels.isValid else { return logits.trace.invalid }
  let batch = Shape(Array(logits.shape.dims.dropLast()))
  guard logits.shape.rank > 0, labels.shape == batch, !labels.dtype.isFloatingPoint else {
    return logits.trace.fail(
      "softmaxCrossEntropy expects logits [batch…, classes] and integer labels [batch…]",
      operands: [logits.type, labels.type])
  }
  let rows = logits.floatingPoint.reshaped([batch.count, logits.shape[-1]])
  return logits.trace.emit(
    Fused.SoftmaxCrossEntropy(), [rows, labels.cast(to: .int32).reshaped([batch.count])],
    results: 2)[0].reshaped(batch)
}

/// Normalizes the last axis of `x` to mean 0 and variance 1, then scales and shifts it.
///
///     y = (x − mean) / √(variance + epsilon) · gamma + beta
///     x [batch…, features], gamma, beta [features] → y [batch…, features]
public func layerNormalization(
  _ x: Symbol, gamma: Symbol, beta: Symbol, epsilon: Double = 1e-3
) -> Symbol {
  onRows([x, gamma, beta], Fused.LayerNormalization(epsilon: epsilon))[0]
}

/// Normalizes each channel of `x` over all other axes, then scales and shifts it; also returns the
/// mean and the variance of the channels.
///
///     y = (x − mean) / √(variance + epsilon) · gamma + beta
///     x [batch…, channels], gamma, beta [channels]
///       → y [batch…, channels], mean [channels], variance [channels]
public func batchNormalization(
  _ x: Symbol, gamma: Symbol, beta: Symbol, epsilon: Double = 1e-3
) -> (y: Symbol, mean: Symbol, variance: Symbol) {
  let results = onRows([x, gamma, beta], Fused.BatchNormalization(epsilon: epsilon))
  return (results[0], results[1], results[2])
}

/// Scaled dot-product attention: `softmax(scale · query · keyᵀ) · value`.
///
/// - Parameters:
///   - query: `[batch, heads, queries, dim]`.
///   - key: `[batch, heads, keys, dim]`.
///   - value: `[batch, heads, keys, valueDim]`.
///   - mask: which keys a query sees: `bool`, broadcastable to `[batch, heads, queries, keys]`.
///   - scale: 1 / √dim by default.
///   - isCausal: whether query `i` sees keys `0...i` only.
/// - Returns: `[batch, heads, queries, valueDim]`.
public func attention(
  _ query: Symbol, _ key: Symbol, _ value: Symbol, mask: Symbol? = nil, scale: Double? = nil,
  isCausal: Bool = false
) -> Symbol {
  guard query.isValid, let dim = query.shape.dims.last else { return query.trace.invalid }
  let operation = Fused.Attention(
    scale: scale ?? 1 / Double(dim).squareRoot(), isCausal: isCausal, hasMask: mask != nil)
  return query.trace.emit(operation, [query, key, value] + [mask].compactMap(\.self), results: 1)[0]
}

/// A long short-term memory over `projected`, the input times the kernel plus the bias.
///
/// - Parameters:
///   - projected: `[batch, time, 4·units]`, gates in the order i, f, g, o.
///   - recurrentKernel: `[units, 4·units]`.
///   - h: what h is before the first step: `[batch, units]`.
///   - c: what c is before the first step: `[batch, units]`.
///   - mask: which steps count: `bool[batch, time]`. The others keep h and c.
/// - Returns: h of each step `[batch, time, units]`, and h and c of the last `[batch, units]`.
public func lstm(
  _ projected: Symbol, recurrentKernel: Symbol, h: Symbol, c: Symbol, mask: Symbol? = nil
) -> (sequence: Symbol, h: Symbol, c: Symbol) {
  let y = projected.trace.emit(
    Fused.LSTM(hasMask: mask != nil),
    [projected, recurrentKernel, h, c] + [mask].compactMap(\.self), results: 5)
  return (y[0], y[1], y[2])
}

/// A gated recurrent unit over `projected`, the input times the kernel plus the input bias.
///
/// - Parameters:
///   - projected: `[batch, time, 3·units]`, gates in the order z, r, h.
///   - recurrentKernel: `[units, 3·units]`.
///   - recurrentBias: `[3·units]`.
///   - h: what h is before the first step: `[batch, units]`.
///   - mask: which steps count: `bool[batch, time]`. The others keep h.
/// - Returns: h of each step `[batch, time, units]`, and h of the last `[batch, units]`.
public func gru(
  _ projected: Symbol, recurrentKernel: Symbol, recurrentBias: Symbol, h: Symbol,
  mask: Symbol? = nil
) -> (sequence: Symbol, h: Symbol) {
  let y = projected.trace.emit(
    Fused.GRU(hasMask: mask != nil),
    [projected, recurrentKernel, recurrentBias, h] + [mask].compactMap(\.self), results: 4)
  return (y[0], y[1])
}

/// Applies `body`, which works along the last axis, along `axis`.
private func onLastAxis(_ x: Symbol, _ axis: Int, _ body: (Symbol) -> Symbol) -> Symbol {
  guard x.isValid else { return x }
  guard let axis = x.shape.axis(axis) else {
    return x.trace.fail("\(x.shape) has no axis \(axis)", operands: [x.type])
  }
  var swap = Array(0..<x.shape.rank)
  swap.swapAt(axis, x.shape.rank - 1)
  let y = body(x.floatingPoint.transposed(swap))
  return y.isValid ? y.transposed(swap) : y
}

/// Applies an operation on rows to `x[0]` with all axes but the last made one.
private func onRows(_ x: [Symbol], _ operation: some FusedOperation) -> [Symbol] {
  let failed = Array(repeating: x[0].trace.invalid, count: 3)
  guard x.allSatisfy(\.isValid) else { return failed }
  let shape = x[0].shape
  guard let features = shape.dims.last else {
    x[0].trace.fail("\(operation.name) expects an axis of features", operands: [x[0].type])
    return failed
  }
  let rows = x[0].reshaped([shape.count / Swift.max(features, 1), features])
  var y = x[0].trace.emit(operation, [rows] + x.dropFirst(), results: 3)
  if y[0].isValid { y[0] = y[0].reshaped(shape) }
  return y
}
