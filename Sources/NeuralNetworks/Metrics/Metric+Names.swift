import TensorGraph

/// The metrics that strings and files can name, with every default. `accuracy` is none of them: it
/// is one of three, chosen by the shapes.
let knownMetrics = KnownValues<any Metric>(
  kind: "metric",
  entries: [
    named(Accuracy()), named(BinaryAccuracy()), named(CategoricalAccuracy()),
    named(SparseCategoricalAccuracy()), named(TopKCategoricalAccuracy()),
    named(SparseTopKCategoricalAccuracy()),
    named(AUC()), named(Precision()), named(Recall()), named(TruePositives()),
    named(TrueNegatives()), named(FalsePositives()), named(FalseNegatives()),
    named(PrecisionAtRecall(missing)), named(RecallAtPrecision(missing)),
    named(SensitivityAtSpecificity(missing)), named(SpecificityAtSensitivity(missing)),
    named(F1Score()), named(FBetaScore()),
    named(IoU(numClasses: 0, targetClassIds: [])), named(MeanIoU(numClasses: 0)),
    named(OneHotIoU(numClasses: 0, targetClassIds: [])), named(OneHotMeanIoU(numClasses: 0)),
    named(BinaryIoU()),
    named(RootMeanSquaredError()), named(CosineSimilarityMetric()), named(R2Score()),
    named(PearsonCorrelation()), named(ConcordanceCorrelation()),
    named(Mean()), named(Sum()),
  ]
    + knownLosses.entries.compactMap { entry in
      func metric(_ loss: some Loss) -> any Metric { LossMetric(loss) }
      let metric = metric(entry.value)
      // Its metric has the opposite sign.
      if entry.value is CosineSimilarity { return nil }
      return entry.value is LogCosh ? named(metric) : (entry.names, metric)
    })

private func named(_ metric: any Metric) -> (names: [String], value: any Metric) {
  ([metric.className.snakeCased, metric.className], metric)
}

/// Stands for a hyperparameter that has no default: out of range, so that it is missed.
private let missing = -1.0

/// What asks for the accuracy that fits the shapes.
private let accuracyNames = ["accuracy", "acc"]

extension Choice where Value == any Metric {
  /// What logs call it: the name it was chosen by, as in Keras.
  package var name: String {
    switch self {
    case .named(let name): name
    case .value(let metric): metric.defaultName
    }
  }

  /// Throws unless there is such a metric, with hyperparameters that make sense.
  package func check() throws(GraphError) {
    if case .value(let metric) = self, let mistake = metric.mistake { throw GraphError(mistake) }
    if case .named(let name) = self, !accuracyNames.contains(name.lowercased()) {
      if let mistake = (try? knownMetrics(name))?.mistake {
        throw GraphError(
          "the metric \(name) needs its hyperparameters: \(mistake)",
          hint: "write it as a value instead of its name")
      }
      guard knownMetrics.names.contains(where: { $0.lowercased() == name.lowercased() }) else {
        throw GraphError(
          "there is no metric \(name)",
          hint: spellingHint(name, in: accuracyNames + knownMetrics.names))
      }
    }
  }

  /// The same metric, called `name` by logs; `accuracy`, which is one of three, keeps its name.
  public func named(_ name: String) -> Self {
    switch self {
    case .value(let metric): .value(NamedMetric(name, (metric as? NamedMetric)?.metric ?? metric))
    case .named(let known) where accuracyNames.contains(known.lowercased()): self
    case .named(let known):
      (try? knownMetrics(known)).map { .value(NamedMetric(name, $0)) } ?? self
    }
  }

  /// What the metric keeps from batch to batch, for an output of this shape.
  package func states(_ prediction: [Int?]) throws(GraphError) -> [MetricState] {
    switch self {
    case .value(let metric): return try metric.states(prediction)
    // Whichever of the accuracies it is, it is a mean.
    case .named(let name) where accuracyNames.contains(name.lowercased()):
      return BinaryAccuracy().states(prediction)
    case .named(let name): return try knownMetrics(name).states(prediction)
    }
  }

  /// The numbers that states stand for.
  package func result(_ states: [[Double]]) -> [Double] {
    switch self {
    case .value(let metric): metric.result(states)
    case .named(let name):
      ((try? knownMetrics(name)) ?? BinaryAccuracy()).result(states)
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
