import TensorGraph

/// What `fit` prints about its progress.
public enum Verbosity: Sendable, Hashable {
  /// A progress bar on a terminal, else a line for each epoch.
  case automatic
  /// Nothing.
  case silent
  /// A line for each epoch.
  case linePerEpoch
}

extension Model {
  /// Trains on samples `x` with targets `y`.
  ///
  ///     let history = try model.fit(x, y, epochs: 5, validationSplit: 0.1)
  ///     print(history["val_loss"])
  ///
  /// - Parameters:
  ///   - x: `[samples, …]`; integers, such as the bytes of images, become floats in the graph.
  ///   - y: `[samples, …]`
  ///   - batchSize: The number of samples of a step; the last step of an epoch takes the rest.
  ///   - epochs: The epoch to end before; with `initialEpoch` 0 the number of epochs.
  ///   - validationSplit: The share of samples, the last ones before shuffling, that are set apart
  ///     to measure on.
  ///   - validationData: Samples to measure on after each epoch; comes before `validationSplit`.
  ///   - shuffle: Whether each epoch visits the samples in another order, which depends on the
  ///     model's seed and the epoch alone.
  ///   - classWeight: How much samples of a class count; 1 if nothing is said.
  ///   - sampleWeight: How much each sample counts, `[samples]`, or each step, `[samples, steps]`.
  ///   - initialEpoch: The epoch to begin with, when a training goes on.
  ///   - stepsPerEpoch: How many steps an epoch has, whether the samples are all seen then or not.
  ///   - validationSteps: How many steps a validation has, from the first sample on.
  ///   - validationBatchSize: The number of samples of a step of the validation.
  ///   - validationFrequency: After how many epochs, again and again, there is a validation.
  ///   - callbacks: Those who want to know what happens.
  ///   - verbose: What is printed.
  /// - Returns: what every epoch brought.
  /// - Throws: when the model is not compiled, or the data do not fit or hold no numbers.
  @discardableResult
  public func fit(
    _ x: Tensor, _ y: Tensor, batchSize: Int = 32, epochs: Int = 1, validationSplit: Double = 0,
    validationData: (x: Tensor, y: Tensor)? = nil, shuffle: Bool = true,
    classWeight: [Int: Double] = [:], sampleWeight: Tensor? = nil, initialEpoch: Int = 0,
    stepsPerEpoch: Int? = nil, validationSteps: Int? = nil, validationBatchSize: Int? = nil,
    validationFrequency: Int = 1, callbacks: [any Callback] = [], verbose: Verbosity = .automatic
  ) throws -> History {
    try fit(
      TrainingData(x: x, y: y, sampleWeights: sampleWeight), batchSize: batchSize, epochs: epochs,
      validationSplit: validationSplit,
      validationData: validationData.map { try TrainingData(x: $0.x, y: $0.y) }, shuffle: shuffle,
      classWeights: classWeight.isEmpty ? [:] : [structure.outputNames[0]: classWeight],
      initialEpoch: initialEpoch, stepsPerEpoch: stepsPerEpoch, validationSteps: validationSteps,
      validationBatchSize: validationBatchSize, validationFrequency: validationFrequency,
      callbacks: callbacks, verbose: verbose)
  }

