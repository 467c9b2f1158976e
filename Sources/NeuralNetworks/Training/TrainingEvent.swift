/// What happens while a model trains, in the order it happens.
public enum TrainingEvent: Sendable, Hashable {
  /// Training begins; nothing has been prepared yet.
  case began(TrainingPlan)
  /// An epoch, counted from 0, begins.
  case epochBegan(Int)
  /// A step of an epoch, both counted from 0, is done. Sent only to those who want steps; what has
  /// been learned about the epoch so far is `TrainingControl.logs`.
  case stepped(epoch: Int, step: Int)
  /// An epoch is done, and its validation too.
  case epochEnded(EpochReport)
  /// A signal, such as that of Ctrl-C, ends the training when so many steps of an epoch are done.
  case interrupted(epoch: Int, steps: Int)
  /// Training is over.
  case ended(History)
}

/// What a training is going to do.
public struct TrainingPlan: Sendable, Hashable, Codable {
  /// The name of the model.
  public var model: String
  /// The epoch it begins with, counted from 0.
  public var initialEpoch: Int
  /// The epoch it ends before.
  public var epochs: Int
  /// The number of steps of an epoch; nothing when it is not known in advance.
  public var stepsPerEpoch: Int?
  /// The number of samples of an epoch; nothing when it is not known in advance.
  public var sampleCount: Int?
  /// The number of samples of a step; of the last one possibly fewer.
  public var batchSize: Int
  /// The number of samples that are set apart, 0 if none are; nothing when it is not known.
  public var validationSampleCount: Int?
  /// What is odd about it: allowed, and probably not meant.
  public var doubts: [Doubt]

  package init(
    model: String, initialEpoch: Int, epochs: Int, stepsPerEpoch: Int?,
    sampleCount: Int?, batchSize: Int, validationSampleCount: Int?,
    doubts: [Doubt] = []
  ) {
    self.model = model
    self.initialEpoch = initialEpoch
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
    self.sampleCount = sampleCount
    self.batchSize = batchSize
    self.validationSampleCount = validationSampleCount
    self.doubts = doubts
  }
}

/// What one epoch brought.
public struct EpochReport: Sendable, Hashable, Codable {
  /// The epoch, counted from 0.
  public var epoch: Int
  /// The loss and the metrics; those of the validation are called `val_loss` and so on.
  public var logs: Logs
  /// How long the epoch took as a user waits for it, data and callbacks included, in seconds;
  /// without its validation.
  public var seconds: Double
  /// How long its validation took, in seconds; nothing when there is none.
  public var validationSeconds: Double?
  /// The number of samples trained on.
  public var sampleCount: Int

  /// How many samples were trained on in a second.
  public var samplesPerSecond: Double { seconds > 0 ? Double(sampleCount) / seconds : 0 }

  package init(
    epoch: Int, logs: Logs, seconds: Double, validationSeconds: Double? = nil, sampleCount: Int
  ) {
    self.epoch = epoch
    self.logs = logs
    self.seconds = seconds
    self.validationSeconds = validationSeconds
    self.sampleCount = sampleCount
  }
}

/// What a training brought, epoch by epoch.
public struct History: Sendable, Hashable {
  /// Why a training ended.
  public enum Ending: String, Sendable, Hashable, Codable {
    /// All epochs are done.
    case completed
    /// A callback stopped it.
    case stopped
    /// A signal, such as that of Ctrl-C, stopped it.
    case interrupted
  }

  /// The epochs that were finished.
  public package(set) var epochs: [EpochReport] = []
  /// Why it ended.
  public package(set) var ending = Ending.completed
  /// What a callback gave as its reason to stop.
  public internal(set) var reason: String?

  package init() {}

  /// The value of `name` in each epoch, such as `loss` or `val_accuracy`.
  public subscript(name: String) -> [Double] { epochs.compactMap { $0.logs[name] } }
}
