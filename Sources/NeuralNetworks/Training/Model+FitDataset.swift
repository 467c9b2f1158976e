import TensorGraph

extension Model {
  /// Trains on the batches of `dataset`.
  ///
  ///     let dataset = try Dataset(x: x, y: y).shuffle().batch(32)
  ///     let history = try model.fit(dataset, epochs: 5)
  ///
  /// Each epoch goes once through the dataset or, with `stepsPerEpoch`, goes on where the one
  /// before it ended. The data of the first time through are checked batch by batch.
  ///
  /// - Parameters:
  ///   - dataset: Batches of inputs and targets.
  ///   - epochs: The epoch to end before; with `initialEpoch` 0 the number of epochs.
  ///   - validationData: Batches to measure on after each epoch, every time the same.
  ///   - classWeights: How much samples of a class count, for outputs by name.
  ///   - initialEpoch: The epoch to begin with, when a training goes on.
  ///   - stepsPerEpoch: How many steps an epoch has; one without end needs it.
  ///   - validationSteps: How many steps a validation has, from the first batch on.
  ///   - validationFrequency: After how many epochs, again and again, there is a validation.
  ///   - callbacks: Those who want to know what happens.
  ///   - verbose: What is printed.
  /// - Returns: what every epoch brought.
  /// - Throws: when the model is not compiled, a sample cannot be had, or the data do not fit or
  ///   hold no numbers.
  @discardableResult
  public func fit(
    _ dataset: Dataset, epochs: Int = 1, validationData: Dataset? = nil,
    classWeights: [String: [Int: Double]] = [:], initialEpoch: Int = 0,
    stepsPerEpoch: Int? = nil, validationSteps: Int? = nil, validationFrequency: Int = 1,
    callbacks: [any Callback] = [], verbose: Verbosity = .automatic
  ) throws -> History {
    try checkEnd(dataset, stepsPerEpoch, "stepsPerEpoch")
    if let validationData { try checkEnd(validationData, validationSteps, "validationSteps") }
    let epochs = initialEpoch..<max(initialEpoch, epochs)
    let source = try CheckedSource(
      self, dataset, named: "", classWeights: classWeights, epoch: initialEpoch,
      lastEpoch: stepsPerEpoch == nil ? epochs.upperBound - 1 : .max)
    let validation = try validationData.map {
      try CheckedSource(self, $0, named: "validation ", isFixed: true)
    }
    return try run(
      source, validation,
      TrainingRun.Request(
        epochs: epochs, batchSize: dataset.batchSize ?? 1, stepsPerEpoch: stepsPerEpoch,
        validationSteps: validationSteps, validationFrequency: validationFrequency,
        callbacks: callbacks), verbose)
  }

  /// The loss and the metrics of the batches of `dataset`; nothing is learned.
  ///
  ///     let logs = try model.evaluate(Dataset(x: x, y: y).batch(256))
  ///
  /// - Parameters:
  ///   - dataset: Batches of inputs and targets.
  ///   - steps: How many batches; one without end needs it.
  /// - Returns: the loss and the metrics by name.
  /// - Throws: when the model is not compiled, a sample cannot be had, or the data do not fit or
  ///   hold no numbers.
  public func evaluate(_ dataset: Dataset, steps: Int? = nil) throws -> Logs {
    try checkEnd(dataset, steps, "steps")
    return try evaluate(CheckedSource(self, dataset, named: "", isFixed: true), steps: steps)
  }

  /// What the model gives for the batches of `dataset`, one after another.
  ///
  ///     let classes = try model.predict(Dataset(x: x).batch(256))
  ///
  /// - Parameters:
  ///   - dataset: Batches; targets and weights in them are not looked at.
  ///   - steps: How many batches; one without end needs it.
  /// - Returns: the output for each sample.
  /// - Throws: when the data do not fit, a sample cannot be had, or the model has several outputs.
  public func predict(_ dataset: Dataset, steps: Int? = nil) throws -> Tensor {
    guard structure.outputNames.count == 1 else {
      throw GraphError(
        "\(name) has \(structure.outputNames.count) outputs", hint: "predictAll returns all of them"
      )
    }
    return try predictAll(dataset, steps: steps)[0]
  }