  /// Trains on `data`, which may have several inputs and targets.
  ///
  /// The parameters are those of `fit` with tensors, but for `classWeights`: how much samples of a
  /// class count, for outputs by name.
  ///
  /// - Returns: what every epoch brought.
  /// - Throws: when the model is not compiled, or the data do not fit or hold no numbers.
  @discardableResult
  public func fit(
    _ data: TrainingData, batchSize: Int = 32, epochs: Int = 1, validationSplit: Double = 0,
    validationData: TrainingData? = nil, shuffle: Bool = true,
    classWeights: [String: [Int: Double]] = [:], initialEpoch: Int = 0,
    stepsPerEpoch: Int? = nil, validationSteps: Int? = nil, validationBatchSize: Int? = nil,
    validationFrequency: Int = 1, callbacks: [any Callback] = [], verbose: Verbosity = .automatic
  ) throws -> History {
    let compilation = try compiled()
    var training = data, validation = validationData
    if validation == nil, validationSplit != 0 {
      let parts = try data.split(validationFraction: validationSplit)
      (training, validation) = (parts.training, parts.validation)
    }
    training = try checked(training, compilation, named: "")
      .weighted(
        byClass: classWeights, outputs: structure.outputNames,
        forms: compilation.losses.map(\.targets))
    validation = try validation.map { try checked($0, compilation, named: "validation ") }
    try prepare(
      compilation, [training, validation], [batchSize, validationBatchSize ?? batchSize])
    let doubts = try doubts(compilation, training, validation)
    let source = try BatchPrefetcher(
      training, batchSize: batchSize, shuffle: shuffle, seed: seed, epoch: initialEpoch,
      engine: engine)
    let validationSource = try validation.map {
      try BatchPrefetcher(
        $0, batchSize: validationBatchSize ?? batchSize, shuffle: false,
        engine: engine)
    }
    return try run(
      source, validationSource,
      TrainingRun.Request(
        epochs: initialEpoch..<max(initialEpoch, epochs), batchSize: batchSize,
        stepsPerEpoch: stepsPerEpoch, validationSteps: validationSteps,
        validationFrequency: validationFrequency, callbacks: callbacks, doubts: doubts), verbose)
  }

  /// Compiles what the first steps need, so that mistakes come before anything is done.
  private func prepare(
    _ compilation: Compilation, _ data: [TrainingData?], _ batchSizes: [Int]
  ) throws {
    updateOptimizerVariables(compilation)
    for (mode, (data, batchSize)) in zip([.train, .evaluate] as [GraphMode], zip(data, batchSizes))
    {
      guard let data else { continue }
      guard batchSize > 0 else {
        throw GraphError("a batch has at least 1 sample, not \(batchSize)")
      }
      let types = try StepTypes(data, samples: min(batchSize, data.sampleCount))
      _ = try executables.executable(for: .init(mode, types.all)) {
        try engine.compile(stepGraph(compilation, types, mode: mode))
      }
    }
  }

  /// Trains on the batches of `source`.
  func run(
    _ source: any BatchSource, _ validation: (any BatchSource)?, _ request: TrainingRun.Request,
    _ verbose: Verbosity
  ) throws -> History {
    for (name, value) in [
      ("stepsPerEpoch", request.stepsPerEpoch), ("validationSteps", request.validationSteps),
      ("validationFrequency", request.validationFrequency),
    ] {
      if let value, value < 1 { throw GraphError("\(name) is at least 1, not \(value)") }
    }
    var request = request
    if let bar = verbose.callback { request.callbacks.append(bar) }
    return try TrainingRun(
      self, compiled(), source, validation: validation, request)()
  }

  /// The loss and the metrics of samples `x` with targets `y`; nothing is learned.
  ///
  /// - Throws: when the model is not compiled, or the data do not fit or hold no numbers.
  public func evaluate(
    _ x: Tensor, _ y: Tensor, batchSize: Int = 32, sampleWeight: Tensor? = nil
  ) throws -> Logs {
    try evaluate(TrainingData(x: x, y: y, sampleWeights: sampleWeight), batchSize: batchSize)
  }

  /// The loss and the metrics of `data`; nothing is learned.
  ///
  /// - Throws: when the model is not compiled, or the data do not fit or hold no numbers.
  public func evaluate(_ data: TrainingData, batchSize: Int = 32) throws -> Logs {
    let compilation = try compiled()
    let data = try checked(data, compilation, named: "")
    guard batchSize > 0 else {
      throw GraphError("a batch has at least 1 sample, not \(batchSize)")
    }
    return try evaluate(
      BatchPrefetcher(data, batchSize: batchSize, shuffle: false, engine: engine), steps: nil)
  }

  /// The loss and the metrics of an epoch of `source`, or of so many steps.
  func evaluate(_ source: any BatchSource, steps limit: Int?) throws -> Logs {
    let compilation = try compiled()
    let steps = Steps(self, compilation, source, mode: .evaluate)
    resetMetrics(compilation)
    _ = try steps.run(limit: limit) { _ in true }
    return logs(compilation)
  }
}
