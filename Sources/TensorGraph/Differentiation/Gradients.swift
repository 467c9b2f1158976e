/// Appends the gradients of the scalar `y` with respect to each of `xs` to the trace.
///
/// Gradients are symbols like any other, so they can be differentiated again. What `y` does not
/// depend on has a gradient of zeros.
public func gradients(of y: Symbol, with xs: [Symbol]) -> [Symbol] {
  guard y.isValid, xs.allSatisfy(\.isValid) else { return xs.map { _ in y.trace.invalid } }
  guard y.shape.count == 1 else {
    let mistake = y.trace.fail("gradients are of a scalar", operands: [y.type])
    return xs.map { _ in mistake }
  }
  let seed = y.trace.constant(1, y.shape, dtype: y.dtype)
  return pullback(of: [y], along: [seed], to: xs).map { dx, x in
    dx ?? x.trace.constant(0, x.shape, dtype: x.dtype)
  }
}

/// The cotangent of each of `xs`, if `ys` depend on it, given the cotangents of `ys`.
///
/// The only place that knows about accumulation and broadcasting; rules are mathematics.
func pullback(
  of ys: [Symbol], along cotangents: [Symbol?], to xs: [Symbol]
) -> [(dx: Symbol?, x: Symbol)] {
  guard let trace = ys.first?.trace, let last = ys.map(\.id.node).max() else {
    return xs.map { (nil, $0) }
  }
  var cotangent: [ValueID: Symbol] = [:]
  func add(_ dy: Symbol, to value: ValueID) {
    let fitted = unbroadcast(dy, to: trace.symbol(value).shape)
    cotangent[value] = cotangent[value].map { $0 + fitted } ?? fitted
  }
  for (y, dy) in zip(ys, cotangents) { if let dy, y.dtype.isFloatingPoint { add(dy, to: y.id) } }

  // Only nodes on a way from `xs` matter.
  let sources = Set(xs.map(\.id))
  var leads = [Bool](repeating: false, count: last + 1)
  for node in 0...last {
    leads[node] =
      trace.nodes[node].inputs.contains { leads[$0.node] || sources.contains($0) }
  }
  for index in stride(from: last, through: 0, by: -1) where leads[index] {
    let node = trace.nodes[index]
    let dy = node.types.indices.map { cotangent[ValueID(index, $0)] }
    guard dy.contains(where: { $0 != nil }) else { continue }
    let y = node.types.indices.map { trace.symbol(ValueID(index, $0)) }
    let dx = node.operation.gradient(node.inputs.map(trace.symbol), y, dy)
    for (input, dx) in zip(node.inputs, dx) {
      guard let dx, dx.isValid, leads[input.node] || sources.contains(input) else { continue }
      add(dx, to: input)
    }
  }
  return xs.map { (cotangent[$0.id], $0) }
}

/// Sums `x` over the axes along which `shape` was broadcast to it.
private func unbroadcast(_ x: Symbol, to shape: Shape) -> Symbol {
  guard x.isValid, x.shape != shape else { return x }
  guard x.shape.rank >= shape.rank else { return x.broadcast(to: shape) }
  let lead = x.shape.rank - shape.rank
  let axes = x.shape.dims.indices.filter {
    $0 < lead || (shape.dims[$0 - lead] == 1 && x.shape[$0] != 1)
  }
  let sum = x.reduced(.sum, axes)
  let squeezed = sum.reshaped(Shape(Array(sum.shape.dims.dropFirst(lead))))
  return squeezed.shape == shape ? squeezed : squeezed.broadcast(to: shape)
}
