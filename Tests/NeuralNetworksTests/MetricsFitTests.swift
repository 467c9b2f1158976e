import NeuralNetworks
import Strata
import TensorGraph
import Testing

@Suite struct MetricsFitTests {
  /// Samples of three classes, the last batch of five being short.
  private func data() -> (x: Tensor, y: Tensor) {
    var random = SeededGenerator(seed: 3)
    let x = (0..<23 * 4).map { _ in Float(random.uniform() * 2 - 1) }
    let y = (0..<23).flatMap { row -> [Float] in
      let label = x[row * 4] > 0.2 ? 0 : x[row * 4 + 1] > 0 ? 1 : 2
      return (0..<3).map { $0 == label ? 1 : 0 }
    }
    return (Tensor([23, 4], x), Tensor([23, 3], y))
  }

  private func model(_ metrics: [MetricChoice]) throws -> Model {
    let model = try Model(input: [4], seed: 1) { Dense(3, activation: .softmax) }
    try model.compile(
      optimizer: .sgd(learningRate: 0.1), loss: .categoricalCrossentropy, metrics: metrics)
    return model
  }

  @Test("metrics that are no means are exact over all samples", arguments: [1, 5, 23])
  func exact(_ batchSize: Int) throws {
    let (x, y) = data()
    let all: [MetricChoice] = [
      .f1Score(average: .macro), .auc(), .auc(curve: .pr).named("pr_auc"), .r2Score(),
      .rootMeanSquaredError, .oneHotMeanIoU(numClasses: 3), .precision(thresholds: [0.3, 0.5]),
    ]
    let model = try model(all)
    let history = try model.fit(
      x, y, batchSize: 5, epochs: 2, validationData: (x, y), verbose: .silent)
    let logs = try model.evaluate(x, y, batchSize: batchSize)
    let predictions = try model.predict(x)
    var wanted: [(name: String, value: Double)] = []
    for choice in all {
      let metric = try RunningMetric(choice)
      try metric.update(y, predictions)
      for (index, result) in metric.results.enumerated() {
        wanted.append((metric.results.count == 1 ? metric.name : "\(metric.name)_\(index)", result))
      }
    }
    #expect(wanted.map { $0.name }.suffix(2) == ["precision_0", "precision_1"])
    for (name, value) in wanted {
      // The last epoch's validation is the same evaluation.
      for got in [logs[name], history["val_\(name)"].last] {
        #expect(((got ?? .nan) - value).magnitude < 1e-7, "\(name)")
      }
    }
    #expect(wanted.contains { $0.value > 0.1 && $0.value < 0.9 })
  }

  @Test("a metric of several numbers has an entry for each")
  func several() throws {
    let (x, y) = data()
    let model = try model([.f1Score()])
    let logs = try model.evaluate(x, y)
    #expect(logs.keys == ["loss", "f1_score_0", "f1_score_1", "f1_score_2"])
    let history = try model.fit(x, y, batchSize: 5, epochs: 2, verbose: .silent)
    #expect(history["f1_score_1"].count == 2)
  }

  @Test("the engine of the CPU counts as the definition does")
  func engines() throws {
    let (x, y) = data()
    let p = try model([]).predict(x)
    let weight = Tensor([23], (0..<23).map { Float($0 % 4) })
    let all: [MetricChoice] = [
      .auc(), .auc(curve: .pr, multiLabel: true), .auc(thresholds: [0.3, 0.31, 0.9]),
      .precision(topK: 2), .recall(thresholds: [0.5, 0.2]), .f1Score(), .r2Score(),
      .oneHotMeanIoU(numClasses: 3), .binaryIoU(), .precisionAtRecall(0.5), .mean, .sum,
      .pearsonCorrelation(), .cosineSimilarity(), .topKCategoricalAccuracy(k: 2),
    ]
    for choice in all {
      for weight in [nil, weight] {
        let (a, b) = (
          try RunningMetric(choice), try RunningMetric(choice, engine: ReferenceEngine())
        )
        try a.update(y, p, sampleWeight: weight)
        try b.update(y, p, sampleWeight: weight)
        #expect(
          zip(a.results, b.results).allSatisfy { ($0 - $1).magnitude < 1e-5 }, "\(choice.name)")
      }
    }
  }
}
