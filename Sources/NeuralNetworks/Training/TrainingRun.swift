import OrderedCollections
import TensorGraph

/// One call of `fit`: epochs of steps, validation after each, and events for the callbacks.
final class TrainingRun {
  /// What a training is asked to do.
  struct Request {
    var epochs: Range<Int>
    var batchSize: Int
    /// How many steps an epoch has; without it, an epoch of the source.
    var stepsPerEpoch: Int?
    var validationSteps: Int?
    /// After how many epochs, again and again, there is a validation.
    var validationFrequency = 1
    var callbacks: [any Callback] = []
    /// What is odd about it.
    var doubts: [Doubt] = []
  }

  private let model: Model
  private let compilation: Compilation
  private let request: Request
  private let source: any BatchSource
  private let training: Steps
  private let validation: Steps?
  private let listeners: [any Callback]
  private let control: TrainingControl
  private let plan: TrainingPlan
  private let identity: Checkpoint.Identity
  private var history = History()
  /// The epoch that goes on or comes next, whether it has begun, and what was done of it.
  private var epoch: Int
  private var hasBegun = false
  private var done = Steps.Outcome()
  private var validations = 0

  init(
    _ model: Model, _ compilation: Compilation, _ source: any BatchSource,
    validation: (any BatchSource)?, _ request: Request
  ) {
    self.model = model
    self.compilation = compilation
    self.request = request
    self.source = source
    listeners = request.callbacks.filter(\.wantsSteps)
    training = Steps(
      model, compilation, source, mode: .train, epoch: request.epochs.lowerBound)
    self.validation = validation.map { Steps(model, compilation, $0, mode: .evaluate) }
    epoch = request.epochs.lowerBound
    control = TrainingControl(model)
    let sampleCount =
      request.stepsPerEpoch.map { $0.multipliedReportingOverflow(by: request.batchSize) }
      .map { $0.overflow ? Int.max : $0.partialValue } ?? source.samplesPerEpoch
    plan = TrainingPlan(
      model: model.name, initialEpoch: epoch, epochs: request.epochs.upperBound,
      stepsPerEpoch: request.stepsPerEpoch ?? source.batchesPerEpoch, sampleCount: sampleCount,
      batchSize: sampleCount.map { min(request.batchSize, $0) } ?? request.batchSize,
      validationSampleCount: validation.map { $0.samplesPerEpoch } ?? 0, doubts: request.doubts)
    identity = Checkpoint.Identity(plan, seed: model.seed)
  }

  func callAsFunction() throws -> History {
    try send(.began(plan))
    if let checkpoint = control.resumed { try resume(checkpoint) }
    while history.ending == .completed, epoch < request.epochs.upperBound { try run() }
    history.reason = control.reason
    if history.ending != .interrupted { model.overwriteWithAverages() }
    try send(.ended(history))
    return history
  }

  private func resume(_ checkpoint: Checkpoint) throws {
    let callbacks = named(request.callbacks), progress = checkpoint.progress
    try checkpoint.check(identity, callbacks: callbacks.map(\.name))
    try model.restore(checkpoint.variables, compilation)
    if !progress.followsSchedule { compilation.schedule = nil }
    for (name, callback) in callbacks {
      if let state = checkpoint.callbacks[name] { callback.state = state }
    }
    history.epochs = checkpoint.epochs
    (epoch, hasBegun, validations) = (progress.epoch, progress.hasBegun, progress.validations)
    done = Steps.Outcome(
      samples: progress.samples, steps: progress.step, isWhole: progress.isWhole)
    if progress.isStopped {
      control.stop(because: progress.reason)
      // A last step is not the end of its epoch.
      if !done.isWhole { history.ending = .stopped }
    }
    try training.move(to: (progress.sourceEpoch, progress.sourceBatch))
    if request.validationSteps == nil { try validation?.move(to: (validations, 0)) }
  }

