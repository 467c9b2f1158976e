import TensorGraph

extension Model {
  /// Says how the model is trained and measured. What an earlier optimizer had kept is dropped.
  ///
  ///     try model.compile(
  ///       optimizer: .adam(learningRate: 1e-3), loss: .sparseCategoricalCrossentropy,
  ///       metrics: [.accuracy])
  ///
  /// - Parameters:
  ///   - optimizer: What moves the weights.
  ///   - loss: What is made small, of every output.
  ///   - metrics: What is reported beside the loss; weights of samples do not change it.
  ///   - weightedMetrics: What is reported beside the loss, with weights of samples.
  ///   - lossWeights: How much the loss of each output, by name, counts; 1 if nothing is said.
  /// - Throws: when a name is unknown or a hyperparameter makes no sense.
  public func compile(
    optimizer: OptimizerChoice = "rmsprop", loss: LossChoice, metrics: [MetricChoice] = [],
    weightedMetrics: [MetricChoice] = [], lossWeights: [String: Double] = [:]
  ) throws(GraphError) {
    try compile(
      CompileSettings(
        optimizer: optimizer, loss: .all(loss), metrics: .all(metrics),
        weightedMetrics: .all(weightedMetrics), lossWeights: lossWeights))
  }

  /// Says how the model is trained and measured, output by output.
  ///
  /// - Throws: when a name is unknown, an output has no loss, or a hyperparameter makes no sense.
  public func compile(
    optimizer: OptimizerChoice = "rmsprop", losses: [String: LossChoice],
    metrics: [String: [MetricChoice]] = [:], lossWeights: [String: Double] = [:]
  ) throws(GraphError) {
    try compile(
      CompileSettings(
        optimizer: optimizer, loss: .named(losses), metrics: .named(metrics),
        lossWeights: lossWeights))
  }

  /// Says how the model is trained and measured.
  ///
  /// - Throws: when a name is unknown, an output has no loss, or a hyperparameter makes no sense.
  public func compile(_ settings: CompileSettings) throws(GraphError) {
    let outputs = structure.outputNames
    var optimizer = try settings.optimizer.resolved()
    // As in Keras: gradients of float16 vanish where they are small.
    if dtypePolicy == .mixedFloat16, !(optimizer is LossScaleOptimizer) {
      optimizer = LossScaleOptimizer(optimizer)
    }
    if let mistake = optimizer.mistake(for: trainedWeights) { throw GraphError(mistake) }
    var losses: [any Loss] = []
    if !settings.hasNoLoss {
      for choice in try settings.loss.values(outputs, of: "loss") {
        losses.append(try choice.resolved())
      }
    }
    let plain = try settings.metrics.values(outputs, of: "metrics", missing: [])
    let weighted = try settings.weightedMetrics.values(
      outputs, of: "weighted metrics", missing: [])
    for metric in (plain + weighted).joined() { try metric.check() }
    let weights = try CompileSettings.PerOutput.named(settings.lossWeights)
      .values(outputs, of: "loss weight", missing: 1)

    let measures = zip(plain, weighted).enumerated().flatMap { output, metrics in
      metrics.0.map { Compilation.Measure(output: output, metric: $0, isWeighted: false) }
        + metrics.1.map { Compilation.Measure(output: output, metric: $0, isWeighted: true) }
    }
    let compilation = try Compilation(
      optimizer: optimizer, losses: losses, lossWeights: weights, metrics: measures,
      structure: structure, settings: settings)
    training = compilation
    executables.removeAll()
    resetTrainingVariables(compilation)
  }

  /// How the model was compiled, or nothing.
  public var compileSettings: CompileSettings? { compilation?.settings }

  /// The optimizer the model was compiled with, with the learning rate it started with.
  public var optimizer: (any Optimizer)? { compilation?.optimizer }

  /// The learning rate of the next step. A new one holds from then on, and takes the place of a
  /// schedule; nothing is prepared anew.
  public var learningRate: Double? {
    get {
      compilation.map { compilation in
        compilation.schedule?.learningRate(at: iterations)
          ?? Double(variables[layout(compilation).learningRate].scalars(as: Float.self)[0])
      }
    }
    set {
      guard let compilation, let newValue else { return }
      compilation.schedule = nil
      variables[layout(compilation).learningRate] = Tensor(Float(newValue))
    }
  }

  /// The number of training steps taken since `compile`.
  public var iterations: Int {
    compilation.map { compilation in
      variables[layout(compilation).iteration].withUnsafeBytes {
        Int($0.load(as: Int64.self))
      }
    } ?? 0
  }

  /// The variables of the optimizer as Keras's files have them: the number of steps, the learning
  /// rate, and slot by slot, each named by its weight's path and its own name.
  package var optimizerVariables: [(name: String, value: Tensor)] {
    get {
      guard let compilation else { return [] }
      updateOptimizerVariables(compilation)
      let names = compilation.optimizer.variables(for: compilation.trained).map {
        $0.path(compilation.trained).replacing("/", with: "_")
      }
      return Array(
        zip(["iteration", "learning_rate"] + names, variables[layout(compilation).iteration...]))
    }
    set {
      guard let compilation else { return }
      let start = layout(compilation).iteration
      for (offset, variable) in newValue.enumerated() where start + offset < variables.count {
        let type = variables[start + offset].type
        guard type.shape == variable.value.shape else { continue }
        variables[start + offset] = variable.value.cast(to: type.dtype)
      }
    }
  }
}
