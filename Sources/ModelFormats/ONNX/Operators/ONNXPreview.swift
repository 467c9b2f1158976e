import TensorGraph

extension ONNXOperator {
  /// What ONNX previews.
  static let preview: [String: ONNXOperator] = [
    "FlexAttention": ONNXOperator(.byRule) { try $0.flexiblyAttended() }
  ]
}

extension ONNXCall {
  /// Attention whose scores and probabilities go through graphs of the file.
  fileprivate func flexiblyAttended() throws -> [ONNXValue] {
    let query = try x(0)
    guard query.shape.rank == 4, query.shape.count > 0, try shape(1).rank == 4,
      try shape(2).rank == 4, try shape(1)[3] == query.shape[3]
    else {
      throw ONNXError.mistake("\(query.shape), \(try shape(1)) and \(try shape(2)) do not fit")
    }
    let stated = try elementType("softmax_precision")
    let precision = stated?.dtype ?? (query.dtype == .float64 ? .float64 : .float32)
    guard precision.isFloatingPoint else {
      throw ONNXError.mistake("softmax_precision is \(precision.rawValue)")
    }
    let (key, value) = (try shared(x(1), query), try shared(x(2), query))
    let scale = float("scale") ?? 1 / Double(query.shape[3]).squareRoot()
    let products = matmul(query.cast(to: precision), key.cast(to: precision).transposed())
    guard products.isValid else { throw ONNXError.reported }
    let weights = softmax(try modified(products * scale, "score_mod"))
    let y = matmul(try modified(weights, "prob_mod"), value.cast(to: precision))
    return try result(y.cast(to: query.dtype))
  }

  /// What the graph `name` of the node makes of `x`, which keeps its type.
  private func modified(_ x: Symbol, _ name: String) throws -> Symbol {
    guard let graph = node.graphs[name] else { return x }
    let values = try evaluation.outputs(
      of: graph, [.tensor(ONNXTensor(x))], in: scope, trace)
    guard case .tensor(let tensor)? = values.first, values.count == 1, tensor.shape == x.shape
    else { throw ONNXError.mistake("\(name) changes the shape of the scores") }
    return try symbol(tensor).cast(to: x.dtype)
  }
}
