import TensorGraph

/// Someone who wants to know what happens while a model trains, and may change it.
///
/// Events come on the task that trains, one after another.
public protocol Callback: AnyObject {
  /// Whether `.stepped` is wanted too. Without listeners a step costs nothing extra.
  var wantsSteps: Bool { get }
  /// Takes note of `event`.
  ///
  /// - Throws: to end the training with this error.
  func receive(_ event: TrainingEvent, _ control: TrainingControl) throws
}

extension Callback {
  public var wantsSteps: Bool { false }
}

/// What a callback can ask of a training, and do to it.
public final class TrainingControl {
  /// The model that trains.
  public let model: Model
  /// Whether the training ends after this step.
  public private(set) var isStopped = false
  /// Why it ends.
  public private(set) var reason: String?

  package init(_ model: Model) { self.model = model }

  /// Ends the training after the current step.
  public func stop(because reason: String? = nil) {
    isStopped = true
    self.reason = self.reason ?? reason
  }

  /// The loss and the metrics of the epoch so far.
  public var logs: Logs { model.compilation.map { model.logs($0) } ?? [:] }
}
