import TensorGraph

/// A loss as a metric: the mean of its values over all samples.
public struct LossMetric<Wrapped: Loss>: Metric {
  /// The loss.
  public var loss: Wrapped

  /// Creates the metric that reports `loss`.
  public init(_ loss: Wrapped) { self.loss = loss }

  public init(from decoder: any Decoder) throws { loss = try Wrapped(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try loss.encode(to: encoder) }

  public var className: String { loss.className }
  public var targets: TargetForm { loss.targets }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    loss.values(target, prediction)
  }
}
