import TensorGraph

/// Sets the learning rate at the beginning of each epoch.
///
///     LearningRateScheduler { epoch, rate in epoch < 10 ? rate : rate * 0.9 }
///
/// The learning rate is reported beside the loss, as `learning_rate`.
public final class LearningRateScheduler: Callback {
  /// The learning rate of an epoch, counted from 0, given the one before.
  public let schedule: (_ epoch: Int, _ learningRate: Double) -> Double
  /// Whether it says the learning rate of each epoch.
  public let verbose: Bool

  /// Creates the callback.
  public init(verbose: Bool = false, _ schedule: @escaping (Int, Double) -> Double) {
    self.schedule = schedule
    self.verbose = verbose
  }

  public func receive(_ event: TrainingEvent, _ control: TrainingControl) throws {
    switch event {
    case .epochBegan(let epoch):
      let rate = schedule(epoch, control.model.learningRate ?? 0)
      guard !rate.isNaN else {
        throw GraphError(
          "LearningRateScheduler was given no number as the learning rate of epoch \(epoch + 1)")
      }
      control.model.learningRate = rate
      if verbose { control.say("Epoch \(epoch + 1): the learning rate is \(rate)") }
    case .epochEnded: control.report("learning_rate", control.model.learningRate ?? 0)
    case .began, .stepped, .interrupted, .ended: break
    }
  }
}
