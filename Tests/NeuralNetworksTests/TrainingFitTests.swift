import Glibc
import NeuralNetworks
import TensorGraph
import Testing

/// What a training sent.
private final class Recorder: Callback {
  var events: [TrainingEvent] = []
  var wantsSteps: Bool
  var onEvent: (TrainingEvent, TrainingControl) -> Void = { _, _ in }
  init(wantsSteps: Bool = false) { self.wantsSteps = wantsSteps }
  func receive(_ event: TrainingEvent, _ control: TrainingControl) {
    events.append(event)
    onEvent(event, control)
  }
}

/// `count` points of a plane, and on which side of a line they lie.
private func points(_ count: Int) -> (x: Tensor, y: Tensor) {
  var generator = SeededGenerator(seed: 7)
  let numbers = (0..<2 * count).map { _ in Float(generator.uniform() * 2 - 1) }
  let labels = (0..<count).map { Int32(numbers[2 * $0] > numbers[2 * $0 + 1] ? 1 : 0) }
  return (Tensor([count, 2], numbers), Tensor([count], labels))
}

private func classifier(seed: UInt64 = 1, dropout: Double? = nil) throws -> Model {
  let model = try Model(input: [2], seed: seed, engine: ReferenceEngine()) {
    Dense(8, activation: .relu)
    Dropout(dropout ?? 0)
    Dense(2, activation: .softmax)
  }
  try model.compile(
    optimizer: .adam(learningRate: 0.05), loss: .sparseCategoricalCrossentropy,
    metrics: [.accuracy])
  return model
}

@Suite(.serialized) struct TrainingFitTests {
  @Test("a small network learns, and evaluate says so")
  func learns() throws {
    let (x, y) = points(50)
    let model = try classifier()
    let history = try model.fit(x, y, epochs: 20, verbose: .silent)
    #expect(history["loss"].count == 20)
    #expect(history["loss"][19] < history["loss"][0] / 2)
    #expect(history["accuracy"][19] > 0.9)
    #expect(model.iterations == 40)
    let scores = try model.evaluate(x, y, batchSize: 7)
    #expect(scores.keys == ["loss", "accuracy"])
    #expect(scores["accuracy"] ?? 0 > 0.9)
  }

  @Test("metrics are exact over all samples, the last short batch included", arguments: [1, 7, 50])
  func exactMetrics(_ batchSize: Int) throws {
    let (x, y) = points(50)
    let model = try classifier()
    let p = try model.predict(x).numbers, labels = y.numbers
    let hits = (0..<50).filter { (p[2 * $0 + 1] > p[2 * $0] ? 1 : 0) == labels[$0] }.count
    let scores = try model.evaluate(x, y, batchSize: batchSize)
    #expect(scores["accuracy"] == Double(hits) / 50)
    let whole = try model.evaluate(x, y, batchSize: 64)
    #expect(((scores["loss"] ?? 0) - (whole["loss"] ?? 1)).magnitude < 1e-6)
  }

  @Test("the same seed gives the same bits, another seed others")
  func repeatable() throws {
    let (x, y) = points(40)
    func weights(_ seed: UInt64) throws -> [Tensor] {
      let model = try classifier(seed: seed, dropout: 0.3)
      try model.fit(x, y, batchSize: 16, epochs: 3, verbose: .silent)
      return model.weightValues
    }
    #expect(try weights(1) == weights(1))
    #expect(try weights(1) != weights(2))
  }

  @Test("going on is the same as not having stopped")
  func resume() throws {
    let (x, y) = points(40)
    let whole = try classifier(dropout: 0.3), parts = try classifier(dropout: 0.3)
    try whole.fit(x, y, batchSize: 16, epochs: 4, verbose: .silent)
    try parts.fit(x, y, batchSize: 16, epochs: 2, verbose: .silent)
    try parts.fit(x, y, batchSize: 16, epochs: 4, initialEpoch: 2, verbose: .silent)
    #expect(whole.weightValues == parts.weightValues)
  }

