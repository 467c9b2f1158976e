import TensorGraph

/// A cross-entropy for labels some of which are wrong: `(1 − p[label]^q) / q`, between the mean
/// absolute error at `q = 1` and the cross-entropy at `q → 0`.
///
/// - Targets: `[batch, …]`, whole numbers from 0 to below `classes`. A label out of range makes the
///   loss NaN, never 0.
/// - Predictions: `[batch, …, classes]`, probabilities.
///
/// Where probabilities are the output of a softmax, the loss is computed from the numbers that went
/// into it: it has a gradient also where a probability underflows.
///
/// Reference: Zhang and Sabuncu, 2018, https://arxiv.org/abs/1805.07836
public struct CategoricalGeneralizedCrossEntropy: Loss {
  /// How much the loss trusts predictions against labels, between 0 and 1.
  public var q: Double
  public var reduction: LossReduction

  /// Creates the loss.
  public init(q: Double = 0.5, reduction: LossReduction = .sumOverBatchSize) {
    self.q = q
    self.reduction = reduction
  }

  public var targets: TargetForm { .labels() }
  public var mistake: String? {
    q > 0 && q < 1 ? nil : "\(className) needs a q between 0 and 1, not \(q)"
  }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard target.isValid, prediction.isValid else { return prediction }
    if let logits = logits(behindSoftmax: prediction) {
      return -expm1(-q * softmaxCrossEntropy(logits, labels: target)) / q
    }
    let p = prediction.gathered(along: -1, at: target.expandingDims(at: -1)).squeezed(-1)
    return (1 - pow(p, q)) / q
  }
}
