import TensorGraph

/// The steps of epochs over some source of batches, each by the graph for the types of its batch.
final class Steps {
  /// What one run of steps did.
  struct Outcome {
    var samples = 0
    var steps = 0
    /// Whether the run came to the end it was meant to have.
    var isWhole = false
  }

  /// The place of the next batch in the source: an epoch of the source, and a batch of it.
  private(set) var position: (epoch: Int, batch: Int)
  private let source: any BatchSource
  private let model: Model
  private let compilation: Compilation
  private let mode: GraphMode
  /// The graphs used last: those of full batches and of a last one.
  private var recent: [(batch: [TensorType], executable: any Executable)] = []

  init(
    _ model: Model, _ compilation: Compilation, _ source: any BatchSource, mode: GraphMode,
    epoch: Int = 0
  ) {
    if mode == .train { model.updateOptimizerVariables(compilation) }
    self.source = source
    self.model = model
    self.compilation = compilation
    self.mode = mode
    position = (epoch, 0)
  }

  /// Goes on with another batch.
  func move(to place: (epoch: Int, batch: Int)) throws {
    try source.restart(epoch: place.epoch, batch: place.batch)
    position = place
  }

  /// Runs the steps of an epoch of the source, or `limit` steps of one epoch after another, for as
  /// long as `goesOn`, asked after each, says so.
  ///
  /// A run that goes on says what was `done` before. `begins` is told before each step, with its
  /// batch and the number of steps before it.
  ///
  /// - Returns: what the run has done.
  /// - Throws: when a batch cannot be had or used, or what `goesOn` throws.
  func run(
    from done: Outcome = Outcome(), limit: Int? = nil,
    begins: ((Batch, Int) throws -> Void)? = nil, _ goesOn: (Outcome) throws -> Bool
  ) throws -> Outcome {
    var outcome = done
    var isFirst = position.batch == 0
    while limit.map({ outcome.steps < $0 }) ?? true {
      guard let batch = try source.next() else {
        position = (position.epoch + 1, 0)
        guard limit != nil else {
          outcome.isWhole = true
          return outcome
        }
        // A source without a single batch would go round for ever.
        guard !isFirst else { throw FormatError("there is no sample to make batches of") }
        isFirst = true
        continue
      }
      isFirst = false
      position.batch += 1
      try begins?(batch, outcome.steps)
      try step(batch)
      outcome.samples += batch.sampleCount
      outcome.steps += 1
      // What ends with its last batch is whole, even if it is not to go on.
      if try !goesOn(outcome) {
        if limit == nil { outcome.isWhole = position.batch == source.batchesPerEpoch }
        if outcome.isWhole { position = (position.epoch + 1, 0) }
        break
      }
    }
    if let limit { outcome.isWhole = outcome.steps >= limit }
    return outcome
  }

  /// One step on `batch`.
  func step(_ batch: Batch) throws {
    if mode == .train { model.applySchedule(compilation) }
    _ = try executable(for: batch).run(batch.tensors, variables: &model.variables)
  }

  private func executable(for batch: Batch) throws -> any Executable {
    if let known = recent.first(where: { entry in
      entry.batch.count == batch.tensors.count
        && entry.batch.indices.allSatisfy { entry.batch[$0] == batch.tensors[$0].type }
    }) {
      return known.executable
    }
    let types = batch.tensors.map(\.type)
    let executable = try model.executables.executable(for: .init(mode, types)) {
      try model.engine.compile(model.stepGraph(compilation, .init(batch), mode: mode))
    }
    if recent.count == 2 { recent.removeFirst() }
    recent.append((types, executable))
    return executable
  }
}
