import TensorGraph

/// How often a prediction is the target, number by number: for predictions that are classes.
public struct Accuracy: MeanMetric {
  /// Creates the metric.
  public init() {}

  public var targets: TargetForm { .numbers }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    (target .== prediction).cast(to: prediction.dtype)
  }
}

/// How often a prediction lies on the target's side of a threshold: 1 where `ŷ > threshold` equals
/// the target, 0 or 1, else 0.
public struct BinaryAccuracy: MeanMetric {
  /// Predictions above it say 1.
  public var threshold: Double

  /// Creates the metric.
  public init(threshold: Double = 0.5) { self.threshold = threshold }

  public var targets: TargetForm { .binary }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    let answer = (prediction .> threshold).cast(to: prediction.dtype)
    // A prediction that is not a number says nothing, so it is wrong.
    return ((answer .== target) .& !isNaN(prediction)).cast(to: prediction.dtype)
  }
}

/// How often the most probable class is the one with the largest target; the first of equal ones.
public struct CategoricalAccuracy: MeanMetric {
  /// Creates the metric.
  public init() {}

  public var targets: TargetForm { .probabilities }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    hits(predictedClass(prediction) .== target.argmax(axis: -1), prediction)
  }
}

/// How often the most probable class is the label; the first of equal ones.
public struct SparseCategoricalAccuracy: MeanMetric {
  /// Creates the metric.
  public init() {}

  public var targets: TargetForm { .labels() }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    hits(predictedClass(prediction) .== target, prediction)
  }
}

/// How often the class with the largest target is among the `k` most probable ones.
public struct TopKCategoricalAccuracy: MeanMetric {
  /// How many classes are looked at.
  public var k: Int

  /// Creates the metric.
  public init(k: Int = 5) { self.k = k }

  public var targets: TargetForm { .probabilities }
  public var mistake: String? { topMistake(k) }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    hits(isAmongTop(k, target.argmax(axis: -1), prediction), prediction)
  }
}

/// How often the label is among the `k` most probable classes.
public struct SparseTopKCategoricalAccuracy: MeanMetric {
  /// How many classes are looked at.
  public var k: Int
  /// Whether predictions are classes, `[batch, …, at least k]`, the most probable first.
  public var fromSortedIds: Bool

  /// Creates the metric.
  public init(k: Int = 5, fromSortedIds: Bool = false) {
    self.k = k
    self.fromSortedIds = fromSortedIds
  }

  public var targets: TargetForm { .labels() }
  public var mistake: String? { topMistake(k) }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard target.isValid, prediction.isValid else { return prediction.trace.invalid }
    guard fromSortedIds else { return hits(isAmongTop(k, target, prediction), prediction) }
    let first = prediction.sliced(axis: -1, 0..<min(k, prediction.shape[-1]))
    let isHit = first .== target.expandingDims(at: -1).cast(to: prediction.dtype)
    return isHit.cast(to: prediction.dtype).max(axes: [-1])
  }
}

/// The most probable class. A softmax keeps the order, so what went into it will do: the softmax
/// then is not computed at all where only the loss, which does without too, needs it.
private func predictedClass(_ prediction: Symbol) -> Symbol {
  (logits(behindSoftmax: prediction) ?? prediction).argmax(axis: -1)
}

extension Metric {
  /// What is wrong with a number of classes to look at, if anything is.
  fileprivate func topMistake(_ k: Int) -> String? {
    isSize(k) ? nil : "\(className) needs a k above 0, not \(k)"
  }
}

/// Whether fewer than `k` classes are more probable than `label`.
private func isAmongTop(_ k: Int, _ label: Symbol, _ prediction: Symbol) -> Symbol {
  guard prediction.isValid, label.isValid else { return prediction }
  let own = prediction.gathered(along: -1, at: label.expandingDims(at: -1))
  let isAhead = (prediction .> own).sum(axes: [-1])
  return (isAhead .< Double(k)) .& isFinite(own).squeezed(-1)
}

/// 1 where a condition holds, in the element type of `prediction`. Predictions that are not numbers
/// are wrong: argmax alone would call class 0, or wherever the NaN is, a hit.
private func hits(_ condition: Symbol, _ prediction: Symbol) -> Symbol {
  guard condition.isValid, prediction.isValid else { return prediction.trace.invalid }
  let largest = (logits(behindSoftmax: prediction) ?? prediction).max(axes: [-1])
  return (condition .& !isNaN(largest)).cast(to: prediction.dtype)
}
