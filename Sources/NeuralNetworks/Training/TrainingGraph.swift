import TensorGraph

extension Model {
  /// The types of what one step is fed.
  struct StepTypes {
    var inputs: [TensorType]
    var targets: [TensorType]
    var sampleWeights: TensorType?
    /// In the order of `TrainingData.tensors`.
    var all: [TensorType] { inputs + targets + (sampleWeights.map { [$0] } ?? []) }
  }

  /// The graph that evaluates a batch, or trains on it: it only updates variables.
  ///
  /// - Throws: the first mistake in the network, or why the data do not fit.
  func stepGraph(
    _ compilation: Compilation, _ types: StepTypes, mode: GraphMode
  ) throws(GraphError) -> Graph {
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
    let sampleWeights = types.sampleWeights.map { trace.input("sample_weights", $0) }
    let layout = layout(compilation)
    let accumulators = (0..<2 * layout.accumulatorCount).map {
      trace.variable("accumulator_\($0)", TensorType(.float64, []))
    }
    let predictions = network.outputs.map(measured)
    let samples = Double(types.inputs.first?.shape.dims.first ?? 1)

    var updates = network.model.updates
    if let key = network.randomKey {
      updates.append((key, key + trace.constant(Tensor([2], [Int64(0), 1]))))
    }
    var added: [(total: Symbol, count: Symbol)] = []
    let (loss, losses) = loss(
      compilation, targets, predictions, sampleWeights, added: network.model.losses)
    let batch = trace.constant(samples, dtype: .float64)
    for loss in [loss] + (losses.count > 1 ? losses : []) {
      added.append((loss.cast(to: .float64) * batch, batch))
    }
    for (output, metrics) in compilation.metrics.enumerated() {
      for entry in metrics where predictions[output].isValid {
        let metric = try entry.metric.resolved(
          target: targets[output].shape, prediction: predictions[output].shape)
        added.append(
          metric.accumulation(
            targets[output], predictions[output],
            sampleWeight: entry.isWeighted ? sampleWeights : nil))
      }
    }
    for (index, entry) in added.enumerated() {
      updates.append((accumulators[2 * index], accumulators[2 * index] + entry.total))
      updates.append((accumulators[2 * index + 1], accumulators[2 * index + 1] + entry.count))
    }
    if mode == .train {
      let moved = optimizerUpdates(compilation, network, loss)
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
    _ sampleWeights: Symbol?, added: [Symbol]
  ) -> (sum: Symbol, outputs: [Symbol]) {
    let losses = compilation.losses.enumerated().map { index, loss in
      loss(targets[index], predictions[index], sampleWeight: sampleWeights)
    }
    let weighted = zip(losses, compilation.lossWeights).map { $1 == 1 ? $0 : $0 * $1 }
    let terms = weighted + added
    return (terms.dropFirst().reduce(terms[0], +), losses)
  }

  /// What the step counter, the weights and the optimizer's slots become.
  private func optimizerUpdates(
    _ compilation: Compilation, _ network: TracedNetwork, _ loss: Symbol
  ) -> [(variable: Symbol, value: Symbol)] {
    let trace = network.trace, optimizer = compilation.optimizer
    let iteration = trace.variable("iteration", TensorType(.int64, []))
    let learningRate = trace.variable("learning_rate", TensorType(.float32, []))
    let weights = compilation.trained.compactMap { network.model.weights[$0] }
    let slots = optimizer.slots(weights: weights.count).map {
      trace.variable("\(compilation.trained[$0.weight])/\($0.name)", weights[$0.weight].type)
    }
    let count = iteration + 1
    // A weight that a layer has assigned moves on from there.
    let current = weights.map { weight in
      network.model.updates.last { $0.variable.id == weight.id }?.value ?? weight
    }
    let moved = optimizer.step(
      current, gradients: gradients(of: loss, with: weights), slots: slots,
      learningRate: learningRate, step: count.cast(to: .float32))
    let constraints = Dictionary(
      network.model.declarations.map { ($0.path, $0.constraint) }, uniquingKeysWith: { $1 })
    let held = zip(compilation.trained, moved.weights).map { path, weight in
      (constraints[path] ?? nil)?(weight) ?? weight
    }
    // Steps of half types are computed in float32.
    let moves = zip(weights + slots, held + moved.slots).map { ($0, $1.cast(to: $0.dtype)) }
    return [(iteration, count)] + moves
  }
}
