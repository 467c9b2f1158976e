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
  ///   - sampleWeight: How much each sample counts: `[samples]`.
  ///   - initialEpoch: The epoch to begin with, when a training goes on.
  ///   - callbacks: Those who want to know what happens.
  ///   - verbose: What is printed.
  /// - Returns: what every epoch brought.
  /// - Throws: when the model is not compiled, or the data do not fit or hold no numbers.
  @discardableResult
  public func fit(
    _ x: Tensor, _ y: Tensor, batchSize: Int = 32, epochs: Int = 1, validationSplit: Double = 0,
    validationData: (x: Tensor, y: Tensor)? = nil, shuffle: Bool = true,
    sampleWeight: Tensor? = nil, initialEpoch: Int = 0, callbacks: [any Callback] = [],
    verbose: Verbosity = .automatic
  ) throws -> History {
    try fit(
      TrainingData(x: x, y: y, sampleWeights: sampleWeight), batchSize: batchSize, epochs: epochs,
      validationSplit: validationSplit,
      validationData: validationData.map { try TrainingData(x: $0.x, y: $0.y) }, shuffle: shuffle,
      initialEpoch: initialEpoch, callbacks: callbacks, verbose: verbose)
  }

  /// Trains on `data`, which may have several inputs and targets.
  ///
  /// - Throws: when the model is not compiled, or the data do not fit or hold no numbers.
  @discardableResult
  public func fit(
    _ data: TrainingData, batchSize: Int = 32, epochs: Int = 1, validationSplit: Double = 0,
    validationData: TrainingData? = nil, shuffle: Bool = true, initialEpoch: Int = 0,
    callbacks: [any Callback] = [], verbose: Verbosity = .automatic
  ) throws -> History {
    let compilation = try compiled()
    var training = data, validation = validationData
    if validation == nil, validationSplit != 0 {
      let parts = try data.split(validationFraction: validationSplit)
      (training, validation) = (parts.training, parts.validation)
    }
    let run = try TrainingRun(
      self, compilation, training, validation, batchSize: batchSize, shuffle: shuffle,
      epochs: initialEpoch..<max(initialEpoch, epochs),
      callbacks: callbacks + (verbose.callback.map { [$0] } ?? []))
    return try run()
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
    let steps = try Steps(self, compilation, data, batchSize: batchSize, mode: .evaluate)
    resetAccumulators(compilation)
    steps.run { true }
    return logs(compilation)
  }
}
