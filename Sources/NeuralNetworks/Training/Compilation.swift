import TensorGraph

/// What `compile` settled: how a model is trained and measured. The model keeps it.
final class Compilation {
  let optimizer: any Optimizer
  /// The loss of each output.
  let losses: [any Loss]
  /// How much the loss of each output counts.
  let lossWeights: [Double]
  /// The metrics of all outputs.
  let metrics: [Measure]
  /// What is kept over an epoch, in order: the loss, each output's loss if there are several, and
  /// the metrics output by output.
  let meters: [Meter]
  /// As it was asked for, for files.
  let settings: CompileSettings
  /// How the learning rate goes; nothing once it was set by hand.
  var schedule: (any LearningRateSchedule)?
  /// The weights that the optimizer has variables for, in order.
  var trained: [TrainedWeight] = []

  /// A metric of an output.
  struct Measure {
    let output: Int
    let metric: MetricChoice
    /// Whether it heeds the weights of samples.
    let isWeighted: Bool
  }

  /// A loss or a metric as logs show it.
  struct Meter {
    let name: String
    let states: [MetricState]
    let result: ([[Double]]) -> [Double]
  }

  init(
    optimizer: any Optimizer, losses: [any Loss], lossWeights: [Double], metrics: [Measure],
    structure: NetworkStructure, settings: CompileSettings
  ) throws(GraphError) {
    self.optimizer = optimizer
    self.losses = losses
    self.lossWeights = lossWeights
    self.metrics = metrics
    self.settings = settings
    schedule = optimizer.learningRate.constant == nil ? optimizer.learningRate.schedule : nil
    let outputs = structure.outputNames, isSingle = outputs.count == 1
    let mean = LossMetric(MeanSquaredError())  // of any loss: what it keeps is a sum and a count
    var meters = (["loss"] + (isSingle ? [] : outputs.map { "\($0)_loss" })).map {
      Meter(name: $0, states: mean.states([]), result: mean.result)
    }
    for measure in metrics {
      let name = (isSingle ? "" : "\(outputs[measure.output])_") + measure.metric.name
      let taken = Set(meters.map(\.name))
      meters.append(
        Meter(
          name: Self.unique(name, isWeighted: measure.isWeighted, taken),
          states: try measure.metric.states(structure.outputShapes[measure.output]),
          result: measure.metric.result))
    }
    self.meters = meters
  }

  /// `name`, or another one where it is taken: as in Keras, `weighted_accuracy` beside the plain
  /// one, and `auc_1` for the second of a kind.
  private static func unique(_ name: String, isWeighted: Bool, _ taken: Set<String>) -> String {
    guard taken.contains(name) else { return name }
    let base = isWeighted ? "weighted_\(name)" : name
    if isWeighted, !taken.contains(base) { return base }
    var count = 1
    while taken.contains("\(base)_\(count)") { count += 1 }
    return "\(base)_\(count)"
  }

  /// How many variables losses and metrics have.
  var stateCount: Int { meters.reduce(0) { $0 + $1.states.count } }
}

/// The places of training's variables among those of a model.
struct VariableLayout {
  /// Where the first state of a loss or a metric is.
  let states: Int
  /// How many there are.
  let stateCount: Int
  /// Where the number of steps taken is, `int64[]`.
  var iteration: Int { states + stateCount }
  /// Where the learning rate is, `float32[]`.
  var learningRate: Int { iteration + 1 }
  /// Where the first variable of the optimizer is.
  var optimizer: Int { iteration + 2 }
}

extension Model {
  /// What `compile` settled, if it was called.
  var compilation: Compilation? { training as? Compilation }

  /// What `compile` settled.
  func compiled() throws(GraphError) -> Compilation {
    guard let compilation, !compilation.losses.isEmpty else {
      throw GraphError(
        "\(name) has no loss yet", hint: "call compile(optimizer:loss:metrics:) before training")
    }
    return compilation
  }

  func layout(_ compilation: Compilation) -> VariableLayout {
    VariableLayout(states: declarations.count + 1, stateCount: compilation.stateCount)
  }

  /// The weights that training moves now.
  package var trainedWeights: [TrainedWeight] {
    declarations.indices.filter { isTrainable($0) }.map {
      TrainedWeight(path: declarations[$0].path, type: declarations[$0].type)
    }
  }

  /// Gives the model the variables of training: states at 0, no steps taken, the optimizer's as
  /// they start.
  func resetTrainingVariables(_ compilation: Compilation) {
    let layout = layout(compilation)
    variables.removeSubrange(layout.states...)
    for state in compilation.meters.flatMap(\.states) {
      variables.append(Tensor(zeros: TensorType(.float64, state.shape)))
    }
    variables.append(Tensor(Int64(0)))
    variables.append(Tensor(Float(compilation.optimizer.learningRate(at: 0))))
    compilation.trained = []
    updateOptimizerVariables(compilation)
  }

  /// Gives each weight that is trained now its variables, and keeps those that were there before.
  func updateOptimizerVariables(_ compilation: Compilation) {
    let trained = trainedWeights, start = layout(compilation).optimizer
    guard trained != compilation.trained || variables.count == start else {
      return copyWeights(compilation)
    }
    let optimizer = compilation.optimizer
    let before = optimizer.variables(for: compilation.trained)
    let known = Dictionary(
      zip(before.map { $0.path(compilation.trained) }, variables[start...]),
      uniquingKeysWith: { first, _ in first })
    variables.removeSubrange(start...)
    for variable in optimizer.variables(for: trained) {
      variables.append(
        known[variable.path(trained)] ?? variable.start(value(of: variable, trained)))
    }
    compilation.trained = trained
  }

  /// Before the first step, makes variables that start as their weights what these are now.
  private func copyWeights(_ compilation: Compilation) {
    guard iterations == 0 else { return }
    let start = layout(compilation).optimizer, trained = compilation.trained
    for (index, variable) in compilation.optimizer.variables(for: trained).enumerated()
    where variable.initial == nil {
      variables[start + index] = variable.start(value(of: variable, trained))
    }
  }

  /// The value of the weight that `variable` belongs to.
  private func value(of variable: OptimizerVariable, _ trained: [TrainedWeight]) -> Tensor? {
    variable.weight.flatMap { weight in
      declarations.firstIndex { $0.path == trained[weight].path }.map { variables[$0] }
    }
  }
}

extension OptimizerVariable {
  /// Its name after that of the weight among `weights` that it belongs to.
  func path(_ weights: [TrainedWeight]) -> String {
    weight.map { "\(weights[$0].path)/\(name)" } ?? name
  }
}
