import CPUEngine
import NeuralNetworks
import TensorGraph
import Testing

/// A model that a callback is told about; nothing is trained.
private func smallModel(
  metrics: [MetricChoice] = [.accuracy], options: OptimizerOptions = []
) throws -> Model {
  let model = try Model(input: [2], seed: 1, engine: CPUEngine(threads: 1)) {
    Dense(2, activation: .softmax)
  }
  try model.compile(
    optimizer: .adam(learningRate: 1, options: options), loss: .sparseCategoricalCrossentropy,
    metrics: metrics)
  return model
}

/// Tells callbacks of a training whose epochs bring given values.
private final class Stage {
  let model: Model
  let control: TrainingControl

  init(_ model: Model) {
    self.model = model
    let lines = Lines()
    control = TrainingControl(model) { lines.all.append($0) }
    self.lines = lines
  }

  private let lines: Lines
  private final class Lines { var all: [String] = [] }

  /// What was said.
  var text: String { lines.all.joined(separator: "\n") }

  func plan(validation: Int? = 8) -> TrainingPlan {
    TrainingPlan(
      model: "m", initialEpoch: 0, epochs: 100, stepsPerEpoch: 4, sampleCount: 32, batchSize: 8,
      validationSampleCount: validation)
  }

  /// Plays epochs in which `name` has `values`, until the callback stops it: how many there were.
  func play(_ callback: any Callback, _ name: String = "val_loss", _ values: [Double]) throws -> Int
  {
    try callback.receive(.began(plan()), control)
    for (epoch, value) in values.enumerated() {
      try callback.receive(.epochBegan(epoch), control)
      let report = EpochReport(epoch: epoch, logs: [name: value], seconds: 1, sampleCount: 32)
      try callback.receive(.epochEnded(report), control)
      if control.isStopped { return epoch + 1 }
    }
    return values.count
  }
}

@Suite struct CallbacksTests {
  // As Keras's own tests have them: the epochs that values last.
  @Test(
    "early stopping ends after so many epochs without getting better",
    arguments: [
      Case(EarlyStopping(patience: 2), [1.0, 0.9, 0.95, 0.92, 0.5], 4),
      Case(EarlyStopping(patience: 2), [1.0, 0.9, 0.95, 0.8, 0.85, 0.81], 6),
      Case(EarlyStopping(patience: 0), [1.0, 0.9, 0.95, 0.8], 3),
      Case(EarlyStopping(patience: 1), [1.0, 1.0, 0.5], 2),
      // Better by no more than the least change is not better.
      Case(EarlyStopping(minDelta: 0.1, patience: 2), [1.0, 0.95, 0.91, 0.5], 3),
      Case(EarlyStopping(minDelta: -0.1, patience: 2), [1.0, 0.85, 0.7, 0.65, 0.62], 5),
      // An epoch above the baseline counts as waiting, even when it is better than those before.
      Case(EarlyStopping(patience: 3, baseline: 0.5), [1.0, 0.9, 0.8, 0.85, 0.4], 4),
      Case(EarlyStopping(patience: 3, baseline: 0.5), [1.0, 0.9, 0.4, 0.45, 0.3, 0.35], 6),
      Case(EarlyStopping(patience: 1, startFromEpoch: 3), [1, 1, 1, 1, 1, 1], 5),
      Case(EarlyStopping(patience: 2, mode: .max), [0.1, 0.3, 0.2, 0.25, 0.9], 4),
      Case(EarlyStopping(patience: 2), [1.0, .nan, .nan, 0.5], 3),
      Case(EarlyStopping(patience: 2), [.nan, 1.0, 0.9, 0.8], 4),
    ])
  fileprivate func earlyStopping(_ example: Case) throws {
    let stage = Stage(try smallModel())
    #expect(try stage.play(example.callback, "val_loss", example.values) == example.epochs)
  }

  /// A callback with the values of epochs, and how many of them it lets be. Unchecked because each
  /// is used by one test alone.
  fileprivate struct Case: @unchecked Sendable {
    let callback: EarlyStopping, values: [Double], epochs: Int
    init(_ callback: EarlyStopping, _ values: [Double], _ epochs: Int) {
      (self.callback, self.values, self.epochs) = (callback, values, epochs)
    }
  }

