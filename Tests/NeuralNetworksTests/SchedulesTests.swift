import NeuralNetworks
import TensorGraph
import Testing

@Suite struct SchedulesTests {
  // Arguments of a test cannot throw.
  // swift-format-ignore: NeverUseForceTry
  private static let cases = try! TrainingGolden.all("schedules")

  @Test("learning rates as in Keras", arguments: cases)
  func golden(_ golden: TrainingGolden) throws {
    let theirs = try #require(golden.entry["config"])
    let schedule = try theirs.decoded(as: LearningRate.self)
    #expect(schedule.constant == nil)
    let steps = golden.entry["steps"]?.array?.compactMap(\.int) ?? []
    let values = golden.entry["values"]?.array?.compactMap(\.double) ?? []
    #expect(steps.count == values.count && steps.count > 40)
    let largest = values.max() ?? 0
    for (step, value) in zip(steps, values) {
      let ours = schedule(at: step)
      #expect(abs(ours - value) <= 1e-6 * largest, "step \(step): \(ours), not \(value)")
    }
    // Written as Keras writes it, and read again.
    let json = try JSONValue(encoding: schedule)
    #expect(json["class_name"] == theirs["class_name"])
    #expect(json["module"] == theirs["module"])
    let config = json["config"]?.object ?? [:]
    #expect(Set(config.keys) == Set((theirs["config"]?.object ?? [:]).keys))
    #expect(try json.decoded(as: LearningRate.self) == schedule)
  }

