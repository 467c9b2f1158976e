import TensorGraph

extension OperationCase {
  /// Throws unless gradients of the first and of the second order agree with central
  /// differences, in `Double`.
  public func checkGradients(seed: UInt64 = 1) throws {
    var generator = SeededGenerator(seed: seed)
    try check(order: 1, &generator)
    try check(order: 2, &generator)
  }

  /// Checks the gradient of a random weighted sum of the results or, for the second order, of
  /// a random weighted sum of those gradients, with respect to operands and weights alike.
  private func check(order: Int, _ generator: inout SeededGenerator) throws {
    let trace = Trace()
    var x = operands.map { trace.input("x", $0.type) }
    var (loss, weights) = Self.weightedSum(function(x), in: trace)
    if order == 2 {
      x += weights
      let variables = x.filter { $0.dtype.isFloatingPoint }
      (loss, weights) = Self.weightedSum(gradients(of: loss, with: variables), in: trace)
    }
    let variables = x.indices.filter { x[$0].dtype.isFloatingPoint }
    let slopes = gradients(of: loss, with: variables.map { x[$0] })
    let graph = try trace.graph(returning: [loss] + slopes)
    graph.verify()

    var inputs = self.inputs
    for input in graph.inputs.dropFirst(inputs.count) {
      inputs.append(generator.spreadTensor(graph.type(input).shape, in: 0.5...1.5))
    }
    let value = try trace.graph(returning: [loss])
    try checkSlopes(
      order: order, of: { ReferenceEngine.evaluate(value, $0)[0].numbers[0] }, at: inputs,
      variables: variables,
      slopes: Array(ReferenceEngine.evaluate(graph, inputs).dropFirst()), &generator)
  }

  private func checkSlopes(
    order: Int, of value: ([ReferenceTensor]) -> Double, at inputs: [ReferenceTensor],
    variables: [Int], slopes: [ReferenceTensor], _ generator: inout SeededGenerator
  ) throws {
    for (variable, slope) in zip(variables, slopes) {
      guard slope.shape == inputs[variable].shape else {
        throw Mismatch("the gradient of operand \(variable) has shape \(slope.shape)")
      }
      let elements = Array(slope.numbers.indices).shuffled(using: &generator).prefix(20)
      for element in elements {
        let step = 1e-4 * max(1, inputs[variable].numbers[element].magnitude)
        func loss(at offset: Double) -> Double {
          var moved = inputs
          moved[variable].numbers[element] += offset
          return value(moved)
        }
        // Richardson's extrapolation of two central differences.
        let near = (loss(at: step) - loss(at: -step)) / (2 * step)
        let far = (loss(at: 2 * step) - loss(at: -2 * step)) / (4 * step)
        let expected = (4 * near - far) / 3
        let got = slope.numbers[element]
        let error = (got - expected).magnitude / max(1, got.magnitude, expected.magnitude)
        guard error <= 1e-6 else {
          throw Mismatch(
            "\(name): gradient of order \(order), operand \(variable), element \(element) is "
              + "\(got), differences give \(expected)")
        }
      }
    }
  }
}
