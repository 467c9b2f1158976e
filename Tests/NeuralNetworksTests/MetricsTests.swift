import NeuralNetworks
import TensorGraph
import Testing

@Suite struct MetricsTests {
  // Arguments of a test cannot throw.
  // swift-format-ignore: NeverUseForceTry
  private static let cases = try! TrainingGolden.all("metrics")

  @Test("running results as in Keras", arguments: cases)
  func golden(_ golden: TrainingGolden) throws {
    let arrays = try golden.arrays()
    let choice = MetricChoice.named(golden.entry["identifier"]?.string ?? "")
    #expect(choice.name == golden.entry["resolved"]?.string)
    for variant in golden.entry["variants"]?.array ?? [] {
      let prefix = variant["prefix"]?.string ?? ""
      var (total, count) = (0.0, 0.0)
      for batch in 0..<2 {
        let target = try arrays.array("y_true.\(batch)")
        let prediction = try arrays.array("y_pred.\(batch)")
        let metric = try choice.resolved(target: target.shape, prediction: prediction.shape)
        #expect(metric.className == golden.entry["class_name"]?.string)
        let trace = Trace()
        let y = trace.input("y", target.type), p = trace.input("p", prediction.type)
        var fed = [target, prediction], weight: Symbol?
        if let given = arrays[prefix + "sample_weight.\(batch)"] {
          weight = trace.input("weight", given.type)
          fed.append(given)
        }
        let added = metric.accumulation(y, p, sampleWeight: weight)
        let graph = try trace.graph(returning: [added.total, added.count])
        let results = try ReferenceEngine().compile(graph).run(fed)
        total += results[0].number
        count += results[1].number
        let expected = try arrays.array("\(prefix)result.\(batch)").number
        #expect((total / count - expected).magnitude < 1e-6, "\(prefix)\(batch)")
      }
    }
  }

  /// The mean of `metric` over one batch.
  private func mean(
    _ metric: any Metric, _ target: Tensor, _ prediction: Tensor, mask: Tensor? = nil
  ) throws -> Double {
    let trace = Trace()
    let y = trace.input("y", target.type)
    var p = trace.input("p", prediction.type)
    if let mask { p = p.masked(by: trace.input("mask", mask.type)) }
    let added = metric.accumulation(y, p, sampleWeight: nil)
    let graph = try trace.graph(returning: [added.total, added.count])
    let fed = [target, prediction] + (mask.map { [$0] } ?? [])
    let results = try ReferenceEngine().compile(graph).run(fed)
    return results[0].number / results[1].number
  }

  @Test("predictions that are not numbers are no hits")
  func notNumbers() throws {
    let nan = Tensor([2, 3], [.nan, .nan, .nan, .nan, 1, 0] as [Float])
    #expect(try mean(SparseCategoricalAccuracy(), Tensor([2], [Int32(0), 0]), nan) == 0)
    #expect(
      try mean(BinaryAccuracy(), Tensor([1, 1], [Float(0)]), Tensor([1, 1], [Float.nan])) == 0)
  }

  @Test("steps that a mask leaves out do not count")
  func masks() throws {
    let p = Tensor([1, 3, 2], [1, 0, 0, 1, 0, 1] as [Float])
    let y = Tensor([1, 3], [Int32(0), 0, 0])
    #expect(try mean(SparseCategoricalAccuracy(), y, p) == 1.0 / 3)
    let mask = Tensor([1, 3], [true, false, false])
    #expect(try mean(SparseCategoricalAccuracy(), y, p, mask: mask) == 1)
  }

  @Test("the k most probable classes")
  func topK() throws {
    let p = Tensor([2, 4], [0.1, 0.2, 0.3, 0.4, 0.4, 0.3, 0.2, 0.1] as [Float])
    let y = Tensor([2], [Int32(2), 2])
    #expect(try mean(SparseTopKCategoricalAccuracy(k: 1), y, p) == 0)
    #expect(try mean(SparseTopKCategoricalAccuracy(k: 2), y, p) == 0.5)
    #expect(try mean(SparseTopKCategoricalAccuracy(k: 3), y, p) == 1)
  }

  @Test("a name that is like one")
  func names() {
    #expect(throws: GraphError("there is no metric accurcy", hint: "did you mean accuracy?")) {
      try MetricChoice.named("accurcy").check()
    }
  }
}