  @Test("the validation split is the last samples, which are not trained on")
  func validationSplit() throws {
    let (x, y) = points(40)
    let split = try classifier(), given = try classifier()
    let a = try split.fit(x, y, epochs: 2, validationSplit: 0.25, verbose: .silent)
    let b = try given.fit(
      x.rows(0..<30), y.rows(0..<30), epochs: 2,
      validationData: (x.rows(30..<40), y.rows(30..<40)), verbose: .silent)
    #expect(split.weightValues == given.weightValues)
    #expect(a["val_loss"] == b["val_loss"] && a["val_loss"].count == 2)
    #expect(a.epochs[0].logs.keys == ["loss", "accuracy", "val_loss", "val_accuracy"])
    #expect(a.epochs[0].validationSeconds != nil)
  }

  @Test("weights of samples change the loss, not the plain metrics")
  func sampleWeights() throws {
    let (x, y) = points(20)
    let model = try classifier()
    try model.compile(
      loss: .sparseCategoricalCrossentropy, metrics: ["accuracy"], weightedMetrics: ["accuracy"])
    let weight = Tensor([20], (0..<20).map { Float($0 < 5 ? 1 : 0) })
    let few = try model.evaluate(x.rows(0..<5), y.rows(0..<5))
    let all = try model.evaluate(x, y, sampleWeight: weight)
    #expect(((all["loss"] ?? 0) - (few["loss"] ?? 0) / 4).magnitude < 1e-6)
    #expect(all["weighted_accuracy"] == few["accuracy"])
    #expect(all["accuracy"] == (try model.evaluate(x, y))["accuracy"])
  }