  @Test("early stopping gives back the weights of its best epoch, the first without a better one")
  func bestWeights() throws {
    for (values, best) in [([0.9, 0.5, 0.6, 0.7], 1), ([Double.nan, .nan, .nan], 0)] {
      let stage = Stage(try smallModel())
      let callback = EarlyStopping(patience: 2, verbose: true, restoreBestWeights: true)
      try callback.receive(.began(stage.plan()), stage.control)
      var weights: [[Tensor]] = []
      for (epoch, value) in values.enumerated() {
        try stage.model.setWeights(["dense/bias": Tensor([2], [Float(epoch), 1])])
        weights.append(stage.model.weightValues)
        let report = EpochReport(
          epoch: epoch, logs: ["val_loss": value], seconds: 1, sampleCount: 1)
        try callback.receive(.epochEnded(report), stage.control)
      }
      try callback.receive(.ended(History()), stage.control)
      #expect(stage.model.weightValues == weights[best])
      #expect(callback.bestEpoch == best && callback.stoppedEpoch == values.count - 1)
      #expect(
        stage.text == """
          Epoch \(values.count): early stopping
          The weights are those of the best epoch, \(best + 1)
          """)
    }
  }

  @Test("the learning rate falls after so many epochs without getting better, then rests")
  func reduceLearningRate() throws {
    func rates(_ callback: ReduceLROnPlateau, _ values: [Double]) throws -> [Double] {
      let stage = Stage(try smallModel())
      try callback.receive(.began(stage.plan()), stage.control)
      return try values.enumerated().map { epoch, value in
        let report = EpochReport(
          epoch: epoch, logs: ["val_loss": value], seconds: 1, sampleCount: 1)
        try callback.receive(.epochEnded(report), stage.control)
        return stage.model.learningRate ?? 0
      }
    }
    #expect(
      try rates(ReduceLROnPlateau(factor: 0.5, patience: 2), [1, 1, 1, 1, 1, 0.5, 0.5])
        == [1, 1, 0.5, 0.5, 0.25, 0.25, 0.25])
    #expect(
      try rates(ReduceLROnPlateau(factor: 0.5, patience: 1, cooldown: 2), [1, 1, 1, 1, 1, 1])
        == [1, 0.5, 0.5, 0.25, 0.25, 0.125])
    #expect(
      try rates(
        ReduceLROnPlateau(factor: 0.5, patience: 1, minLearningRate: 0.4), [1, 1, 1, 1])
        == [1, 0.5, Double(Float(0.4)), Double(Float(0.4))])
    #expect(
      try rates(ReduceLROnPlateau(factor: 0.5, patience: 1, minDelta: 0.2), [1, 0.9, 0.85])
        == [1, 0.5, 0.25])
  }

  @Test("a scheduler sets the learning rate of each epoch, and the history has it")
  func scheduler() throws {
    let model = try smallModel()
    let x = Tensor([4, 2], [Float](repeating: 1, count: 8)),
      y = Tensor([4], [Int32](0..<4).map { $0 % 2 })
    let history = try model.fit(
      x, y, epochs: 3,
      callbacks: [LearningRateScheduler { epoch, rate in epoch == 0 ? rate : rate / 2 }],
      verbose: .silent)
    #expect(history["learning_rate"] == [1, 0.5, 0.25])
    #expect(history.epochs[0].logs.keys == ["loss", "accuracy", "learning_rate"])
  }

  @Test("closures are called when their events come")
  func closures() throws {
    var calls: [String] = []
    let callback = LambdaCallback(
      onEpochBegin: { epoch, _ in calls.append("epoch \(epoch)") },
      onEpochEnd: { report, _ in calls.append("end \(report.epoch)") },
      onTrainBegin: { plan, _ in calls.append("begin \(plan.epochs)") },
      onTrainEnd: { history, _ in calls.append("over \(history.epochs.count)") },
      onTrainBatchEnd: { step, _ in calls.append("step \(step)") },
      onTestBegin: { _ in calls.append("test") }, onTestEnd: { _ in calls.append("tested") })
    let x = Tensor([6, 2], [Float](repeating: 1, count: 12)),
      y = Tensor([6], [Int32](repeating: 0, count: 6))
    try smallModel().fit(
      x, y, batchSize: 2, validationSplit: 0.34, callbacks: [callback], verbose: .silent)
    #expect(
      calls == [
        "begin 1", "epoch 0", "step 0", "step 1", "test", "tested", "end 0", "over 1",
      ])
  }

  @Test("averages of weights are measured, and saved if asked")
  func averages() throws {
    let x = Tensor([6, 2], (0..<12).map { Float($0) / 12 }),
      y = Tensor([6], [Int32](0..<6).map { $0 % 2 })
    func run(_ callbacks: [any Callback]) throws -> (Model, History) {
      let model = try smallModel(options: [.exponentialMovingAverage(momentum: 0.5)])
      let history = try model.fit(
        x, y, batchSize: 2, epochs: 3, validationData: (x, y), callbacks: callbacks,
        verbose: .silent)
      return (model, history)
    }
    let (plain, history) = try run([])
    let (swapped, averaged) = try run([SwapEMAWeights()])
    #expect(plain.weightValues == swapped.weightValues)
    #expect(history["loss"] == averaged["loss"] && history["val_loss"] != averaged["val_loss"])
    // The last validation is one with the weights that the model ends with.
    let loss = try swapped.evaluate(x, y, batchSize: 2)["loss"] ?? 0
    #expect(abs((averaged["val_loss"].last ?? 1) - loss) < 1e-6)
    var seen: [Tensor] = []
    let spy = LambdaCallback(onEpochEnd: { _, control in seen = control.model.weightValues })
    let (ended, _) = try run([SwapEMAWeights(swapOnEpoch: true), spy])
    #expect(seen == ended.weightValues && ended.weightValues == plain.weightValues)
    #expect(
      throws: GraphError(
        "SwapEMAWeights needs an optimizer that keeps running averages of weights",
        hint: "compile the model with the option .exponentialMovingAverage()")
    ) { try smallModel().fit(x, y, callbacks: [SwapEMAWeights()], verbose: .silent) }
  }

  @Test(
    "what is watched must be there, before anything is trained",
    arguments: [
      ("val_los", Int?(8), "help  did you mean val_loss?"),
      ("val_loss", 0, "help  give data to validate with: validationSplit or validationData"),
      ("precision", nil, "help  the"),
    ])
  func unknown(_ name: String, _ validation: Int?, _ help: String) throws {
    let stage = Stage(try smallModel())
    for (watcher, callback) in [
      ("early stopping", EarlyStopping(monitor: name) as any Callback),
      ("ReduceLROnPlateau", ReduceLROnPlateau(monitor: name)),
    ] {
      let error = #expect(throws: GraphError.self) {
        try callback.receive(.began(stage.plan(validation: validation)), stage.control)
      }
      #expect(
        error?.message == "\(watcher) watches \(name), which this training does not have")
      if validation != nil { #expect(error?.description.contains(help) == true) }
    }
  }

  @Test("which way is better, the metric says, or the mode")
  func directions() throws {
    let metrics: [MetricChoice] = [
      "accuracy", "mean_squared_error", "sparse_top_k_categorical_accuracy",
    ]
    for (name, isUp) in [
      ("loss", false), ("accuracy", true), ("val_mean_squared_error", false),
      ("val_sparse_top_k_categorical_accuracy", true),
    ] {
      let stage = Stage(try smallModel(metrics: metrics))
      var monitor = Monitor("x", name, .auto)
      try monitor.begin(stage.plan(), stage.control)
      #expect(monitor.isBetter(2, than: 1) == isUp && monitor.isBetter(1, than: 2) == !isUp)
      #expect(!monitor.isBetter(1, than: 1) && monitor.isBetter(1, than: nil))
    }
  }

  @Test("a plateau's factor makes the learning rate smaller")
  func factor() throws {
    let stage = Stage(try smallModel())
    for factor in [1, 1.5, -0.1, .nan] {
      let error = #expect(throws: GraphError.self) {
        try ReduceLROnPlateau(factor: factor).receive(.began(stage.plan()), stage.control)
      }
      #expect(
        error?.message == "ReduceLROnPlateau multiplies the learning rate by a factor from 0 to "
          + "below 1, not \(factor)")
    }
  }

  @Test("single batches are trained on, tested and predicted as fit, evaluate and predict do")
  func batches() throws {
    let x = Tensor([6, 2], (0..<12).map { Float($0) / 12 }),
      y = Tensor([6], [Int32](0..<6).map { $0 % 2 })
    let fitted = try smallModel(), stepped = try smallModel()
    let history = try fitted.fit(x, y, batchSize: 6, epochs: 3, shuffle: false, verbose: .silent)
    let losses = try (0..<3).map { _ in try stepped.trainOnBatch(x, y)["loss"] ?? 0 }
    #expect(losses == history["loss"])
    #expect(stepped.weightValues == fitted.weightValues && stepped.iterations == 3)
    let logs = try stepped.testOnBatch(x, y)
    #expect(logs == (try fitted.evaluate(x, y)))
    #expect(try stepped.testOnBatch(x, y) == logs)  // metrics begin anew
    #expect(try stepped.predictOnBatch(x) == fitted.predict(x))
    let weight = Tensor([6], [Float](repeating: 2, count: 6))
    let double = try stepped.testOnBatch(x, y, sampleWeight: weight)["loss"] ?? 0
    #expect(abs(double - 2 * (logs["loss"] ?? 0)) < 1e-6)
    #expect(throws: (any Error).self) {
      try stepped.trainOnBatch(x, y, sampleWeight: weight, classWeight: [0: 2])
    }
  }
}
