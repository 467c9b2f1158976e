import TensorGraph

/// How often a prediction lies on the target's side of a threshold: 1 where `ŷ > threshold` equals
/// the target, 0 or 1, else 0.
public struct BinaryAccuracy: Metric {
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
public struct CategoricalAccuracy: Metric {
  /// Creates the metric.
  public init() {}

  public var targets: TargetForm { .probabilities }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    hits(predictedClass(prediction) .== target.argmax(axis: -1), prediction)
  }
}

/// How often the most probable class is the label; the first of equal ones.
public struct SparseCategoricalAccuracy: Metric {
  /// Creates the metric.
  public init() {}

  public var targets: TargetForm { .labels() }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    hits(predictedClass(prediction) .== target, prediction)
  }
}

/// How often the class with the largest target is among the `k` most probable ones.
public struct TopKCategoricalAccuracy: Metric {
  /// How many classes are looked at.
  public var k: Int

  /// Creates the metric.
  public init(k: Int = 5) { self.k = k }

  public var targets: TargetForm { .probabilities }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    hits(isAmongTop(k, target.argmax(axis: -1), prediction), prediction)
  }
}

/// How often the label is among the `k` most probable classes.
public struct SparseTopKCategoricalAccuracy: Metric {
  /// How many classes are looked at.
  public var k: Int

  /// Creates the metric.
  public init(k: Int = 5) { self.k = k }

  public var targets: TargetForm { .labels() }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    hits(isAmongTop(k, target, prediction), prediction)
  }
}

/// The most probable class. A softmax keeps the order, so what went into it will do: the softmax
/// then is not computed at all where only the loss, which does without too, needs it.
private func predictedClass(_ prediction: Symbol) -> Symbol {
  (logits(behindSoftmax: prediction) ?? prediction).argmax(axis: -1)
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
