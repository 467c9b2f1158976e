import TensorGraph

/// What training makes small: a number for each sample from its target and its prediction.
///
/// A plain value. Weights of samples, masks and the mean over the batch are not its business.
public protocol Loss: Sendable, Codable, Equatable {
  /// How the values of a batch become one number.
  var reduction: LossReduction { get }
  /// What targets have to be.
  var targets: TargetForm { get }
  /// What is wrong with the hyperparameters, if anything is.
  var mistake: String? { get }
  /// The loss of each sample, and of each step of sequences.
  ///
  /// - Parameters:
  ///   - target: aligned with the prediction as `targets` says.
  ///   - prediction: `[batch, …, units]`
  /// - Returns: `[batch, …]`; where a mask is `false`, the value does not count.
  func values(_ target: Symbol, _ prediction: Symbol) -> Symbol
}

extension Loss {
  public var reduction: LossReduction { .sumOverBatchSize }
  public var mistake: String? { nil }

  /// The name of the class, as Keras's files have it.
  public var className: String { typeName(type(of: self)) }

  /// The mean of the values of a batch.
  ///
  /// - Parameters:
  ///   - target: of a shape that `targets` allows for the prediction.
  ///   - prediction: `[batch, …, units]`; samples and steps its mask leaves out do not count.
  ///   - sampleWeight: `[batch]` or `[batch, …]`: how much each value counts.
  /// - Returns: a scalar.
  public func callAsFunction(
    _ target: Symbol, _ prediction: Symbol, sampleWeight: Symbol? = nil
  ) -> Symbol {
    let values = values(targets.aligned(target, with: prediction), prediction)
    return reduction.reduced(
      values, sampleWeight: sampleWeight, masks: [mask(of: prediction, for: values), values.mask])
  }
}

/// The mask of `prediction` if it says which of `values` count.
///
/// Where values have fewer axes than the mask, as those of whole sequences do, it has been heeded
/// already, or says nothing about them.
func mask(of prediction: Symbol, for values: Symbol) -> Symbol? {
  prediction.mask.flatMap { $0.shape.rank > values.shape.rank ? nil : $0 }
}
