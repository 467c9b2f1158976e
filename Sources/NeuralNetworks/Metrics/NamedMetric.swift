import TensorGraph

/// A metric that logs call otherwise than by default, such as the second of two of a class.
///
///     metrics: [.auc(), .auc(curve: .pr).named("pr_auc")]
public struct NamedMetric: Metric {
  /// What logs call it.
  public let name: String
  /// What is measured.
  public let metric: any Metric

  /// Creates the metric that logs call `name`.
  public init(_ name: String, _ metric: any Metric) {
    self.name = name
    self.metric = metric
  }

  public var className: String { metric.className }
  public var defaultName: String { name }
  public var targets: TargetForm { metric.targets }
  public var mistake: String? { metric.mistake }
  public func aligned(_ target: Symbol, with prediction: Symbol) -> Symbol {
    metric.aligned(target, with: prediction)
  }
  public func states(_ prediction: [Int?]) throws(GraphError) -> [MetricState] {
    try metric.states(prediction)
  }
  public func updated(
    _ states: [Symbol], _ target: Symbol, _ prediction: Symbol, sampleWeight: Symbol?
  ) -> [Symbol] {
    metric.updated(states, target, prediction, sampleWeight: sampleWeight)
  }
  public func result(_ states: [[Double]]) -> [Double] { metric.result(states) }

  public static func == (a: Self, b: Self) -> Bool {
    func isEqual<M: Metric>(_ metric: M) -> Bool { metric == b.metric as? M }
    return a.name == b.name && isEqual(a.metric)
  }
}

/// A file has the metric itself: its name stands beside its hyperparameters.
extension NamedMetric: CustomReflectable {
  public var customMirror: Mirror { Mirror(reflecting: metric) }
  public func encode(to encoder: any Encoder) throws { try metric.encode(to: encoder) }
  public init(from decoder: any Decoder) throws {
    throw ConfigurationError("a named metric is read as the metric it is")
  }
}
