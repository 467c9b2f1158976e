import TensorGraph

/// The steps of an epoch over some data: graphs prepared in advance, batches from the background.
final class Steps {
  let batches: BatchPrefetcher
  private let model: Model
  private let full: any Executable
  /// For the last batch of an epoch when it is smaller.
  private let rest: any Executable
  private let batchSize: Int

  init(
    _ model: Model, _ compilation: Compilation, _ data: TrainingData, batchSize: Int,
    mode: GraphMode, shuffle: Bool = false, epoch: Int = 0
  ) throws {
    guard batchSize > 0 else {
      throw GraphError("a batch has at least 1 sample, not \(batchSize)")
    }
    if mode == .train { model.updateSlots(compilation) }
    let size = min(batchSize, data.sampleCount)
    func executable(_ samples: Int) throws -> any Executable {
      let types = try Model.StepTypes(data, samples: samples)
      return try model.executables.executable(for: .init(mode, types.all)) {
        try model.engine.compile(model.stepGraph(compilation, types, mode: mode))
      }
    }
    self.model = model
    self.batchSize = size
    full = try executable(size)
    let remainder = data.sampleCount % size
    rest = remainder == 0 ? full : try executable(remainder)
    batches = try BatchPrefetcher(
      data, batchSize: size, shuffle: shuffle, seed: model.seed, epoch: epoch)
  }

  /// Runs the steps of the next epoch for as long as `goesOn`, asked after each, says so.
  ///
  /// - Returns: the number of samples seen.
  @discardableResult
  func run(_ goesOn: () throws -> Bool) rethrows -> Int {
    var samples = 0
    while let batch = batches.next() {
      let executable = batch.sampleCount == batchSize ? full : rest
      _ = executable.run(batch.tensors, variables: &model.variables)
      samples += batch.sampleCount
      if try !goesOn() { break }
    }
    return samples
  }
}

extension Model.StepTypes {
  /// What a step on `samples` samples of `data` is fed.
  init(_ data: TrainingData, samples: Int) throws {
    self.init(
      inputs: try data.inputTypes(samples: samples),
      targets: data.targets.map { $0.type(samples: samples) },
      sampleWeights: data.sampleWeights?.type(samples: samples))
  }
}
