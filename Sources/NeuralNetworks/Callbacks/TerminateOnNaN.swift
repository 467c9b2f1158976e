import TensorGraph

/// Ends training at the first step whose loss is NaN or infinite.
public final class TerminateOnNaN: Callback {
  /// Whether `fit` throws instead of ending early.
  public let raiseError: Bool

  /// Creates the callback.
  public init(raiseError: Bool = false) { self.raiseError = raiseError }

  public var wantsSteps: Bool { true }

  public func receive(_ event: TrainingEvent, _ control: TrainingControl) throws {
    guard case .stepped(let epoch, let step) = event else { return }
    guard let loss = control.logs["loss"], !loss.isFinite else { return }
    let message = "the loss became \(fourDigits(loss)) in step \(step + 1) of epoch \(epoch + 1)"
    if raiseError {
      throw GraphError(message, hint: "a smaller learning rate or clipnorm may help")
    }
    control.stop(because: message)
  }
}