  private func checkpoint() -> Checkpoint {
    var place = training.position
    // After the last batch of the source's epoch comes the first one of the next.
    if hasBegun, isWhole, request.stepsPerEpoch == nil, place.batch > 0 {
      place = (place.epoch + 1, 0)
    }
    return Checkpoint(
      identity: identity,
      progress: Checkpoint.Progress(
        epoch: epoch, hasBegun: hasBegun, step: done.steps, samples: done.samples,
        isWhole: hasBegun && isWhole, sourceEpoch: place.epoch, sourceBatch: place.batch,
        validations: validations,
        followsSchedule: compilation.schedule != nil, isStopped: control.isStopped,
        reason: control.reason),
      variables: model.checkpointVariables(compilation), epochs: history.epochs,
      callbacks: OrderedDictionary(
        named(request.callbacks).map { ($0.name, $0.callback.state) }.filter { !$0.1.isEmpty },
        uniquingKeysWith: { first, _ in first }))
  }

  /// Whether all steps of the epoch are done.
  private var isWhole: Bool {
    done.isWhole
      || done.steps > 0
        && done.steps >= request.stepsPerEpoch ?? source.batchesPerEpoch ?? .max
  }

  /// Runs one epoch, or the rest of it.
  private func run() throws {
    let clock = ContinuousClock(), start = clock.now
    if !hasBegun {
      model.resetMetrics(compilation)
      hasBegun = true
      try send(.epochBegan(epoch))
    }
    if !done.isWhole {
      done = try training.run(
        from: done, limit: request.stepsPerEpoch, begins: listeners.isEmpty ? nil : announce
      ) { outcome in
        done = outcome
        try send(.stepped(epoch: epoch, step: outcome.steps - 1), to: listeners)
        return !Interruption.isRequested && !control.isStopped
      }
    }
    // An epoch that was cut short is not one: what it learned stays, what it measured does not.
    guard done.isWhole else { return try noteEnding() }
    var report = EpochReport(
      epoch: epoch, logs: model.logs(compilation), seconds: (clock.now - start).seconds,
      validationSeconds: nil, sampleCount: done.samples)
    if let validation, (epoch + 1) % request.validationFrequency == 0 {
      let validationStart = clock.now, before = model.variables
      guard let logs = try validate(validation) else {
        // It is all to be done again when training goes on.
        model.variables = before
        return try noteEnding()
      }
      for (name, value) in logs { report.logs["val_\(name)"] = value }
      report.validationSeconds = (clock.now - validationStart).seconds
      validations += 1
    }
    history.epochs.append(report)
    epoch += 1
    (hasBegun, done) = (false, Steps.Outcome())
    try send(.epochEnded(report))
    try noteEnding()
  }

  /// Tells those who want steps that one is about to be done.
  private func announce(_ batch: Batch, _ step: Int) throws {
    control.batch = batch
    for listener in listeners { try listener.stepBegins(epoch: epoch, step: step, control) }
  }

  /// The loss and the metrics of the validation data; nothing when it was interrupted.
  private func validate(_ validation: Steps) throws -> Logs? {
    guard !Interruption.isRequested else { return nil }
    for callback in request.callbacks { try callback.validationBegan(control) }
    model.resetMetrics(compilation)
    if request.validationSteps != nil { try validation.move(to: (0, 0)) }
    let outcome = try validation.run(limit: request.validationSteps) { _ in
      !Interruption.isRequested
    }
    for callback in request.callbacks { try callback.validationEnded(control) }
    return outcome.isWhole ? model.logs(compilation) : nil
  }

  /// Notes why training ends, if it does.
  private func noteEnding() throws {
    if Interruption.isRequested {
      history.ending = .interrupted
      try send(.interrupted(epoch: epoch, steps: done.steps))
    } else if control.isStopped {
      history.ending = .stopped
    }
  }

  private func send(_ event: TrainingEvent) throws { try send(event, to: request.callbacks) }

  private func send(_ event: TrainingEvent, to callbacks: [any Callback]) throws {
    var event = event
    for callback in callbacks {
      try callback.receive(event, control)
      let added = control.takeAddedLogs()
      if case .epochEnded(var report) = event, !added.isEmpty {
        report.logs.merge(added, uniquingKeysWith: { $1 })
        history.epochs[history.epochs.count - 1] = report
        event = .epochEnded(report)
      }
    }
    for action in control.takeActions() { try action() }
    // Only now does every callback know what happened.
    let wishes = control.takeCheckpointWishes()
    guard !wishes.isEmpty else { return }
    let checkpoint = checkpoint()
    for wish in wishes { try wish(checkpoint) }
  }
}

extension Duration {
  /// In seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
