import TensorGraph

/// What went into the softmax over `axis`, the last one if nothing is said, whose result
/// `probabilities` is, if it is one.
func logits(behindSoftmax probabilities: Symbol, axis: Int? = nil) -> Symbol? {
  guard let axis, axis != probabilities.shape.rank - 1 else {
    return operand(of: probabilities) { $0 is Fused.Softmax }
  }
  // A softmax over another axis is one over the last axis between two transpositions.
  guard probabilities.isValid else { return nil }
  let node = probabilities.trace.nodes[probabilities.id.node]
  guard let transpose = node.operation as? Transpose,
    transpose.permutation[axis] == probabilities.shape.rank - 1
  else { return nil }
  return logits(behindSoftmax: probabilities.trace.symbol(node.inputs[0]))
    .map { $0.transposed(transpose.permutation) }
}

/// What went into the sigmoid whose result `probabilities` is, if it is one.
func logits(behindSigmoid probabilities: Symbol) -> Symbol? {
  operand(of: probabilities) { ($0 as? Unary) == .sigmoid }
}

/// The only operand of the node behind `symbol`, if its operation is the one sought.
///
/// If only the result was cast, the operand is instead: it has more digits than the result.
private func operand(of symbol: Symbol, where isSought: (any Operation) -> Bool) -> Symbol? {
  guard symbol.isValid else { return nil }
  let node = symbol.trace.nodes[symbol.id.node]
  guard node.inputs.count == 1 else { return nil }
  let operand = symbol.trace.symbol(node.inputs[0])
  if isSought(node.operation) { return operand }
  guard node.operation is Cast, operand.dtype.isFloatingPoint,
    !(symbol.trace.nodes[operand.id.node].operation is Cast)
  else { return nil }
  return NeuralNetworks.operand(of: operand, where: isSought)?.cast(to: symbol.dtype)
}

/// Predicted probabilities scaled to sum to 1 and held within bounds, as Keras does, so that every
/// logarithm is finite.
func clippedProbabilities(_ p: Symbol) -> Symbol {
  clip(
    p / p.sum(axes: [-1], keepDims: true), probabilityBounds.low, probabilityBounds.high)
}

/// `xᵞ`, for `x` from 0 to 1: how much the focal losses count what is predicted with probability
/// `1 − x`.
///
/// Numbers below 1e-30 count as that, so that the slope is finite for any `gamma`.
func focalFactor(_ x: Symbol, _ gamma: Double) -> Symbol {
  switch gamma {
  case 0: x.constant(1)
  case 1: x
  case 2: square(x)
  default: pow(maximum(x, 1e-30), gamma)
  }
}

/// Within what Keras holds probabilities: 1e-7 and 1 − 1e-7 as `float32` has it, so that the
/// logarithm of 1 − p is the same too.
let probabilityBounds = (low: 1e-7, high: Double(Float(1 - 1e-7)))
