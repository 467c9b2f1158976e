import TensorGraph

/// A metric outside of a model, for a loop of one's own: it is given batches, and says what the
/// metric is over all of them.
///
///     let score = try RunningMetric(.f1Score(average: .macro), engine: engine)
///     for batch in batches {
///       try score.update(batch.labels, try model.predict(batch.x))
///     }
///     print(score.result)
///
/// It belongs to one task at a time.
public final class RunningMetric {
  /// What logs would call it.
  public let name: String
  private let choice: MetricChoice
  private let engine: any Engine
  private let executables = ExecutableCache()
  private var metric: (any Metric)?
  private var states: [Tensor] = []

  /// Creates the metric, before any batch.
  ///
  /// - Parameters:
  ///   - choice: What is measured.
  ///   - engine: What runs the graphs.
  /// - Throws: when there is no such metric, or a hyperparameter makes no sense.
  public init(_ choice: MetricChoice, engine: any Engine) throws(GraphError) {
    try choice.check()
    name = choice.name
    self.choice = choice
    self.engine = engine
  }

  /// Takes a batch into account.
  ///
  /// - Parameters:
  ///   - target: what is right, in the form that the metric wants.
  ///   - prediction: `[batch, …, units]`
  ///   - sampleWeight: how much each sample counts, `[batch]`, or each step, `[batch, …]`.
  ///   - mask: which steps count, `bool[batch, …]`.
  /// - Throws: when shapes do not fit each other, or those of the batches before.
  public func update(
    _ target: Tensor, _ prediction: Tensor, sampleWeight: Tensor? = nil, mask: Tensor? = nil
  ) throws {
    let metric = try metric ?? choice.resolved(target: target.shape, prediction: prediction.shape)
    let kept = try metric.states(
      [nil] + prediction.shape.dims.dropFirst().map { Optional($0) })
    if self.metric == nil {
      self.metric = metric
      states = kept.map { Tensor(zeros: TensorType(.float64, $0.shape)) }
    }
    guard kept.map(\.shape) == states.map(\.shape) else {
      throw GraphError(
        "predictions have another shape than before: \(prediction.shape)",
        hint: "a metric of \(name) is over batches of one shape, but for the number of samples")
    }
    let fed = [target, prediction] + [sampleWeight, mask].compactMap { $0 }
    // Types alone do not tell a mask from weights.
    let kind: GraphMode = mask == nil ? .evaluate : .train
    let executable = try executables.executable(for: .init(kind, fed.map(\.type))) {
      try engine.compile(
        graph(metric, kept, target.type, prediction.type, sampleWeight?.type, mask?.type))
    }
    _ = executable.run(fed, variables: &states)
  }

  /// Takes numbers into account whose mean or sum is asked for.
  ///
  /// - Throws: when weights do not fit them.
  public func update(_ values: Tensor, sampleWeight: Tensor? = nil) throws {
    try update(values, values, sampleWeight: sampleWeight)
  }

  /// The metric over all batches since the start or `reset`.
  ///
  /// A metric of several numbers, such as one for each class, has all of them here; before the first
  /// batch there is none.
  public var results: [Double] {
    metric.map { $0.result(states.map { $0.scalars(as: Double.self) }) } ?? []
  }

  /// The metric over all batches since the start or `reset`: the first number of a metric that has
  /// several, 0 before the first batch.
  public var result: Double { results.first ?? 0 }

  /// Forgets all batches.
  public func reset() { states = states.map { Tensor(zeros: $0.type) } }

  /// The graph that updates the states.
  private func graph(
    _ metric: any Metric, _ kept: [MetricState], _ target: TensorType, _ prediction: TensorType,
    _ sampleWeight: TensorType?, _ mask: TensorType?
  ) throws(GraphError) -> Graph {
    let trace = Trace()
    let y = trace.input("target", target), given = trace.input("prediction", prediction)
    let weight = sampleWeight.map { trace.input("sample_weight", $0) }
    let counts = mask.map { trace.input("mask", $0).cast(to: .bool) }
    // As in a model, metrics are computed in float32; float64 stays.
    let p = prediction.dtype == .float64 ? given : given.cast(to: .float32)
    let states = kept.map { trace.variable($0.name, TensorType(.float64, $0.shape)) }
    let after = metric.accumulated(states, y, p.masked(by: counts), sampleWeight: weight)
    return try trace.graph(returning: [], updating: zip(states, after).map { ($0, $1) })
  }
}
