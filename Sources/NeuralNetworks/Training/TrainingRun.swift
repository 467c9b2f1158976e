import TensorGraph

/// One call of `fit`: epochs of steps, validation after each, and events for the callbacks.
final class TrainingRun {
  private let model: Model
  private let compilation: Compilation
  private let training: Steps
  private let validation: Steps?
  private let epochs: Range<Int>
  private let callbacks: [any Callback]
  private let listeners: [any Callback]
  private let control: TrainingControl
  private let plan: TrainingPlan
  private var history = History()

  init(
    _ model: Model, _ compilation: Compilation, _ data: TrainingData,
    _ validationData: TrainingData?, batchSize: Int, shuffle: Bool, epochs: Range<Int>,
    callbacks: [any Callback]
  ) throws {
    self.model = model
    self.compilation = compilation
    self.epochs = epochs
    self.callbacks = callbacks
    listeners = callbacks.filter(\.wantsSteps)
    control = TrainingControl(model)
    let data = try model.checked(data, compilation, named: "")
    let validationData = try validationData.map {
      try model.checked($0, compilation, named: "validation ")
    }
    training = try Steps(
      model, compilation, data, batchSize: batchSize, mode: .train, shuffle: shuffle,
      epoch: epochs.lowerBound)
    validation = try validationData.map {
      try Steps(model, compilation, $0, batchSize: batchSize, mode: .evaluate)
    }
    plan = TrainingPlan(
      model: model.name, initialEpoch: epochs.lowerBound, epochs: epochs.upperBound,
      stepsPerEpoch: training.batches.batchesPerEpoch, sampleCount: data.sampleCount,
      batchSize: min(batchSize, data.sampleCount),
      validationSampleCount: validationData?.sampleCount ?? 0)
  }

  func callAsFunction() throws -> History {
    try send(.began(plan))
    for epoch in epochs {
      if try !run(epoch) { break }
    }
    history.reason = control.reason
    try send(.ended(history))
    return history
  }

  /// Runs one epoch, and says whether another one may follow.
  private func run(_ epoch: Int) throws -> Bool {
    let clock = ContinuousClock(), start = clock.now
    try send(.epochBegan(epoch))
    model.resetAccumulators(compilation)
    var step = 0
    let samples = try training.run {
      for listener in listeners {
        try listener.receive(.stepped(epoch: epoch, step: step), control)
      }
      step += 1
      return !Interruption.isRequested && !control.isStopped
    }
    // An epoch that was cut short is not one: what it learned stays, what it measured does not.
    guard samples == plan.sampleCount else { return noteEnding() }
    var report = EpochReport(
      epoch: epoch, logs: model.logs(compilation), seconds: (clock.now - start).seconds,
      validationSeconds: nil, sampleCount: samples)
    if let validation, !Interruption.isRequested {
      let validationStart = clock.now
      model.resetAccumulators(compilation)
      let seen = validation.run { !Interruption.isRequested }
      if seen == plan.validationSampleCount {
        for (name, value) in model.logs(compilation) { report.logs["val_\(name)"] = value }
      }
      report.validationSeconds = (clock.now - validationStart).seconds
    }
    history.epochs.append(report)
    try send(.epochEnded(report))
    return noteEnding()
  }

  /// Notes why training ends, if it does, and says whether it goes on.
  private func noteEnding() -> Bool {
    if Interruption.isRequested {
      history.ending = .interrupted
    } else if control.isStopped {
      history.ending = .stopped
    }
    return history.ending == .completed
  }

  private func send(_ event: TrainingEvent) throws {
    for callback in callbacks { try callback.receive(event, control) }
  }
}

extension Duration {
  /// In seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
