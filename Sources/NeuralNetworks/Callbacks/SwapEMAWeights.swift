import TensorGraph

/// Measures, and if asked saves, with the running averages of weights in place of the weights.
///
///     try model.compile(optimizer: .adam(options: [.exponentialMovingAverage()]), loss: .meanSquaredError)
///     try model.fit(x, y, validationSplit: 0.1, callbacks: [SwapEMAWeights()])
///
/// Weights are exchanged before the validation of an epoch, and back after it.
public final class SwapEMAWeights: Callback {
  /// Whether the callbacks after this one find the averages in the model when an epoch ends, as
  /// `ModelCheckpoint` should.
  public let swapOnEpoch: Bool

  /// Creates the callback.
  public init(swapOnEpoch: Bool = false) { self.swapOnEpoch = swapOnEpoch }

  public func receive(_ event: TrainingEvent, _ control: TrainingControl) throws {
    switch event {
    case .began:
      guard control.model.hasAverages else {
        throw GraphError(
          "SwapEMAWeights needs an optimizer that keeps running averages of weights",
          hint: "compile the model with the option .exponentialMovingAverage()")
      }
    case .epochEnded:
      guard swapOnEpoch else { return }
      let model = control.model
      model.swapWithAverages()
      control.afterEvent { model.swapWithAverages() }
    case .epochBegan, .stepped, .interrupted, .ended: break
    }
  }

  public func validationBegan(_ control: TrainingControl) { control.model.swapWithAverages() }
  public func validationEnded(_ control: TrainingControl) { control.model.swapWithAverages() }
}
