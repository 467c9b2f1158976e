import TensorGraph

/// Ends training when a loss or a metric has stopped to get better.
///
///     try model.fit(
///       x, y, epochs: 100, validationSplit: 0.1,
///       callbacks: [EarlyStopping(patience: 3, restoreBestWeights: true)])
public final class EarlyStopping: Callback {
  /// Which way is better.
  public typealias Mode = MonitorMode

  /// How many epochs in a row may pass without getting better.
  public let patience: Int
  /// What must be reached for an epoch to count.
  public let baseline: Double?
  /// Whether the model ends with the weights of its best epoch.
  public let restoreBestWeights: Bool
  /// The epoch, from 0, to watch from.
  public let startFromEpoch: Int
  /// Whether it says when it ends training.
  public let verbose: Bool
  /// The best epoch so far, from 0.
  public private(set) var bestEpoch: Int?
  /// The epoch, from 0, after which it ended training.
  public private(set) var stoppedEpoch: Int?

  private var watched: Monitor
  private var best: Double?
  private var wait = 0
  private var bestWeights: [Tensor] = []

  /// What is watched, such as `val_loss`.
  public var monitor: String { watched.name }
  /// By how much it must change to count as better.
  public var minDelta: Double { watched.minDelta }
  /// Which way is better.
  public var mode: Mode { watched.mode }

  /// Creates the callback.
  public init(
    monitor: String = "val_loss", minDelta: Double = 0, patience: Int = 0, verbose: Bool = false,
    mode: Mode = .auto, baseline: Double? = nil, restoreBestWeights: Bool = false,
    startFromEpoch: Int = 0
  ) {
    watched = Monitor("early stopping", monitor, mode, minDelta: minDelta)
    self.patience = patience
    self.verbose = verbose
    self.baseline = baseline
    self.restoreBestWeights = restoreBestWeights
    self.startFromEpoch = startFromEpoch
  }

  public func receive(_ event: TrainingEvent, _ control: TrainingControl) throws {
    switch event {
    case .began(let plan):
      (best, bestEpoch, stoppedEpoch, wait, bestWeights) = (nil, nil, nil, 0, [])
      try watched.begin(plan, control)
    case .epochEnded(let report):
      guard report.epoch >= startFromEpoch, let value = report.logs[monitor] else { return }
      note(value, report.epoch, control)
    case .ended:
      if let stoppedEpoch, verbose { control.say("Epoch \(stoppedEpoch + 1): early stopping") }
      guard restoreBestWeights, let bestEpoch, !bestWeights.isEmpty else { return }
      if verbose { control.say("The weights are those of the best epoch, \(bestEpoch + 1)") }
      control.model.restore(bestWeights)
    case .epochBegan, .stepped, .interrupted: break
    }
  }

  private func note(_ value: Double, _ epoch: Int, _ control: TrainingControl) {
    let isBetter = watched.isBetter(value, than: best)
    if isBetter || bestEpoch == nil {
      bestEpoch = epoch
      if restoreBestWeights { bestWeights = control.model.weightValues }
    }
    wait += 1
    guard !isBetter else {
      best = value
      if baseline.map({ watched.isBetter(value, than: $0) }) ?? true { wait = 0 }
      return
    }
    guard wait >= patience, epoch > 0 else { return }
    stoppedEpoch = epoch
    control.stop(because: "\(monitor) did not get better for \(wait) epoch\(wait == 1 ? "" : "s")")
  }

  /// The best value, when it was, the weights of then, and how long ago that is.
  public var state: CallbackState {
    get {
      var state: CallbackState = [:]
      state[int: "wait"] = wait
      state[int: "best_epoch"] = bestEpoch
      state[int: "stopped_epoch"] = stoppedEpoch
      state[number: "best"] = best
      for (index, weight) in bestWeights.enumerated() { state["best_weights/\(index)"] = weight }
      return state
    }
    set {
      wait = newValue[int: "wait"] ?? 0
      bestEpoch = newValue[int: "best_epoch"]
      stoppedEpoch = newValue[int: "stopped_epoch"]
      best = newValue[number: "best"]
      bestWeights = []
      while let weight = newValue["best_weights/\(bestWeights.count)"] {
        bestWeights.append(weight)
      }
    }
  }
}

extension Model {
  /// The values of all weights and states, in order of declaration.
  package var weightValues: [Tensor] { Array(variables.prefix(declarations.count)) }

  /// Replaces the values of all weights and states by those of the same types.
  func restore(_ values: [Tensor]) {
    guard values.count == declarations.count,
      zip(values, variables).allSatisfy({ $0.type == $1.type })
    else { return }
    variables.replaceSubrange(0..<values.count, with: values)
  }
}
