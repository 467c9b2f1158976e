import TensorGraph

extension OperationCase {
  /// Throws unless `engine` computes the case, and its gradients, as the reference does.
  public func checkEngine(_ engine: any Engine) throws {
    try check(engine, graph(), "result", tolerance)
    // A gradient is a sum of products, whatever the operation is.
    let sums = Tolerance.ulpsOfLargest(max(tolerance.ulps, half == nil ? 32 : 64))
    if isDifferentiable { try check(engine, gradientGraph(), "gradient", sums) }
  }

  /// The half type among the operands: what is computed from them is not more exact.
  private var half: DType? { operands.lazy.map(\.type.dtype).first(where: \.isHalf) }

  private func check(
    _ engine: any Engine, _ graph: Graph, _ noun: String, _ tolerance: Tolerance
  ) throws {
    graph.verify()
    var generator = SeededGenerator(seed: 2)
    var inputs = self.inputs
    for input in graph.inputs.dropFirst(inputs.count) {
      let type = graph.type(input)
      var weights = generator.spreadTensor(type.shape, in: 0.5...1.5)
      weights.numbers = weights.numbers.map(type.dtype.rounding)
      inputs.append(weights)
    }
    let expected = ReferenceEngine.evaluate(graph, inputs)
    let tensors = zip(graph.inputs, inputs).map { Tensor(graph.type($0), numbers: $1.numbers) }
    let executable = try engine.compile(graph)
    for attempt in 1...2 {  // a second run must find the workspace as the first did
      let results = executable.run(tensors)
      guard results.count == expected.count else {
        throw Mismatch("\(name): \(results.count) results, expected \(expected.count)")
      }
      for (index, (result, output)) in zip(results, graph.outputs).enumerated() {
        let type = graph.type(output)
        guard result.type == type else {
          throw Mismatch("\(name): \(noun) \(index) is \(result.type), expected \(type)")
        }
        try tolerance.check(
          ReferenceTensor(result.shape, result.numbers), expected[index],
          dtype: type.dtype.isFloatingPoint ? half ?? type.dtype : type.dtype,
          name: "\(name), run \(attempt): \(noun) \(index)")
      }
    }
  }
}
