import TensorGraph

/// A loss as a metric: the mean of its values over all samples.
public struct LossMetric<Wrapped: Loss>: MeanMetric {
  /// The loss.
  public var loss: Wrapped

  /// Creates the metric that reports `loss`.
  public init(_ loss: Wrapped) { self.loss = loss }

  public init(from decoder: any Decoder) throws { loss = try Wrapped(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try loss.encode(to: encoder) }

  public var className: String {
    switch loss {
    case is LogCosh: "LogCoshError"
    // Keras's metric of that name has the opposite sign.
    case is NeuralNetworks.CosineSimilarity: "CosineSimilarityLoss"
    default: loss.className
    }
  }
  public var defaultName: String {
    switch loss {
    case is LogCosh: "logcosh"
    case let loss as CustomLoss: loss.name
    default: className.snakeCased
    }
  }
  public var mistake: String? { loss.mistake }
  public var targets: TargetForm { loss.targets }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    loss.values(target, prediction)
  }
}

extension LossMetric: CustomReflectable {
  /// The hyperparameters that Keras's metric has, too: files have no others.
  public var customMirror: Mirror {
    let others = loss is BinaryCrossentropy ? ["reduction", "axis"] : ["reduction"]
    return Mirror(
      self,
      children: Mirror(reflecting: loss).children.filter { !others.contains($0.label ?? "") })
  }
}