  @Test("a new learning rate holds from the next step on")
  func learningRate() throws {
    let (x, y) = points(20)
    let model = try classifier()
    model.learningRate = 0
    let before = model.weightValues
    try model.fit(x, y, verbose: .silent)
    #expect(model.weightValues == before)
    model.learningRate = 0.1
    try model.fit(x, y, verbose: .silent)
    #expect(model.weightValues != before)
    #expect(
      try model.compileConfiguration()?["optimizer"]?["config"]?["learning_rate"]
        == .number(Double(Float(0.1))))
  }

  @Test("frozen weights stay, and slots go with their weights")
  func frozen() throws {
    let (x, y) = points(20)
    let model = try classifier()
    try model.fit(x, y, verbose: .silent)
    try model.freeze("dense")
    let before = model.weights
    try model.fit(x, y, verbose: .silent)
    #expect(model.weights["dense/kernel"] == before["dense/kernel"])
    #expect(model.weights["dense_1/kernel"] != before["dense_1/kernel"])
    #expect(model.optimizerVariables.count == 2 + 4)
  }

  @Test("events come in order, steps only to those who want them")
  func events() throws {
    let (x, y) = points(40)
    let steps = Recorder(wantsSteps: true), epochs = Recorder()
    try classifier().fit(x, y, epochs: 2, callbacks: [steps, epochs], verbose: .silent)
    func names(_ recorder: Recorder) -> [String] {
      recorder.events.map {
        switch $0 {
        case .began(let plan): "began \(plan.stepsPerEpoch ?? 0)"
        case .epochBegan(let epoch): "epoch \(epoch)"
        case .stepped(let epoch, let step): "\(epoch).\(step)"
        case .epochEnded(let report): "ended \(report.epoch)"
        case .interrupted(let epoch, let steps): "interrupted \(epoch) \(steps)"
        case .ended(let history): "over \(history.epochs.count)"
        }
      }
    }
    #expect(names(epochs) == ["began 2", "epoch 0", "ended 0", "epoch 1", "ended 1", "over 2"])
    #expect(names(steps).filter { $0.contains(".") } == ["0.0", "0.1", "1.0", "1.1"])
  }

  @Test("a signal ends training after its step, and keeps what was learned")
  func interruption() throws {
    defer { Interruption.reset() }
    let (x, y) = points(40)
    let model = try classifier(), recorder = Recorder(wantsSteps: true)
    recorder.onEvent = { event, _ in
      guard case .stepped(epoch: 1, step: 0) = event else { return }
      kill(getpid(), SIGINT)  // comes on whatever thread takes signals, so a little later
      for _ in 0..<10_000 where !Interruption.isRequested { usleep(100) }
    }
    let before = model.weightValues
    let history = try Interruption.handled {
      try model.fit(x, y, epochs: 5, callbacks: [recorder], verbose: .silent)
    }
    #expect(history.ending == .interrupted)
    #expect(history.epochs.count == 1)
    #expect(model.iterations == 3)
    #expect(model.weightValues != before)
  }

  @Test("early stopping gives back the best weights")
  func earlyStopping() throws {
    let (x, y) = points(40)
    let model = try classifier()
    let stopping = EarlyStopping(monitor: "val_loss", patience: 2, restoreBestWeights: true)
    // The validation targets are wrong: learning makes them worse.
    let wrong = Tensor([40], y.numbers.map { Int32(1 - $0) })
    let history = try model.fit(
      x, y, epochs: 50, validationData: (x, wrong), callbacks: [stopping], verbose: .silent)
    #expect(history.ending == .stopped)
    #expect(history.reason == "val_loss did not get better for 2 epochs")
    let best = try #require(history["val_loss"].min())
    #expect(((try model.evaluate(x, wrong))["loss"] ?? 0) - best < 1e-6)
    #expect(history.epochs.count == (stopping.bestEpoch ?? 0) + 3)
  }

  @Test("a loss that is no number ends training where that is wanted")
  func terminateOnNaN() throws {
    let (x, y) = points(40)
    let model = try classifier()
    model.learningRate = .infinity
    let history = try model.fit(x, y, epochs: 5, callbacks: [TerminateOnNaN()], verbose: .silent)
    #expect(history.ending == .stopped)
    #expect(history.reason == "the loss became nan in step 2 of epoch 1")
  }

  @Test("several outputs have losses, metrics and weights of their own")
  func outputs() throws {
    let x = Input([2], name: "x")
    let hidden = Dense(4, name: "hidden")(x)
    let model = try Model(
      inputs: [x],
      outputs: [
        Dense(2, activation: .softmax, name: "side")(hidden), Dense(1, name: "sum")(hidden),
      ],
      engine: ReferenceEngine())
    try model.compile(
      losses: ["side": "sparse_categorical_crossentropy", "sum": "mse"],
      metrics: ["side": ["accuracy"]], lossWeights: ["sum": 0.5])
    let (points, labels) = points(10)
    let data = try TrainingData(
      inputs: [points], targets: [Tensor([10], [Float](repeating: 0, count: 10)), labels],
      targetNames: ["sum", "side"])
    let logs = try model.evaluate(data)
    #expect(logs.keys == ["loss", "side_loss", "sum_loss", "side_accuracy"])
    let sum = (logs["side_loss"] ?? 0) + 0.5 * (logs["sum_loss"] ?? 0)
    #expect(((logs["loss"] ?? 0) - sum).magnitude < 1e-6)
    #expect(
      throws: GraphError(
        "loss for an output sid, which the model does not have", hint: "did you mean side?")
    ) { try model.compile(losses: ["sid": "mse", "side": "mse", "sum": "mse"]) }
  }

  @Test("progress: a bar on a terminal, lines elsewhere")
  func progress() throws {
    var text = "", time = 0.0
    let control = TrainingControl(try classifier())
    let plan = TrainingPlan(
      model: "m", initialEpoch: 0, epochs: 10, stepsPerEpoch: 4, sampleCount: 100, batchSize: 32,
      validationSampleCount: 0)
    let report = EpochReport(
      epoch: 0, logs: ["loss": 0.25, "accuracy": 1], seconds: 2, validationSeconds: nil,
      sampleCount: 100)
    func show(isTerminal: Bool) throws -> String {
      (text, time) = ("", 0)
      let bar = ProgressBar(isTerminal: isTerminal, now: { time }) { text += $0 }
      bar.receive(.began(plan), control)
      bar.receive(.epochBegan(0), control)
      if bar.wantsSteps {
        time = 0.05
        bar.receive(.stepped(epoch: 0, step: 0), control)  // too early to draw
        time = 1
        bar.receive(.stepped(epoch: 0, step: 1), control)
      }
      bar.receive(.epochEnded(report), control)
      return text
    }
    let line = "Epoch  1/10  loss 0.2500  accuracy 1.0000  50 samples/s  2.0 s\n"
    #expect(try show(isTerminal: false) == line)
    #expect(
      try show(isTerminal: true)
        == "\r\u{1B}[KEpoch  1/10  ━━━━━━━━━━──────────  2/4  loss 0.0000  accuracy 0.0000  "
        + "64 samples/s  1.0 s\r\u{1B}[K" + line)
  }
}