  @Test("a schedule is a learning rate wherever a number is one")
  func members() throws {
    let choice = OptimizerChoice.adam(
      learningRate: .cosineDecay(initialLearningRate: 0.1, decaySteps: 1000))
    let optimizer = try choice.resolved()
    #expect(optimizer.learningRate(at: 0) == 0.1)
    #expect(abs(optimizer.learningRate(at: 500) - 0.05) < 1e-12)
    #expect(SGD(learningRate: 0.5).learningRate.constant == 0.5)
    #expect(
      SGD(learningRate: .linearWarmup(steps: 4, to: 0.5)).learningRate
        == LearningRate(LinearWarmup(steps: 4, to: 0.5)))
  }

  @Test("one cycle rises to its maximum and falls to almost nothing")
  func oneCycle() throws {
    let schedule = OneCycle(maximum: 1, totalSteps: 101, riseShare: 0.2, divisor: 10)
    #expect(abs(schedule.learningRate(at: 0) - 0.1) < 1e-12)
    #expect(abs(schedule.learningRate(at: 20) - 1) < 1e-3)
    #expect(abs(schedule.learningRate(at: 100) - 1e-5) < 1e-12)
    #expect(abs(schedule.learningRate(at: 1000) - 1e-5) < 1e-12)
    let rates = (0...100).map { schedule.learningRate(at: $0) }
    #expect(zip(rates[..<20], rates[1...]).allSatisfy { $0 < $1 })
    #expect(zip(rates[21...], rates[22...]).allSatisfy { $0 > $1 })
    let json = try JSONValue(encoding: LearningRate(schedule))
    #expect(json["module"] == "strata")
    #expect(try json.decoded(as: LearningRate.self) == LearningRate(schedule))
  }

  @Test("a warmup ends where the schedule it is for begins")
  func linearWarmup() throws {
    let schedule = LinearWarmup(
      steps: 4, from: 0.1,
      to: .exponentialDecay(
        initialLearningRate: 0.5, decaySteps: 1, decayRate: 0.5))
    let rates = (0...6).map { schedule.learningRate(at: $0) }
    for (rate, expected) in zip(rates, [0.1, 0.2, 0.3, 0.4, 0.5, 0.25, 0.125]) {
      #expect(abs(rate - expected) < 1e-12)
    }
    #expect(LinearWarmup(steps: 0, to: 0.5).learningRate(at: 0) == 0.5)
    let json = try JSONValue(encoding: LearningRate(schedule))
    #expect(try json.decoded(as: LearningRate.self) == LearningRate(schedule))
  }

  @Test("periods begin exactly where they should")
  func restarts() {
    for times in [2.0, 3, 1.5] {
      let schedule = CosineDecayRestarts(
        initialLearningRate: 1, firstDecaySteps: 1024, tMul: times)
      var start = 0.0, length = 1024.0
      for _ in 0..<8 where start == start.rounded() {
        #expect(abs(schedule.learningRate(at: Int(start)) - 1) < 1e-9, "\(times), \(start)")
        start += length
        length *= times
      }
    }
  }

  private static let mistakes: [(any LearningRateSchedule, String)] = [
    (
      .cosineDecay(initialLearningRate: -1, decaySteps: 1),
      "needs initialLearningRate of at least 0, not -1.0"
    ),
    (
      .cosineDecay(initialLearningRate: 1, decaySteps: 0), "needs decaySteps of at least 1, not 0"
    ),
    (
      .cosineDecay(initialLearningRate: 1, decaySteps: 1, warmupSteps: -1),
      "needs warmupSteps of at least 0, not -1"
    ),
    (
      .cosineDecay(initialLearningRate: 1, decaySteps: 1, alpha: .nan),
      "needs a finite alpha, not nan"
    ),
    (
      .cosineDecayRestarts(initialLearningRate: 1, firstDecaySteps: 1, tMul: 0.5),
      "needs a tMul of at least 1, not 0.5"
    ),
    (
      .exponentialDecay(initialLearningRate: 1, decaySteps: 1, decayRate: -1),
      "needs decayRate of at least 0, not -1.0"
    ),
    (
      .inverseTimeDecay(initialLearningRate: 1, decaySteps: -1, decayRate: 1),
      "needs decaySteps of at least 1, not -1"
    ),
    (
      .piecewiseConstantDecay(boundaries: [1], values: [1]),
      "needs one learning rate more than boundaries: there are 1 boundaries and 1 values"
    ),
    (
      .piecewiseConstantDecay(boundaries: [2, 2], values: [1, 1, 1]),
      "needs boundaries that grow, not 2 after 2"
    ),
    (
      .polynomialDecay(initialLearningRate: 1, decaySteps: 1, power: -1),
      "needs power of at least 0, not -1.0"
    ),
    (.oneCycle(maximum: 1, totalSteps: 0), "needs totalSteps of at least 1, not 0"),
    (
      .oneCycle(maximum: 1, totalSteps: 1, riseShare: 2), "needs a riseShare from 0 to 1, not 2.0"
    ),
    (
      .oneCycle(maximum: 1, totalSteps: 1, divisor: 0), "needs a divisor of at least 1, not 0.0"
    ),
    (.linearWarmup(steps: -1, to: 0.1), "needs steps of at least 0, not -1"),
    (.linearWarmup(steps: 1, to: -0.1), "needs a learning rate of at least 0, not -0.1"),
  ]

  @Test("hyperparameters that make no sense", arguments: mistakes.indices)
  func mistake(_ index: Int) {
    let (schedule, message) = Self.mistakes[index]
    #expect(throws: GraphError("SGD \(message)")) {
      try OptimizerChoice.sgd(learningRate: schedule).resolved()
    }
  }

  @Test("whole numbers keep their point in files: Keras refuses them without")
  func wholeNumbers() throws {
    func written(_ rate: any LearningRateSchedule) throws -> String {
      let settings = CompileSettings(
        optimizer: .sgd(learningRate: rate), loss: .all(.meanSquaredError))
      return String(decoding: try settings.json().serialized(), as: UTF8.self)
    }
    #expect(try written(1.0).contains("\"learning_rate\":1.0,"))
    #expect(
      try written(.piecewiseConstantDecay(boundaries: [1], values: [1, 0.5]))
        .contains("{\"boundaries\":[1],\"name\":\"PiecewiseConstantDecay\",\"values\":[1.0,0.5]}"))
  }

  @Test("no step traps", arguments: cases)
  func extremes(_ golden: TrainingGolden) throws {
    let schedule = try #require(golden.entry["config"]).decoded(as: LearningRate.self)
    for step in [0, 1, Int(Int32.max), Int.max] { #expect(!schedule(at: step).isNaN) }
  }
}
