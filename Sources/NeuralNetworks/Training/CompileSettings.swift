import TensorGraph

/// How a model is to be trained, as `compile` was told: one entry for all outputs, or one for each
/// output by name.
public struct CompileSettings: Sendable {
  /// A value for every output, or for each by its name.
  public enum PerOutput<Value: Sendable>: Sendable {
    case all(Value)
    case named([String: Value])
  }

  /// What moves the weights.
  public var optimizer: OptimizerChoice
  /// What is made small.
  public var loss: PerOutput<LossChoice>
  /// What is reported beside the loss, without weights of samples.
  public var metrics: PerOutput<[MetricChoice]>
  /// What is reported beside the loss, with weights of samples.
  public var weightedMetrics: PerOutput<[MetricChoice]>
  /// How much the loss of each output counts, 1 if nothing is said.
  public var lossWeights: [String: Double]

  /// Creates the settings.
  public init(
    optimizer: OptimizerChoice = "rmsprop", loss: PerOutput<LossChoice>,
    metrics: PerOutput<[MetricChoice]> = .all([]),
    weightedMetrics: PerOutput<[MetricChoice]> = .all([]), lossWeights: [String: Double] = [:]
  ) {
    self.optimizer = optimizer
    self.loss = loss
    self.metrics = metrics
    self.weightedMetrics = weightedMetrics
    self.lossWeights = lossWeights
  }
}

extension CompileSettings {
  /// Whether the loss is computed by a loop of the user's own.
  var hasNoLoss: Bool {
    if case .named(let losses) = loss { losses.isEmpty } else { false }
  }
}

extension CompileSettings.PerOutput {
  /// The value for each of `outputs`; `missing` stands for one that is not named.
  func values(
    _ outputs: [String], of what: String, missing: Value? = nil
  ) throws(GraphError) -> [Value] {
    switch self {
    case .all(let value): return outputs.map { _ in value }
    case .named(let values):
      for name in values.keys.sorted() where !outputs.contains(name) {
        throw GraphError(
          "\(what) for an output \(name), which the model does not have",
          hint: spellingHint(name, in: outputs))
      }
      var result: [Value] = []
      for output in outputs {
        guard let value = values[output] ?? missing else {
          throw GraphError("there is no \(what) for the output \(output)")
        }
        result.append(value)
      }
      return result
    }
  }
}
