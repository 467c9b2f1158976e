import TensorGraph

/// The metrics that strings and files can name, with every default. `accuracy` is none of them: it
/// is one of three, chosen by the shapes.
let knownMetrics = KnownValues<any Metric>(
  kind: "metric",
  entries: [
    named(BinaryAccuracy()), named(CategoricalAccuracy()), named(SparseCategoricalAccuracy()),
    named(TopKCategoricalAccuracy()), named(SparseTopKCategoricalAccuracy()),
  ]
    + knownLosses.entries.map { entry in
      func metric(_ loss: some Loss) -> any Metric { LossMetric(loss) }
      return (entry.names, metric(entry.value))
    })

private func named(_ metric: any Metric) -> (names: [String], value: any Metric) {
  ([metric.className.snakeCased, metric.className], metric)
}

/// What asks for the accuracy that fits the shapes.
private let accuracyNames = ["accuracy", "acc"]

extension Choice where Value == any Metric {
  /// Binary, categorical or sparse categorical accuracy, by the shapes.
  public static var accuracy: Self { "accuracy" }
  /// How often `ŷ > threshold` is the target, 0 or 1.
  public static func binaryAccuracy(threshold: Double = 0.5) -> Self {
    .value(BinaryAccuracy(threshold: threshold))
  }
  /// How often the most probable class is the one with the largest target.
  public static var categoricalAccuracy: Self { .value(CategoricalAccuracy()) }
  /// How often the most probable class is the label.
  public static var sparseCategoricalAccuracy: Self { .value(SparseCategoricalAccuracy()) }
  /// How often the class with the largest target is among the `k` most probable ones.
  public static func topKCategoricalAccuracy(k: Int = 5) -> Self {
    .value(TopKCategoricalAccuracy(k: k))
  }
  /// How often the label is among the `k` most probable classes.
  public static func sparseTopKCategoricalAccuracy(k: Int = 5) -> Self {
    .value(SparseTopKCategoricalAccuracy(k: k))
  }
  /// The mean squared error.
  public static var meanSquaredError: Self { "mean_squared_error" }
  /// The mean absolute error.
  public static var meanAbsoluteError: Self { "mean_absolute_error" }

  /// What logs call it: the name it was chosen by, as in Keras.
  package var name: String {
    switch self {
    case .named(let name): name
    case .value(let metric): metric.className.snakeCased
    }
  }

  /// Throws unless there is such a metric.
  package func check() throws(GraphError) {
    if case .named(let name) = self, !accuracyNames.contains(name.lowercased()) {
      guard knownMetrics.names.contains(where: { $0.lowercased() == name.lowercased() }) else {
        throw GraphError(
          "there is no metric \(name)",
          hint: spellingHint(name, in: accuracyNames + knownMetrics.names))
      }
    }
  }

  /// The metric itself; `accuracy` as Keras picks it from the shapes of targets and predictions.
  package func resolved(target: Shape, prediction: Shape) throws(GraphError) -> any Metric {
    switch self {
    case .value(let metric): return metric
    case .named(let name) where accuracyNames.contains(name.lowercased()):
      if prediction.rank < 2 || prediction[-1] == 1 { return BinaryAccuracy() }
      let isSparse = target.rank < prediction.rank || target[-1] == 1
      return isSparse ? SparseCategoricalAccuracy() : CategoricalAccuracy()
    case .named(let name): return try knownMetrics(name)
    }
  }
}
