import TensorGraph

extension Model {
  /// The types of what one step is fed.
  struct StepTypes {
    var inputs: [TensorType]
    var targets: [TensorType]
    /// None, one for all targets, or one for each.
    var sampleWeights: [TensorType]
    /// In the order of `TrainingData.tensors`.
    var all: [TensorType] { inputs + targets + sampleWeights }

    /// The types of samples of `data`, whose inputs are prepared.
    init(_ data: TrainingData, samples: Int) throws {
      inputs = try data.inputTypes(samples: samples)
      targets = data.targets.map { $0.type(samples: samples) }
      sampleWeights = data.sampleWeights.map { $0.type(samples: samples) }
    }

    /// The types of a batch.
    init(_ batch: Batch) {
      inputs = batch.inputs.map(\.type)
      targets = batch.targets.map(\.type)
      sampleWeights = batch.sampleWeights.map(\.type)
    }
  }

  /// A network with the loss of a batch.
  struct TracedLoss {
    let network: TracedNetwork
    let targets: [Symbol]
    /// The weights of samples for each target.
    let sampleWeights: [Symbol?]
    /// The outputs as losses and metrics are computed from them.
    let predictions: [Symbol]
    /// The loss with what layers add to it.
    let loss: Symbol
    /// The loss of each output before its weight.
    let losses: [Symbol]
  }

  /// The network and its loss in a trace that is fed a batch.
  ///
  /// - Throws: why the data do not fit.
  func tracedLoss(
    _ compilation: Compilation, _ types: StepTypes, mode: GraphMode
  ) throws(GraphError) -> TracedLoss {
    guard types.targets.count == structure.outputNames.count else {
      throw GraphError(
        "\(name) has \(structure.outputNames.count) outputs, and is given "
          + "\(types.targets.count) targets", operands: types.targets,
        hint: "give one target for each output: "
          + structure.outputNames.joined(separator: ", "))
    }
    let network = try traced(types.inputs, mode: mode)
    let trace = network.trace
    let targets = types.targets.enumerated().map { trace.input("target_\($0)", $1) }
    let given = types.sampleWeights.enumerated().map { trace.input("sample_weights_\($0)", $1) }
    let sampleWeights = targets.indices.map { given.count > 1 ? given[$0] : given.first }
    let predictions = network.outputs.map(measured)
    let (loss, losses) = loss(
      compilation, targets, predictions, sampleWeights, added: network.model.losses)
    return TracedLoss(
      network: network, targets: targets, sampleWeights: sampleWeights, predictions: predictions,
      loss: loss, losses: losses)
  }

  /// The graph that evaluates a batch, or trains on it: it only updates variables.
  ///
  /// - Throws: the first mistake in the network, or why the data do not fit.
  func stepGraph(
    _ compilation: Compilation, _ types: StepTypes, mode: GraphMode
  ) throws(GraphError) -> Graph {
    let step = try tracedLoss(compilation, types, mode: mode)
    let (network, targets, sampleWeights) = (step.network, step.targets, step.sampleWeights)
    let (predictions, loss, losses) = (step.predictions, step.loss, step.losses)
    let trace = network.trace
    let states = compilation.meters.map { meter in
      meter.states.map {
        trace.variable("\(meter.name)/\($0.name)", TensorType(.float64, $0.shape))
      }
    }
    let samples = Double(types.inputs.first?.shape.dims.first ?? 1)

    var updates = network.model.updates
    if let key = network.randomKey {
      updates.append((key, key + trace.constant(Tensor([2], [Int64(0), 1]))))
    }
    let batch = trace.constant(samples, dtype: .float64)
    var after = zip([loss] + (losses.count > 1 ? losses : []), states).map { loss, states in
      [states[0] + loss.cast(to: .float64) * batch, states[1] + batch]
    }
    for (measure, states) in zip(compilation.metrics, states[after.count...]) {
      let target = targets[measure.output], prediction = predictions[measure.output]
      guard prediction.isValid else { continue }
      let metric = try measure.metric.resolved(
        target: target.shape, prediction: prediction.shape)
      after.append(
        metric.accumulated(
          states, target, prediction,
          sampleWeight: measure.isWeighted ? sampleWeights[measure.output] : nil))
    }
    updates += zip(states.joined(), after.joined()).map { ($0, $1) }
    if mode == .train {
      // A weight that a layer has assigned moves on from there.
      let assigned = Dictionary(
        network.model.updates.map { ($0.variable.id, $0.value) }, uniquingKeysWith: { $1 })
      let moved = optimizerUpdates(
        compilation, trace, weights: network.model.weights, assigned: assigned
      ) { state in
        gradients(of: compilation.optimizer.scaled(loss, state), with: state.weights)
      }
      updates.removeAll { update in moved.contains { $0.variable.id == update.variable.id } }
      updates += moved
    }
    return try trace.graph(returning: [], updating: updates)
  }

  /// `prediction` as losses and metrics are computed from it: in float32, as in Keras.
  private func measured(_ prediction: Symbol) -> Symbol {
    prediction.isValid && prediction.dtype.isFloatingPoint
      ? prediction.cast(to: .float32).masked(by: prediction.mask) : prediction
  }

  /// The loss of the batch, with what layers add to it, and that of each output before its weight.
  private func loss(
    _ compilation: Compilation, _ targets: [Symbol], _ predictions: [Symbol],
    _ sampleWeights: [Symbol?], added: [Symbol]
  ) -> (sum: Symbol, outputs: [Symbol]) {
    let losses = compilation.losses.enumerated().map { index, loss in
      loss(targets[index], predictions[index], sampleWeight: sampleWeights[index])
    }
    let weighted = zip(losses, compilation.lossWeights).map { $1 == 1 ? $0 : $0 * $1 }
    let terms = weighted + added
    return (terms.dropFirst().reduce(terms[0], +), losses)
  }

  /// What the step counter, the weights and the optimizer's variables become in a step along
  /// the gradients that `gradients` gives for the state before it. `weights` are all weights by
  /// path; those in `assigned` were changed before the step.
  func optimizerUpdates(
    _ compilation: Compilation, _ trace: Trace, weights: [String: Symbol],
    assigned: [ValueID: Symbol] = [:], gradients: (OptimizerState) -> [Symbol]
  ) -> [(variable: Symbol, value: Symbol)] {
    let optimizer = compilation.optimizer, trained = compilation.trained
    let iteration = trace.variable("iteration", TensorType(.int64, []))
    let learningRate = trace.variable("learning_rate", TensorType(.float32, []))
    let moved = trained.compactMap { weights[$0.path] }
    let variables = optimizer.variables(for: trained).map {
      trace.variable($0.path(trained), $0.type)
    }
    var state = OptimizerState(
      trained, weights: moved, variables: variables, iteration: iteration,
      learningRate: learningRate)
    let gradients = gradients(state)
    state.weights = moved.map { assigned[$0.id] ?? $0 }
    let after = optimizer.step(state, gradients: gradients)
    let constraints = Dictionary(
      declarations.map { ($0.path, $0.constraint) }, uniquingKeysWith: { $1 })
    let held = zip(trained, after.weights).map { weight, value in
      (constraints[weight.path] ?? nil)?(value) ?? value
    }
    // Steps of half types are computed in float32.
    let moves = zip(moved + variables, held + after.variables).map {
      ($0, $1.cast(to: $0.dtype))
    }
    return [(iteration, iteration + 1)] + moves
  }
}
