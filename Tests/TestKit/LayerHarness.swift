import FoundationEssentials
import NeuralNetworks
import TensorGraph

/// Checks that `layer` is a good citizen: its output has the
/// right shape, its weights their names, order and shapes; its configuration is read as it is
/// written; its gradients agree with central differences in `Double`; it changes state in
/// training alone; and a mask of the steps comes out as it says.
///
///     try checkLayer(Dense(4), input: [2, 3], output: [2, 4],
///       weights: [("kernel", [3, 4]), ("bias", [4])])
///
/// - Parameters:
///   - layer: what is checked.
///   - input: the shape of the only input.
///   - inputs: the types of all inputs, if there are several.
///   - output: the shape of the first output.
///   - weights: names and shapes, states included, in the order of files.
///   - states: the names of the states that change in training.
///   - mask: what becomes of a mask of the steps, if that is checked.
///   - changesStateInInference: whether the states change in inference too.
///   - stopsGradients: whether the gradient in training counts something as a constant that is
///     none, so that differences do not agree with it.
/// - Throws: the description of the fault.
public func checkLayer(
  _ layer: any NamedLayer, input: Shape? = nil, inputs: [TensorType] = [], output: Shape,
  weights: [(String, Shape)] = [], states: [String] = [], mask: MaskExpectation? = nil,
  changesStateInInference: Bool = false, stopsGradients: Bool = false
) throws {
  let types = input.map { [TensorType(.float32, $0)] } ?? inputs
  let trace = try LayerTrace(layer, types)
  try expect(trace.outputs.first?.shape == output, "output \(trace.outputs), expected \(output)")
  let declared = trace.weights.map { "\($0.path) \($0.type.shape)" }
  let prefix = (layer.name ?? layer.defaultName) + "/"
  let expected = weights.map { "\(prefix + $0.0) \($0.1)" }
  try expect(declared == expected, "weights \(declared), expected \(expected)")

  try checkConfiguration(layer)
  try checkStates(layer, types, expected: states.map { prefix + $0 }, changesStateInInference)
  for isTraining in stopsGradients ? [false] : [false, true] {
    try checkGradients(layer, types, isTraining: isTraining)
  }
  if let mask { try mask.check(layer, types) }
}

/// Throws unless the configuration of `layer` is the same after it was read.
private func checkConfiguration(_ layer: any NamedLayer) throws {
  let written = try encoded(layer)
  let read = try decoded(written, like: layer)
  let again = try encoded(read)
  try expect(
    written == again,
    "\(String(decoding: written, as: UTF8.self)) is read as \(String(decoding: again, as: UTF8.self))"
  )
}

private func decoded<T: NamedLayer>(_ data: Data, like _: T) throws -> any NamedLayer {
  try JSONDecoder().decode(T.self, from: data)
}

private func encoded(_ layer: any NamedLayer) throws -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = .sortedKeys
  return try encoder.encode(layer)
}

private func checkStates(
  _ layer: any NamedLayer, _ types: [TensorType], expected: [String], _ inInference: Bool
) throws {
  let training = try LayerTrace(layer, types, isTraining: true).updates
  try expect(training == expected, "states that change are \(training), expected \(expected)")
  let inference = try LayerTrace(layer, types).updates
  try expect(inference == (inInference ? expected : []), "inference changes \(inference)")
}

/// Throws unless the gradients of inputs and weights agree with central differences.
private func checkGradients(
  _ layer: any NamedLayer, _ types: [TensorType], isTraining: Bool
) throws {
  let trace = try LayerTrace(layer, types, isTraining: isTraining)
  let graph = trace.graph
  var random = SeededGenerator(seed: 3)
  let values = (graph.inputs + graph.variables).map { id -> ReferenceTensor in
    let type = graph.type(id)
    return type.dtype.isFloatingPoint
      ? random.spreadTensor(type.shape, in: 0.3...1.7) : random.integers(type.shape, in: 0...1)
  }
  let cotangents = Array(values[types.count..<graph.inputs.count])
  func loss(_ values: [ReferenceTensor]) -> Double {
    let fed = values.prefix(types.count) + values.dropFirst(graph.inputs.count)
    let outputs = zip(ReferenceEngine.evaluate(trace.forward, Array(fed)), trace.outputs)
      .filter { $1.dtype.isFloatingPoint }.map(\.0)
    return zip(outputs, cotangents).reduce(0) { sum, pair in
      sum + zip(pair.0.numbers, pair.1.numbers).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }
  let found = trace.results(ReferenceEngine.evaluate(graph, values))
  let slopes =
    found.inputGradients.map { ($0.key, $0.value) }
    + found.weightGradients.map { (graph.inputs.count + $0.key, $0.value) }
  for (variable, slope) in slopes {
    for element in Array(slope.numbers.indices).shuffled(using: &random).prefix(8) {
      func moved(_ offset: Double) -> Double {
        var values = values
        values[variable].numbers[element] += offset
        return loss(values)
      }
      let step = 1e-4
      let near = (moved(step) - moved(-step)) / (2 * step)
      let far = (moved(2 * step) - moved(-2 * step)) / (4 * step)
      let expected = (4 * near - far) / 3, got = slope.numbers[element]
      try expect(
        (got - expected).magnitude <= 1e-6 * max(1, got.magnitude, expected.magnitude),
        "gradient \(got) of operand \(variable), element \(element); differences give \(expected)")
    }
  }
}

/// What becomes of the mask of the first input.
public enum MaskExpectation: Sendable {
  /// The output has the same mask.
  case passed
  /// The output has a mask of this shape.
  case reshaped(Shape)
  /// The output has none.
  case consumed
  /// The layer reports that it cannot be right.
  case refused

  fileprivate func check(_ layer: any NamedLayer, _ types: [TensorType]) throws {
    let steps = Shape(Array(types[0].shape.dims.prefix(2)))
    let trace: LayerTrace
    do {
      trace = try LayerTrace(layer, types, masks: [0: steps])
    } catch let error as GraphError {
      guard case .refused = self, error.hint != nil else { throw error }
      return
    }
    let shape =
      trace.isMasked[0] ? trace.graph.type(trace.graph.outputs[trace.outputs.count]).shape : nil
    switch self {
    case .passed: try expect(shape == steps, "the mask becomes \(String(describing: shape))")
    case .reshaped(let expected):
      try expect(shape == expected, "the mask becomes \(String(describing: shape))")
    case .consumed: try expect(shape == nil, "a mask is left")
    case .refused: throw Mismatch("a mask is taken that should be refused")
    }
  }
}

/// Throws `message` unless `condition` holds.
private func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
  if !condition { throw Mismatch(message()) }
}
