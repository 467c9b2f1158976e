import TensorGraph

/// The negative logarithm of the probability given to the right class: `−log p[label]`.
///
/// - Targets: `[batch, …]`, whole numbers from 0 to below `classes`. A label out of range makes the
///   loss NaN, never 0.
/// - Predictions: `[batch, …, classes]`, probabilities, or logits with `fromLogits`.
///
/// Where probabilities are the output of a softmax, the loss is computed from the numbers that went
/// into it: exact also where a probability underflows. Keras holds probabilities between 1e-7 and
/// 1 − 1e-7 instead; within these bounds the two differ by less than 1e-6.
public struct SparseCategoricalCrossentropy: Loss {
  /// Whether predictions are logits: numbers that a softmax makes probabilities of.
  public var fromLogits: Bool
  /// A label that does not count, such as that of padding.
  public var ignoreClass: Int?
  /// The axis of the classes.
  public var axis: Int
  public var reduction: LossReduction

  /// Creates the loss.
  public init(
    fromLogits: Bool = false, ignoreClass: Int? = nil, axis: Int = -1,
    reduction: LossReduction = .sumOverBatchSize
  ) {
    self.fromLogits = fromLogits
    self.ignoreClass = ignoreClass
    self.axis = axis
    self.reduction = reduction
  }

  public var targets: TargetForm { .labels(ignored: ignoreClass, axis: axis) }

  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard target.isValid, let axis = axes([axis], of: prediction)?.first else {
      return prediction.trace.invalid
    }
    let counts = ignoreClass.map { target .!= Double($0) }
    let label = counts.map { select($0, target, target * 0) } ?? target
    let loss: Symbol
    if let logits = fromLogits ? prediction : logits(behindSoftmax: prediction, axis: axis) {
      loss = softmaxCrossEntropy(logits.movingLast(axis), labels: label)
    } else {
      let p = clippedProbabilities(prediction.movingLast(axis))
      loss = -log(p).gathered(along: -1, at: label.expandingDims(at: -1)).squeezed(-1)
    }
    guard let counts else { return loss }
    return select(counts, loss, 0).masked(by: counts)
  }
}
