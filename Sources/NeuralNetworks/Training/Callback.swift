import Glibc
import TensorGraph

/// Someone who wants to know what happens while a model trains, and may change it.
///
/// Events come on the task that trains, one after another.
public protocol Callback: AnyObject {
  /// Whether `.stepped` is wanted too. Without listeners a step costs nothing extra.
  var wantsSteps: Bool { get }
  /// What it must know to go on when a training that was interrupted is resumed; set after
  /// `.began`, before the first epoch.
  var state: CallbackState { get set }
  /// Takes note of `event`.
  ///
  /// - Throws: to end the training with this error.
  func receive(_ event: TrainingEvent, _ control: TrainingControl) throws
  /// Takes note that a step of an epoch, both counted from 0, is about to be done on
  /// `control.batch`; only those who want steps are told.
  func stepBegins(epoch: Int, step: Int, _ control: TrainingControl) throws
  /// Takes note that the validation of an epoch is about to begin.
  func validationBegan(_ control: TrainingControl) throws
  /// Takes note that the validation of an epoch is over; `.epochEnded` has what it measured.
  func validationEnded(_ control: TrainingControl) throws
}

extension Callback {
  public var wantsSteps: Bool { false }
  /// Nothing: a callback without memory.
  public var state: CallbackState {
    get { [:] }
    set {}
  }
  public func stepBegins(epoch: Int, step: Int, _ control: TrainingControl) {}
  public func validationBegan(_ control: TrainingControl) {}
  public func validationEnded(_ control: TrainingControl) {}
}

/// What a callback remembers, by names of its own.
public typealias CallbackState = [String: Tensor]

/// What a callback can ask of a training, and do to it.
public final class TrainingControl {
  /// The model that trains.
  public let model: Model
  /// The samples of the step that begins or is done; nothing where no callback wants steps.
  public internal(set) var batch: Batch?
  /// Whether the training ends after this step.
  public private(set) var isStopped = false
  /// Why it ends.
  public private(set) var reason: String?

  /// The checkpoint to go on from.
  private(set) var resumed: Checkpoint?
  private var checkpointWishes: [(Checkpoint) throws -> Void] = []
  private var actions: [() throws -> Void] = []
  private var addedLogs = Logs()
  private let writeLine: (String) -> Void

  package init(_ model: Model, say: @escaping (String) -> Void = sayOnStandardError) {
    self.model = model
    writeLine = say
  }

  /// Makes the training go on from `checkpoint`; heard while callbacks receive `.began`.
  public func resume(from checkpoint: Checkpoint) { resumed = checkpoint }

  /// Gives `body` a checkpoint as soon as all callbacks have received this event.
  public func checkpoint(_ body: @escaping (Checkpoint) throws -> Void) {
    checkpointWishes.append(body)
  }

  func takeCheckpointWishes() -> [(Checkpoint) throws -> Void] {
    defer { checkpointWishes = [] }
    return checkpointWishes
  }

  /// Calls `body` as soon as all callbacks have received this event, before there is a checkpoint.
  public func afterEvent(_ body: @escaping () throws -> Void) { actions.append(body) }

  func takeActions() -> [() throws -> Void] {
    defer { actions = [] }
    return actions
  }

  /// Adds `value` to the report of the epoch that has just ended, for the callbacks that come after
  /// this one and for the history.
  public func report(_ name: String, _ value: Double) { addedLogs[name] = value }

  func takeAddedLogs() -> Logs {
    defer { if !addedLogs.isEmpty { addedLogs = [:] } }
    return addedLogs
  }

  /// Ends the training after the current step.
  public func stop(because reason: String? = nil) {
    isStopped = true
    self.reason = self.reason ?? reason
  }

  /// Writes a line to standard error, for people.
  public func say(_ line: String) { writeLine(line) }

  /// The loss and the metrics of the epoch so far.
  public var logs: Logs { model.compilation.map { model.logs($0) } ?? [:] }
}

/// Writes a line to standard error; on a terminal it takes the place of a progress bar.
package func sayOnStandardError(_ line: String) {
  writeText((isatty(STDERR_FILENO) == 1 ? "\r\u{1B}[K" : "") + line + "\n", to: STDERR_FILENO)
}

/// Writes `text` to an open file, after what was printed before.
func writeText(_ text: String, to file: Int32) {
  fflush(nil)
  var text = text
  text.withUTF8 { bytes in
    var rest = UnsafeRawBufferPointer(bytes)
    while !rest.isEmpty {
      let written = Glibc.write(file, rest.baseAddress, rest.count)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }
}