  /// All outputs of the model for the batches of `dataset`, one after another.
  ///
  /// - Throws: when the data do not fit, a sample cannot be had, or outputs of batches have shapes
  ///   that cannot follow each other.
  public func predictAll(_ dataset: Dataset, steps: Int? = nil) throws -> [Tensor] {
    try checkEnd(dataset, steps, "steps")
    let source = try DatasetSource(dataset, seed: seed)
    var parts: [[Tensor]] = []
    while steps.map({ parts.count < $0 }) ?? true, let batch = try source.next() {
      let outputs = try predict(Array(batch.inputs), batchSize: max(batch.sampleCount, 1))
      for (output, first) in zip(outputs, parts.first ?? [])
      where output.shape.dims.dropFirst() != first.shape.dims.dropFirst() {
        throw FormatError(
          "the outputs for batches of different lengths cannot follow each other",
          got: "\(first.type), then \(output.type)", at: .part("batch \(parts.count)"),
          hint: "give paddedBatch a length, or predict batch by batch")
      }
      parts.append(outputs)
    }
    return joined(parts)
  }

  /// Throws when nothing says how long `dataset` is to be gone through.
  private func checkEnd(_ dataset: Dataset, _ steps: Int?, _ name: String) throws {
    if let steps, steps < 1 { throw GraphError("\(name) is at least 1, not \(steps)") }
    guard dataset.isInfinite, steps == nil else { return }
    throw FormatError("the dataset has no end", hint: "give \(name)")
  }
}

/// The batches of a dataset, in the order of a model's inputs and outputs, of which those of the
/// first epoch are checked.
private final class CheckedSource: BatchSource {
  var batchesPerEpoch: Int? { source.batchesPerEpoch }
  var samplesPerEpoch: Int? { source.samplesPerEpoch }
  private let source: DatasetSource
  private let model: Model
  private let compilation: Compilation
  private let dataset: Dataset
  private let kind: String
  private let classWeights: [String: [Int: Double]]
  private var batch = 0
  private var isChecked = false

  init(
    _ model: Model, _ dataset: Dataset, named kind: String,
    classWeights: [String: [Int: Double]] = [:], epoch: Int = 0, isFixed: Bool = false,
    lastEpoch: Int = 0
  ) throws {
    compilation = try model.compiled()
    source = try DatasetSource(
      dataset, seed: model.seed, epoch: epoch, isFixed: isFixed, lastEpoch: lastEpoch)
    self.model = model
    self.dataset = dataset
    self.kind = kind
    self.classWeights = classWeights
  }

  func next() throws -> Batch? {
    guard let batch = try source.next() else {
      isChecked = true
      self.batch = 0
      return nil
    }
    defer { self.batch += 1 }
    let hasNames = !dataset.names.inputs.isEmpty || !dataset.names.targets.isEmpty
    guard !isChecked || hasNames || !classWeights.isEmpty else { return batch }
    do {
      let data = try model.checked(
        TrainingData(
          inputs: Array(batch.inputs), targets: Array(batch.targets),
          sampleWeights: Array(batch.sampleWeights),
          inputNames: dataset.names.inputs, targetNames: dataset.names.targets),
        compilation, named: kind
      ).weighted(
        byClass: classWeights, outputs: model.structure.outputNames,
        forms: compilation.losses.map(\.targets))
      return Batch(inputs: data.inputs, targets: data.targets, sampleWeights: data.sampleWeights)
    } catch var error as FormatError {
      let place = error.position.map { ", \($0)" } ?? ""
      error.position = .part("batch \(self.batch)\(place)")
      throw error
    }
  }

  func restart(epoch: Int, batch: Int) throws {
    try source.restart(epoch: epoch, batch: batch)
    self.batch = batch
  }
}
