import NeuralNetworks
import TensorGraph
import Testing

@Suite struct MetricsRunningTests {
  /// The result of one batch.
  private func result(
    _ choice: MetricChoice, _ target: Tensor, _ prediction: Tensor, weight: Tensor? = nil,
    mask: Tensor? = nil
  ) throws -> Double {
    let metric = try RunningMetric(choice, engine: ReferenceEngine())
    try metric.update(target, prediction, sampleWeight: weight, mask: mask)
    return metric.result
  }

  @Test("predictions that are not numbers are no hits")
  func notNumbers() throws {
    let nan = Tensor([2, 3], [.nan, .nan, .nan, .nan, 1, 0] as [Float])
    #expect(try result(.sparseCategoricalAccuracy, Tensor([2], [Int32(0), 0]), nan) == 0)
    let one = Tensor([1, 1], [Float.nan])
    #expect(try result(.binaryAccuracy(), Tensor([1, 1], [Float(0)]), one) == 0)
    #expect(try result(.truePositives(), Tensor([1, 1], [Float(1)]), one) == 0)
    #expect(try result(.falseNegatives(), Tensor([1, 1], [Float(1)]), one) == 1)
    #expect(try result(.meanIoU(numClasses: 2), Tensor([1, 1], [Float(0)]), one) == 0)
    #expect(
      try result(.auc(), Tensor([2, 1], [Float(1), 0]), Tensor([2, 1], [Float.nan, 0.5])) == 0)
  }

  @Test("steps that a mask leaves out do not count")
  func masks() throws {
    let p = Tensor([1, 3, 2], [1, 0, 0, 1, 0, 1] as [Float])
    let y = Tensor([1, 3], [Int32(0), 0, 0]), mask = Tensor([1, 3], [true, false, false])
    #expect(try result(.sparseCategoricalAccuracy, y, p) == 1.0 / 3)
    #expect(try result(.sparseCategoricalAccuracy, y, p, mask: mask) == 1)
    let hot = Tensor([1, 3, 2], [1, 0, 1, 0, 1, 0] as [Float])
    for choice: MetricChoice in [.precision(), .recall(), .auc(), .auc(curve: .pr)] {
      #expect(try result(choice, hot, p) < 0.9, "\(choice.name)")
      #expect(try result(choice, hot, p, mask: mask) > 0.99, "\(choice.name)")
    }
    #expect(try result(.rootMeanSquaredError, hot, p, mask: mask) == 0)
    let overlap = MetricChoice.meanIoU(numClasses: 2, sparseYPred: false)
    #expect(try result(overlap, y, p) < 0.5)
    #expect(try result(overlap, y, p, mask: mask) > 0.99)
  }

  @Test("a sample without weight does not count, whatever it is")
  func weights() throws {
    let y = Tensor([2, 2], [1, 0, 1, 0] as [Float]), weight = Tensor([2], [Float(1), 0])
    let p = Tensor([2, 2], [0.9, 0.2, .infinity, .nan] as [Float])
    let same = Tensor([1, 2], [0.9, 0.2] as [Float]), one = Tensor([1, 2], [1, 0] as [Float])
    let all: [MetricChoice] = [
      .meanSquaredError, .rootMeanSquaredError, .r2Score(), .auc(), .precision(),
      .f1Score(average: .macro, threshold: 0.5), .binaryIoU(), .mean, .sum,
    ]
    for choice in all {
      let expected = try result(choice, one, same)
      let got = try result(choice, y, p, weight: weight)
      #expect(got == expected || (got.isNaN && expected.isNaN), "\(choice.name)")
    }
  }

  @Test("the k most probable classes")
  func topK() throws {
    let p = Tensor([2, 4], [0.1, 0.2, 0.3, 0.4, 0.4, 0.3, 0.2, 0.1] as [Float])
    let y = Tensor([2], [Int32(2), 2])
    #expect(try result(.sparseTopKCategoricalAccuracy(k: 1), y, p) == 0)
    #expect(try result(.sparseTopKCategoricalAccuracy(k: 2), y, p) == 0.5)
    #expect(try result(.sparseTopKCategoricalAccuracy(k: 3), y, p) == 1)
  }

  @Test("a metric of one's own, its name, and files that refuse it")
  func custom() throws {
    let closeness = CustomMetric("within_one") { y, p in
      (abs(y - p) .< 1).cast(to: .float32).mean(axes: [-1])
    }
    let y = Tensor([2, 2], [1, 2, 3, 4] as [Float]), p = Tensor([2, 2], [1.5, 9, 9, 9] as [Float])
    #expect(try result(.value(closeness), y, p) == 0.25)
    #expect(MetricChoice.value(closeness).name == "within_one")
    #expect(closeness == closeness)
    #expect(closeness != CustomMetric("within_one") { y, _ in y })
    let settings = CompileSettings(loss: .all("mse"), metrics: .all([.value(closeness)]))
    let error = #expect(throws: ConfigurationError.self) { try settings.json() }
    let text = "the metric within_one is a function of Swift, and a file cannot hold code"
    #expect(error?.description.contains(text) == true)
    #expect(
      throws: GraphError(
        "the metric all is [1] for predictions of shape [2, 2]",
        operands: [y.type, p.type],
        hint: "it needs a number for each sample: .mean(axes: [-1]) is one")
    ) { try result(.custom("all") { y, _ in y.sum().reshaped([1]) }, y, p) }
  }

  @Test("another name, in files too")
  func named() throws {
    let choice = MetricChoice.auc(curve: .pr).named("pr_auc")
    #expect(choice.name == "pr_auc")
    let json = try CompileSettings(loss: .all("mse"), metrics: .all([choice])).json()
    let object = json["metrics"]?.array?.first
    #expect(object?["class_name"] == "AUC")
    #expect(object?["config"]?["name"] == "pr_auc")
    #expect(object?["config"]?["curve"] == "PR")
    let read = try CompileSettings(json, outputNames: ["y"])
    guard case .all(let metrics) = read.metrics else { return #expect(Bool(false)) }
    #expect(metrics.first?.name == "pr_auc")
    #expect(MetricChoice.named("auc").named("a").name == "a")
    #expect(MetricChoice.accuracy.named("a").name == "accuracy")
  }

  @Test("results go on from batch to batch, and start anew")
  func running() throws {
    let metric = try RunningMetric(.sum, engine: ReferenceEngine())
    #expect(metric.results == [])
    #expect(metric.result == 0)
    try metric.update(Tensor([3], [1, 2, 3] as [Float]))
    try metric.update(Tensor([2], [4, 5] as [Float]), sampleWeight: Tensor([2], [Float(2), 0]))
    #expect(metric.result == 14)
    metric.reset()
    #expect(metric.result == 0)
    let score = try RunningMetric(.f1Score(), engine: ReferenceEngine())
    let y = Tensor([2, 2], [1, 0, 0, 1] as [Float])
    try score.update(y, y)
    #expect(score.results.count == 2)
    #expect(
      throws: GraphError(
        "predictions have another shape than before: [2, 3]",
        hint: "a metric of f1_score is over batches of one shape, but for the number of samples")
    ) {
      try score.update(
        Tensor([2, 3], [Float](repeating: 0, count: 6)),
        Tensor([2, 3], [Float](repeating: 0, count: 6)))
    }
  }
}
