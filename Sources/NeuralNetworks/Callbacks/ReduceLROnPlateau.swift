import TensorGraph

/// Makes the learning rate smaller when a loss or a metric has stopped to get better.
///
/// The learning rate is reported beside the loss, as `learning_rate`.
public final class ReduceLROnPlateau: Callback {
  /// Which way is better.
  public typealias Mode = MonitorMode

  /// What the learning rate is multiplied by.
  public let factor: Double
  /// How many epochs in a row may pass without getting better.
  public let patience: Int
  /// For how many epochs nothing is watched after the learning rate has changed.
  public let cooldown: Int
  /// What the learning rate does not fall below.
  public let minLearningRate: Double
  /// Whether it says when it changes the learning rate.
  public let verbose: Bool

  private var watched: Monitor
  private var best: Double?
  private var wait = 0
  private var cooldownLeft = 0

  /// What is watched, such as `val_loss`.
  public var monitor: String { watched.name }
  /// By how much it must change to count as better.
  public var minDelta: Double { watched.minDelta }
  /// Which way is better.
  public var mode: Mode { watched.mode }

  /// Creates the callback.
  public init(
    monitor: String = "val_loss", factor: Double = 0.1, patience: Int = 10, verbose: Bool = false,
    mode: Mode = .auto, minDelta: Double = 1e-4, cooldown: Int = 0, minLearningRate: Double = 0
  ) {
    watched = Monitor("ReduceLROnPlateau", monitor, mode, minDelta: minDelta)
    self.factor = factor
    self.patience = patience
    self.verbose = verbose
    self.cooldown = cooldown
    self.minLearningRate = minLearningRate
  }

  public func receive(_ event: TrainingEvent, _ control: TrainingControl) throws {
    switch event {
    case .began(let plan):
      guard factor >= 0, factor < 1 else {
        throw GraphError(
          "ReduceLROnPlateau multiplies the learning rate by a factor from 0 to below 1, "
            + "not \(factor)")
      }
      (best, wait, cooldownLeft) = (nil, 0, 0)
      try watched.begin(plan, control)
    case .epochEnded(let report):
      let learningRate = control.model.learningRate ?? 0
      control.report("learning_rate", learningRate)
      let value = monitor == "learning_rate" ? learningRate : report.logs[monitor]
      if let value { note(value, report.epoch, control) }
    case .epochBegan, .stepped, .interrupted, .ended: break
    }
  }

  private func note(_ value: Double, _ epoch: Int, _ control: TrainingControl) {
    if cooldownLeft > 0 {
      cooldownLeft -= 1
      wait = 0
    }
    if watched.isBetter(value, than: best) {
      best = value
      wait = 0
    } else if cooldownLeft == 0 {
      wait += 1
      guard wait >= patience, let old = control.model.learningRate,
        old > Double(Float(minLearningRate))
      else { return }
      let new = max(old * factor, minLearningRate)
      control.model.learningRate = new
      (cooldownLeft, wait) = (cooldown, 0)
      if verbose { control.say("Epoch \(epoch + 1): the learning rate is reduced to \(new)") }
    }
  }

  /// The best value, how long ago it was, and how long nothing is watched.
  public var state: CallbackState {
    get {
      var state: CallbackState = [:]
      state[int: "wait"] = wait
      state[int: "cooldown"] = cooldownLeft
      state[number: "best"] = best
      return state
    }
    set {
      wait = newValue[int: "wait"] ?? 0
      cooldownLeft = newValue[int: "cooldown"] ?? 0
      best = newValue[number: "best"]
    }
  }
}
