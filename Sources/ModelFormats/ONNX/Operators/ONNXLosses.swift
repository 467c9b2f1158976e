import TensorGraph

extension ONNXOperator {
  /// Losses.
  static let losses: [String: ONNXOperator] = [
    "NegativeLogLikelihoodLoss": ONNXOperator { call in
      [.tensor(try call.loss(of: call.classesLast()))]
    },
    "SoftmaxCrossEntropyLoss": ONNXOperator { call in
      let logits = try call.classesLast()
      let logarithms = logSoftmax(logits)
      let order = logarithms.channelsFirst
      return [
        .tensor(try call.loss(of: logarithms)),
        .tensor(ONNXTensor(order.cast(to: logits.dtype), type: try call.type(0))),
      ]
    },
  ]
}

extension ONNXCall {
  /// The first input, `[batch, classes, …]`, with classes last.
  fileprivate func classesLast() throws -> Symbol {
    let shape = try shape(0)
    guard shape.rank >= 2 else {
      throw ONNXError.mistake("scores are [batch, classes, …], not \(shape)")
    }
    return try channelsLast(0)
  }

  /// The negative logarithms of the probabilities of the classes at input 1, weighted by input 2,
  /// reduced as the attribute says. Classes to ignore do not count.
  fileprivate func loss(of logarithms: Symbol) throws -> ONNXTensor {
    let target = try x(1), classes = logarithms.shape[-1]
    let expected = Shape(Array(logarithms.shape.dims.dropLast()))
    guard target.shape == expected, !target.dtype.isFloatingPoint else {
      throw ONNXError.mistake("classes \(target.type) for scores \(try shape(0))")
    }
    if has(2), try shape(2) != [classes] {
      throw ONNXError.mistake("weights \(try shape(2)) for \(classes) classes")
    }
    let ignored = int("ignore_index")
    let counts = ignored.map { target .!= target.constant(Double($0)) }
    let index = counts.map { select($0, target, 0) } ?? target
    let picked = logarithms.gathered(
      along: logarithms.shape.rank - 1, at: index.expandingDims(at: -1))
    var loss = -picked.squeezed(-1)
    var weights: Symbol?
    if has(2) { weights = try x(2).cast(to: loss.dtype).gathered(at: index) }
    if let counts {
      weights = select(
        counts, weights ?? trace.constant(1, expected, dtype: loss.dtype), 0)
    }
    if let weights { loss = loss * weights }
    switch string("reduction", "mean") {
    case "none": break
    case "sum": loss = loss.sum()
    case "mean": loss = weights.map { loss.sum() / $0.sum() } ?? loss.mean()
    case let other: throw ONNXError.mistake("reduction is \(other)")
    }
    return ONNXTensor(loss.cast(to: logarithms.dtype), type: try type(0))
  }
}
