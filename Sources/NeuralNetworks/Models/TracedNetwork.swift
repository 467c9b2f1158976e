import TensorGraph

/// What a graph of a model is for.
package enum GraphMode: String, Sendable, Hashable {
  case predict, evaluate, train
  /// To move weights along gradients that are given.
  case apply
}

/// A network in a trace, with all its weights declared in the canonical order.
///
/// The graph of the trace is not closed: a training step goes on from the outputs.
package final class TracedNetwork {
  /// The trace.
  package let trace: Trace
  /// Names, weights by path, updates of states, and additions to the loss.
  package let model: ModelTrace
  /// What is fed, in the element types of the data.
  package let inputs: [Symbol]
  /// What the network gives, each with its mask.
  package let outputs: [Symbol]
  /// Seed and step, `int64[2]`, the variable after the weights; nothing in graphs that predict.
  package let randomKey: Symbol?

  init(
    _ network: any Layer, name: String, inputs layers: [InputLayer], types: [TensorType],
    declarations: [WeightDeclaration] = [], mode: GraphMode = .predict,
    frozen: FrozenPatterns = FrozenPatterns(), policy: DTypePolicy
  ) {
    trace = Trace()
    model = ModelTrace(trace, isTraining: mode == .train, frozen: frozen, policy: policy)
    model.declare(declarations)
    randomKey = mode == .predict ? nil : trace.variable("random", TensorType(.int64, [2]))
    model.randomKey = randomKey
    var fed: [Symbol] = [], cast: [Symbol] = []
    for (layer, type) in zip(layers, types) {
      let symbol = trace.input(layer.name ?? "input", type)
      fed.append(symbol)
      cast.append(symbol.cast(to: layer.dtype))
    }
    inputs = fed
    outputs = model.root(network, name: name) { [cast] in
      network.finishedOutputs(for: cast, $0)
    }
  }

  // The trace and what is kept beside it refer to each other.
  deinit { trace.companion = nil }
}

extension Model {
  /// Traces the network for inputs of `types`, whose element types may be those of the data.
  ///
  /// - Throws: when the inputs do not fit. A mistake within the network is thrown by
  ///   `Trace.graph`.
  package func traced(
    _ types: [TensorType], mode: GraphMode
  ) throws(GraphError) -> TracedNetwork {
    try check(types)
    return TracedNetwork(
      network, name: name, inputs: inputs, types: types, declarations: declarations, mode: mode,
      frozen: frozen, policy: dtypePolicy)
  }

  /// Throws unless inputs of `types`, those of one batch or of all samples, fit the model.
  package func check(_ types: [TensorType], ofBatch: Bool = true) throws(GraphError) {
    try NeuralNetworks.check(types, structure, inputs, name, ofBatch: ofBatch)
  }
}

/// Throws unless inputs of `types` fit the model `name`.
func check(
  _ types: [TensorType], _ structure: NetworkStructure, _ inputs: [InputLayer], _ name: String,
  ofBatch: Bool = true
) throws(GraphError) {
  guard types.count == inputs.count else {
    throw GraphError(
      "\(name) takes \(inputs.count) input\(inputs.count == 1 ? "" : "s"), not \(types.count)",
      operands: types)
  }
  for (index, type) in types.enumerated() {
    var expected = inputs[index].batchShape
    if !ofBatch, !expected.isEmpty { expected[0] = nil }
    let fits =
      type.shape.rank == expected.count
      && zip(type.shape.dims, expected).allSatisfy { $1 == nil || $0 == $1 }
    guard fits else {
      let isSample =
        type.shape.rank == expected.count - 1
        && zip(type.shape.dims, expected.dropFirst()).allSatisfy { $1 == nil || $0 == $1 }
      throw GraphError(
        "\(structure.inputNames[index]) expects \(written(expected))", operands: [type],
        hint: isSample ? "add the axis of the batch: one sample is a batch of 1" : nil)
    }
  }
  guard Set(types.map { $0.shape[0] }).count == 1 else {
    throw GraphError("the inputs have different numbers of samples", operands: types)
  }
}
