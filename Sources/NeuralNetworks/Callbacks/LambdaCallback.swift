/// A callback of closures, each called when its event comes.
///
///     let loud = LambdaCallback(onEpochEnd: { report, _ in print(report.logs) })
public final class LambdaCallback: Callback {
  private let onTrainBegin: ((TrainingPlan, TrainingControl) throws -> Void)?
  private let onTrainEnd: ((History, TrainingControl) throws -> Void)?
  private let onEpochBegin: ((Int, TrainingControl) throws -> Void)?
  private let onEpochEnd: ((EpochReport, TrainingControl) throws -> Void)?
  private let onTrainBatchEnd: ((Int, TrainingControl) throws -> Void)?
  private let onTestBegin: ((TrainingControl) throws -> Void)?
  private let onTestEnd: ((TrainingControl) throws -> Void)?

  /// Creates a callback of closures.
  ///
  /// - Parameters:
  ///   - onEpochBegin: Called at the beginning of an epoch with its number, from 0.
  ///   - onEpochEnd: Called at the end of an epoch with what it brought.
  ///   - onTrainBegin: Called before anything is done.
  ///   - onTrainEnd: Called when training is over.
  ///   - onTrainBatchEnd: Called after each step with its number in the epoch, from 0.
  ///   - onTestBegin: Called before the validation of an epoch.
  ///   - onTestEnd: Called after it.
  public init(
    onEpochBegin: ((Int, TrainingControl) throws -> Void)? = nil,
    onEpochEnd: ((EpochReport, TrainingControl) throws -> Void)? = nil,
    onTrainBegin: ((TrainingPlan, TrainingControl) throws -> Void)? = nil,
    onTrainEnd: ((History, TrainingControl) throws -> Void)? = nil,
    onTrainBatchEnd: ((Int, TrainingControl) throws -> Void)? = nil,
    onTestBegin: ((TrainingControl) throws -> Void)? = nil,
    onTestEnd: ((TrainingControl) throws -> Void)? = nil
  ) {
    self.onEpochBegin = onEpochBegin
    self.onEpochEnd = onEpochEnd
    self.onTrainBegin = onTrainBegin
    self.onTrainEnd = onTrainEnd
    self.onTrainBatchEnd = onTrainBatchEnd
    self.onTestBegin = onTestBegin
    self.onTestEnd = onTestEnd
  }

  public var wantsSteps: Bool { onTrainBatchEnd != nil }

  public func receive(_ event: TrainingEvent, _ control: TrainingControl) throws {
    switch event {
    case .began(let plan): try onTrainBegin?(plan, control)
    case .epochBegan(let epoch): try onEpochBegin?(epoch, control)
    case .stepped(_, let step): try onTrainBatchEnd?(step, control)
    case .epochEnded(let report): try onEpochEnd?(report, control)
    case .interrupted: break
    case .ended(let history): try onTrainEnd?(history, control)
    }
  }

  public func validationBegan(_ control: TrainingControl) throws { try onTestBegin?(control) }
  public func validationEnded(_ control: TrainingControl) throws { try onTestEnd?(control) }
}
