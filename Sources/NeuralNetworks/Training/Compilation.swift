import TensorGraph

/// What `compile` settled: how a model is trained and measured. The model keeps it.
final class Compilation {
  let optimizer: any Optimizer
  /// The loss of each output.
  let losses: [any Loss]
  /// How much the loss of each output counts.
  let lossWeights: [Double]
  /// The metrics of each output; those that are weighted heed the weights of samples.
  let metrics: [[(metric: MetricChoice, isWeighted: Bool)]]
  /// What is kept over an epoch, in order: the loss, each output's loss if there are several, and
  /// the metrics output by output.
  let accumulatorNames: [String]
  /// As it was asked for, for files.
  let settings: CompileSettings
  /// The weights that the optimizer has slots for, in order.
  var trained: [String] = []

  init(
    optimizer: any Optimizer, losses: [any Loss], lossWeights: [Double],
    metrics: [[(metric: MetricChoice, isWeighted: Bool)]], outputNames: [String],
    settings: CompileSettings
  ) {
    self.optimizer = optimizer
    self.losses = losses
    self.lossWeights = lossWeights
    self.metrics = metrics
    self.settings = settings
    let isSingle = outputNames.count == 1
    var names = ["loss"]
    if !isSingle { names += outputNames.map { "\($0)_loss" } }
    for (output, metrics) in zip(outputNames, metrics) {
      for entry in metrics {
        let name = (isSingle ? "" : "\(output)_") + entry.metric.name
        names.append(names.contains(name) ? "weighted_\(name)" : name)
      }
    }
    accumulatorNames = names
  }
}

/// The places of training's variables among those of a model.
struct VariableLayout {
  /// Where the first accumulator is; sum and count of each follow one another.
  let accumulators: Int
  /// The number of accumulators.
  let accumulatorCount: Int
  /// Where the number of steps taken is, `int64[]`.
  var iteration: Int { accumulators + 2 * accumulatorCount }
  /// Where the learning rate is, `float32[]`.
  var learningRate: Int { iteration + 1 }
  /// Where the first slot of the optimizer is.
  var slots: Int { iteration + 2 }
}

extension Model {
  /// What `compile` settled, if it was called.
  var compilation: Compilation? { training as? Compilation }

  /// What `compile` settled.
  func compiled() throws(GraphError) -> Compilation {
    guard let compilation else {
      throw GraphError(
        "\(name) has no loss yet", hint: "call compile(optimizer:loss:metrics:) before training")
    }
    return compilation
  }

  func layout(_ compilation: Compilation) -> VariableLayout {
    VariableLayout(
      accumulators: declarations.count + 1,
      accumulatorCount: compilation.accumulatorNames.count)
  }

  /// The places of the weights that training moves now.
  var trainedIndices: [Int] { declarations.indices.filter { isTrainable($0) } }

  /// Gives the model the variables of training: sums at 0, no steps taken, slots at 0.
  func resetTrainingVariables(_ compilation: Compilation) {
    let layout = layout(compilation)
    variables.removeSubrange(layout.accumulators...)
    variables += Array(
      repeating: Tensor(zeros: TensorType(.float64, [])), count: 2 * layout.accumulatorCount)
    variables.append(Tensor(Int64(0)))
    variables.append(Tensor(Float(compilation.optimizer.learningRate)))
    compilation.trained = []
    updateSlots(compilation)
  }

  /// Gives each weight that is trained now its slots, and keeps those that were there before.
  func updateSlots(_ compilation: Compilation) {
    let trained = trainedIndices.map { declarations[$0].path }
    guard trained != compilation.trained || variables.count < layout(compilation).slots else {
      return
    }
    let start = layout(compilation).slots, optimizer = compilation.optimizer
    var known: [String: Tensor] = [:]
    for (slot, value) in zip(
      optimizer.slots(weights: compilation.trained.count), variables[start...])
    {
      known[compilation.trained[slot.weight] + " " + slot.name] = value
    }
    let types = trainedIndices.map { declarations[$0].type }
    variables.removeSubrange(start...)
    variables += optimizer.slots(weights: trained.count).map {
      known[trained[$0.weight] + " " + $0.name] ?? Tensor(zeros: types[$0.weight])
    }
    compilation.trained = trained
  }
}
