import FoundationEssentials
import NeuralNetworks
import TensorGraph

/// Writes what TensorBoard shows while a model trains.
///
///     try model.fit(x, y, epochs: 10, callbacks: [TensorBoard(logDirectory: "logs/run1")])
///
/// Then `tensorboard --logdir logs` shows it. What is measured in training is in the folder `train`,
/// that of the validation in `validation`, with the tags that Keras gives them: `epoch_loss`,
/// `epoch_accuracy`, `epoch_learning_rate`, and `evaluation_loss_vs_iterations`.
public final class TensorBoard: Callback {
  /// How often the loss and the metrics are written.
  public enum UpdateFrequency: Sendable, Hashable {
    /// After each epoch.
    case epoch
    /// After each step, too, with tags such as `batch_loss`.
    case batch
    /// After every so many steps, too.
    case batches(Int)
  }

  /// The folder.
  public let logDirectory: String
  /// After how many epochs the distribution of each weight is written; never if 0.
  public let histogramFrequency: Int
  /// Whether the layers and their connections are written.
  public let writeGraph: Bool
  /// Whether weights are written as pictures, too, where distributions are.
  public let writeImages: Bool
  /// Whether it is written how many steps a second takes.
  public let writeStepsPerSecond: Bool
  /// How often the loss and the metrics are written.
  public let updateFrequency: UpdateFrequency

  private var training: EventWriter?
  private var validation: EventWriter?
  private var steps = 0
  private var iterationsBefore = 0
  private var lastStep: (time: ContinuousClock.Instant, number: Int)?

  /// Creates the callback.
  public init(
    logDirectory: String = "logs", histogramFrequency: Int = 0, writeGraph: Bool = true,
    writeImages: Bool = false, writeStepsPerSecond: Bool = false,
    updateFrequency: UpdateFrequency = .epoch
  ) {
    self.logDirectory = logDirectory
    self.histogramFrequency = histogramFrequency
    self.writeGraph = writeGraph
    self.writeImages = writeImages
    self.writeStepsPerSecond = writeStepsPerSecond
    self.updateFrequency = updateFrequency
  }

  public var wantsSteps: Bool { updateFrequency != .epoch }

  /// The number of steps so far, which batches are numbered by.
  public var state: CallbackState {
    get { ["steps": Tensor(Int64(steps))] }
    set { if let value = newValue["steps"], value.count == 1 { steps = Int(value.number) } }
  }

  public func receive(_ event: TrainingEvent, _ control: TrainingControl) throws {
    switch event {
    case .began(let plan): try begin(plan, control.model)
    case .epochBegan:
      (lastStep, iterationsBefore) = (nil, control.model.iterations)
    case .stepped:
      // Counted from 1 over all epochs, as Keras does, also when a training goes on.
      steps += 1
      try note(step: steps, control)
    case .epochEnded(let report): try note(report, control.model)
    case .interrupted:
      try training?.flush()
      try validation?.flush()
    case .ended:
      try training?.close()
      try validation?.close()
      (training, validation) = (nil, nil)
    }
  }

  private func begin(_ plan: TrainingPlan, _ model: Model) throws(FormatError) {
    if case .batches(let count) = updateFrequency, count < 1 {
      throw FormatError(
        "TensorBoard can be updated every 1 or more steps", got: "\(count)",
        hint: "updateFrequency: .epoch updates after each epoch alone")
    }
    guard histogramFrequency >= 0 else {
      throw FormatError(
        "TensorBoard cannot write distributions every \(histogramFrequency) epochs",
        got: "histogramFrequency: \(histogramFrequency)", hint: "0 writes none")
    }
    steps = plan.initialEpoch.multipliedReportingOverflow(by: plan.stepsPerEpoch ?? 0).partialValue
    let training = try EventWriter(directory: logDirectory + "/train")
    self.training = training
    validation = nil
    guard writeGraph else { return }
    try training.graph(model)
    try training.flush()
  }

  private func note(step: Int, _ control: TrainingControl) throws(FormatError) {
    let interval =
      switch updateFrequency {
      case .epoch: 0
      case .batch: 1
      case .batches(let count): count
      }
    guard let training, interval > 0 else { return }
    let now = ContinuousClock.now
    if step % interval == 0 {
      if writeStepsPerSecond, let lastStep {
        let seconds = (now - lastStep.time) / .seconds(1)
        if seconds > 0 {
          try training.scalar(
            "batch_steps_per_second", Double(step - lastStep.number) / seconds, step: step)
        }
      }
      for (name, value) in control.logs {
        try training.scalar("batch_\(name)", value, step: step)
      }
    }
    lastStep = (now, step)
  }

  private func note(_ report: EpochReport, _ model: Model) throws(FormatError) {
    guard let training else { return }
    let step = report.epoch
    for (name, value) in report.logs {
      guard name.hasPrefix("val_") else {
        try training.scalar("epoch_\(name)", value, step: step)
        continue
      }
      if validation == nil { validation = try EventWriter(directory: logDirectory + "/validation") }
      let name = name.dropFirst(4)
      try validation?.scalar("epoch_\(name)", value, step: step)
      try validation?.scalar("evaluation_\(name)_vs_iterations", value, step: model.iterations)
    }
    if let rate = model.learningRate {
      try training.scalar("epoch_learning_rate", rate, step: step)
    }
    if writeStepsPerSecond, report.seconds > 0 {
      try training.scalar(
        "epoch_steps_per_second", Double(model.iterations - iterationsBefore) / report.seconds,
        step: step)
    }
    if histogramFrequency > 0, report.epoch % histogramFrequency == 0 {
      // The layers of a sequential model are in it, in Keras; those of others are not.
      let prefix = model.network is Sequential ? model.name + "/" : ""
      for (path, value) in model.weights {
        try training.histogram("\(prefix)\(path)/histogram", value, step: step)
        if writeImages, let pictures = value.pictures {
          try training.images("\(prefix)\(path)/image", pictures, step: step)
        }
      }
    }
    try training.flush()
    try validation?.flush()
  }
}

extension Tensor {
  /// A weight as at most three pictures `[count, height, width, channels]`, if it can be shown as
  /// such: a vector as a column, a matrix the wide way, a convolution's kernel by channels.
  fileprivate var pictures: Tensor? {
    let sizes = shape.dims.filter { $0 != 1 }
    guard count > 0, dtype.isFloatingPoint else { return nil }
    switch sizes.count {
    case 1: return reshaped([1, sizes[0], 1, 1])
    case 2:
      guard sizes[0] > sizes[1] else { return reshaped([1, sizes[0], sizes[1], 1]) }
      let values = scalars(as: Float.self)
      return Tensor(
        [1, sizes[1], sizes[0], 1],
        (0..<count).map { values[$0 % sizes[0] * sizes[1] + $0 / sizes[0]] })
    case 3:
      let values = scalars(as: Float.self), shown = min(sizes[2], 3)
      return Tensor(
        [shown, sizes[0], sizes[1], 1],
        (0..<shown).flatMap { channel in
          (0..<sizes[0] * sizes[1]).map { values[$0 * sizes[2] + channel] }
        })
    case 4 where [1, 3, 4].contains(sizes[3]):
      return reshaped(Shape(sizes)).rows(0..<min(sizes[0], 3))
    default: return nil
    }
  }
}
