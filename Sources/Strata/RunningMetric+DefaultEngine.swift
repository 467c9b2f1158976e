import CPUEngine

extension RunningMetric {
  /// Creates the metric, before any batch, run by the CPU.
  ///
  ///     let score = try RunningMetric(.auc(curve: .pr))
  ///     try score.update(labels, probabilities)
  ///     print(score.result)
  ///
  /// - Throws: when there is no such metric, or a hyperparameter makes no sense.
  public convenience init(_ choice: MetricChoice) throws(GraphError) {
    try self.init(choice, engine: CPUEngine())
  }
}
