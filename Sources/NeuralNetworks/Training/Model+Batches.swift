import TensorGraph

extension Model {
  /// One step of training on a batch: for loops of your own.
  ///
  /// The loss and the metrics are those of this batch alone, measured before the weights move.
  ///
  /// - Parameters:
  ///   - x: `[samples, …]`
  ///   - y: `[samples, …]`
  ///   - sampleWeight: How much each sample counts, `[samples]`, or each step, `[samples, steps]`.
  ///   - classWeight: How much samples of a class count; not together with `sampleWeight`.
  /// - Returns: the loss and the metrics of the batch.
  /// - Throws: when the model is not compiled, or the data do not fit or hold no numbers.
  @discardableResult
  public func trainOnBatch(
    _ x: Tensor, _ y: Tensor, sampleWeight: Tensor? = nil, classWeight: [Int: Double] = [:]
  ) throws -> Logs {
    guard sampleWeight == nil || classWeight.isEmpty else {
      throw GraphError("a batch has weights of samples or of classes, not both")
    }
    return try trainOnBatch(
      TrainingData(x: x, y: y, sampleWeights: sampleWeight),
      classWeights: classWeight.isEmpty ? [:] : [structure.outputNames[0]: classWeight])
  }

  /// One step of training on a batch, which may have several inputs and targets; `classWeights` say
  /// how much samples of a class count, for outputs by name.
  ///
  /// - Returns: the loss and the metrics of the batch.
  /// - Throws: when the model is not compiled, or the data do not fit or hold no numbers.
  @discardableResult
  public func trainOnBatch(
    _ data: TrainingData, classWeights: [String: [Int: Double]] = [:]
  ) throws -> Logs {
    let compilation = try compiled()
    let data = try checked(data, compilation, named: "")
      .weighted(
        byClass: classWeights, outputs: structure.outputNames,
        forms: compilation.losses.map(\.targets))
    return try step(on: data, compilation, mode: .train)
  }

  /// The loss and the metrics of a batch; nothing is learned.
  ///
  /// - Throws: when the model is not compiled, or the data do not fit or hold no numbers.
  public func testOnBatch(_ x: Tensor, _ y: Tensor, sampleWeight: Tensor? = nil) throws -> Logs {
    try testOnBatch(TrainingData(x: x, y: y, sampleWeights: sampleWeight))
  }

  /// The loss and the metrics of a batch, which may have several inputs and targets.
  ///
  /// - Throws: when the model is not compiled, or the data do not fit or hold no numbers.
  public func testOnBatch(_ data: TrainingData) throws -> Logs {
    let compilation = try compiled()
    return try step(on: checked(data, compilation, named: ""), compilation, mode: .evaluate)
  }

  /// What the model gives for a batch, one tensor for each of its inputs: all samples at once.
  ///
  /// - Throws: when `x` does not fit, or the model has several outputs.
  public func predictOnBatch(_ x: Tensor...) throws -> Tensor {
    try only(predict(x, batchSize: max(x.first?.shape.dims.first ?? 1, 1)), name)
  }

  private func step(
    on data: TrainingData, _ compilation: Compilation, mode: GraphMode
  ) throws -> Logs {
    let source = try BatchPrefetcher(
      data, batchSize: max(data.sampleCount, 1), shuffle: false, engine: engine)
    guard let batch = source.next() else { return [:] }
    let steps = Steps(self, compilation, source, mode: mode)
    resetMetrics(compilation)
    try steps.step(batch)
    return logs(compilation)
  }
}
