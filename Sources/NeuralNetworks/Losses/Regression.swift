import TensorGraph

/// The mean of `(ŷ − y)²` over the last axis.
public struct MeanSquaredError: Loss {
  public var reduction: LossReduction

  /// Creates the loss.
  public init(reduction: LossReduction = .sumOverBatchSize) { self.reduction = reduction }

  public var targets: TargetForm { .numbers }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    square(prediction - target).meanOfLastAxis
  }
}

/// The mean of `|ŷ − y|` over the last axis.
public struct MeanAbsoluteError: Loss {
  public var reduction: LossReduction

  /// Creates the loss.
  public init(reduction: LossReduction = .sumOverBatchSize) { self.reduction = reduction }

  public var targets: TargetForm { .numbers }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    abs(prediction - target).meanOfLastAxis
  }
}

/// Quadratic near the target, linear from `delta` on: the mean over the last axis of
/// `½·e²` where `|e| ≤ δ` and `δ·|e| − ½·δ²` elsewhere, with `e = ŷ − y`.
public struct Huber: Loss {
  /// From where on the loss is linear, δ.
  public var delta: Double
  public var reduction: LossReduction

  /// Creates the loss.
  public init(delta: Double = 1, reduction: LossReduction = .sumOverBatchSize) {
    self.delta = delta
    self.reduction = reduction
  }

  public var targets: TargetForm { .numbers }
  public var mistake: String? {
    delta > 0 && delta.isFinite ? nil : "Huber needs a delta above 0, not \(delta)"
  }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    let e = prediction - target
    let quadratic = 0.5 * square(e)
    let linear = delta * abs(e) - 0.5 * delta * delta
    return select(abs(e) .<= delta, quadratic, linear).meanOfLastAxis
  }
}

/// The mean of `log cosh(ŷ − y)` over the last axis: about `½·e²` near the target, about
/// `|e| − log 2` far from it.
public struct LogCosh: Loss {
  public var reduction: LossReduction

  /// Creates the loss.
  public init(reduction: LossReduction = .sumOverBatchSize) { self.reduction = reduction }

  public var targets: TargetForm { .numbers }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    let e = prediction - target
    // cosh e itself overflows soon.
    return (e + softplus(-2 * e) - 0.6931471805599453).meanOfLastAxis
  }
}

extension Symbol {
  /// The mean over the last axis; a number for each sample where there is only the batch.
  var meanOfLastAxis: Symbol { shape.rank > 1 ? mean(axes: [-1]) : self }
}
