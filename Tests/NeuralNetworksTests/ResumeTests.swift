import CPUEngine
import NeuralNetworks
import TensorGraph
import Testing

/// Takes a checkpoint whenever it can, or begins with one.
private final class Keeper: Callback {
  var checkpoints: [(name: String, checkpoint: Checkpoint)] = []
  let start: Checkpoint?
  let wantsSteps = true
  init(from start: Checkpoint? = nil) { self.start = start }

  func receive(_ event: TrainingEvent, _ control: TrainingControl) {
    let name: String
    switch event {
    case .began:
      if let start { control.resume(from: start) }
      name = "began"
    case .epochBegan(let epoch): name = "epoch \(epoch) began"
    case .stepped(let epoch, let step): name = "step \(epoch).\(step)"
    case .epochEnded(let report): name = "epoch \(report.epoch) ended"
    case .interrupted: name = "interrupted"
    case .ended: return
    }
    control.checkpoint { [self] in checkpoints.append((name, $0)) }
  }
}

/// A training that can be run again and again.
private struct Scenario: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let model: @Sendable () throws -> Model
  let shape: Shape
  var epochs = 3
  var stepsPerEpoch: Int?
  var split = 0.25
  var callbacks: @Sendable () -> [any Callback] = { [] }

  /// Runs it, from `start` if there is one.
  func run(from start: Checkpoint? = nil) throws -> (Model, History, Keeper) {
    let model = try model(), keeper = Keeper(from: start)
    var generator = SeededGenerator(seed: 7)
    let x = Tensor(shape, (0..<shape.count).map { _ in Float(generator.uniform() * 2 - 1) })
    let y = Tensor([shape[0]], (0..<shape[0]).map { Int32($0 * 7 % 3 % 2) })
    let history = try model.fit(
      x, y, batchSize: 8, epochs: epochs, validationSplit: split, stepsPerEpoch: stepsPerEpoch,
      callbacks: callbacks() + [keeper], verbose: .silent)
    return (model, history, keeper)
  }

  static let all: [Scenario] = [
    Scenario(
      testDescription: "dropout, batch normalization, Adam, a schedule",
      model: {
        try compiled(
          Model(input: [2], seed: 3, engine: CPUEngine(threads: 1)) {
            Dense(8, activation: .relu)
            BatchNormalization()
            Dropout(0.3)
            Dense(2, activation: .softmax)
          },
          .adam(
            learningRate: .exponentialDecay(
              initialLearningRate: 0.05, decaySteps: 3, decayRate: 0.9)))
      }, shape: [38, 2]),
    Scenario(
      testDescription: "callbacks with memory",
      model: {
        try compiled(
          Model(input: [2], seed: 4, engine: CPUEngine(threads: 1)) {
            Dense(4, activation: .tanh)
            Dense(2, activation: .softmax)
          }, .adam(learningRate: 0.2))
      }, shape: [32, 2], epochs: 8,
      callbacks: {
        [
          LearningRateScheduler { epoch, rate in rate * 0.9 },
          ReduceLROnPlateau(patience: 1, minDelta: 0.05),
          EarlyStopping(minDelta: 0.05, patience: 2, restoreBestWeights: true),
        ]
      }),
    Scenario(
      testDescription: "a schedule that a callback ends, running averages, momentum",
      model: {
        try compiled(
          Model(input: [2], seed: 5, engine: CPUEngine(threads: 1)) {
            Dense(4, activation: .tanh)
            Dense(2, activation: .softmax)
          },
          .adam(
            learningRate: .exponentialDecay(
              initialLearningRate: 0.05, decaySteps: 3, decayRate: 0.9),
            options: [.exponentialMovingAverage(momentum: 0.8)]))
      }, shape: [32, 2], epochs: 4,
      callbacks: {
        [
          SwapEMAWeights(swapOnEpoch: true), ReduceLROnPlateau(patience: 1, minDelta: 1),
        ]
      }),
    Scenario(
      testDescription: "a stateful LSTM",
      model: {
        let x = Input([3, 2], batchSize: 8)
        return try compiled(
          Model(
            inputs: x, outputs: Dense(2, activation: .softmax)(LSTM(3, stateful: true)(x)),
            seed: 6, engine: CPUEngine(threads: 1)), .adam(learningRate: 0.05))
      }, shape: [32, 3, 2]),
    Scenario(
      testDescription: "epochs that are none of the data",
      model: {
        try compiled(
          Model(input: [2], seed: 7, engine: CPUEngine(threads: 1)) {
            Dropout(0.2)
            Dense(2, activation: .softmax)
          }, .adam(learningRate: 0.05))
      }, shape: [30, 2], stepsPerEpoch: 4),
  ]

  private static func compiled(_ model: Model, _ optimizer: OptimizerChoice) throws -> Model {
    try model.compile(
      optimizer: optimizer, loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    return model
  }
}

/// The logs of each epoch: all of a history but its times.
private func logs(_ history: History) -> [Logs] { history.epochs.map(\.logs) }

@Suite(.serialized) struct ResumeTests {
  @Test("a training goes on from anywhere with the same bits", arguments: Scenario.all)
  fileprivate func everywhere(_ scenario: Scenario) throws {
    let (model, history, keeper) = try scenario.run()
    #expect(keeper.checkpoints.count > 9)
    for (name, checkpoint) in keeper.checkpoints {
      let (other, again, _) = try scenario.run(from: checkpoint)
      #expect(other.variables == model.variables, "from \(name)")
      #expect(logs(again) == logs(history), "from \(name)")
      #expect(again.ending == history.ending && again.reason == history.reason, "from \(name)")
    }
  }

  @Test("a training that is interrupted goes on with the same bits", arguments: Scenario.all)
  fileprivate func interruption(_ scenario: Scenario) throws {
    defer { Interruption.reset() }
    let (model, history, whole) = try scenario.run()
    let steps = whole.checkpoints.filter { $0.name.hasPrefix("step") }.count
    for last in [1, 2, steps / 2, steps - 1, steps] {
      var count = 0
      let stopper = LambdaCallback(onTrainBatchEnd: { _, _ in
        count += 1
        if count == last { Interruption.request() }
      })
      let (_, part, kept) = try scenario.run(adding: stopper)
      Interruption.reset()
      #expect(part.ending == .interrupted)
      let checkpoint = try #require(kept.checkpoints.last)
      #expect(checkpoint.name == "interrupted")
      let (other, again, _) = try scenario.run(from: checkpoint.checkpoint)
      #expect(other.variables == model.variables, "after \(last) steps")
      #expect(logs(again) == logs(history), "after \(last) steps")
    }
  }

  @Test("a signal in the middle of a validation leaves it to be done again")
  func validation() throws {
    defer { Interruption.reset() }
    let scenario = Scenario.all[0]
    let (model, history, _) = try scenario.run()
    var count = 0
    let stopper = LambdaCallback(onTestBegin: { _ in
      count += 1
      if count == 2 { Interruption.request() }
    })
    let (_, part, kept) = try scenario.run(adding: stopper)
    Interruption.reset()
    #expect(part.ending == .interrupted && part.epochs.count == 1)
    let (other, again, _) = try scenario.run(from: try #require(kept.checkpoints.last).checkpoint)
    #expect(other.variables == model.variables)
    #expect(logs(again) == logs(history))
  }

  @Test("a checkpoint of another training is refused, and nothing changes")
  func others() throws {
    let (_, _, keeper) = try Scenario.all[0].run()
    var checkpoint = keeper.checkpoints[3].checkpoint
    func message(_ checkpoint: Checkpoint) -> String {
      do {
        _ = try Scenario.all[0].run(from: checkpoint)
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(message(checkpoint) == "no error")
    let identity = checkpoint.identity
    checkpoint.identity.seed = 9
    #expect(
      message(checkpoint) == """
        error: the checkpoint is one of another training: seed 9, not seed 3
          help  go on with the model, the data and the options it was begun with
        """)
    checkpoint.identity = identity
    checkpoint.identity.batchSize = 16
    #expect(message(checkpoint).contains("16 samples a step, not 8 samples a step"))
    checkpoint.identity = identity
    checkpoint.callbacks["EarlyStopping"] = ["wait": Tensor(Int64(1))]
    #expect(
      message(checkpoint) == """
        error: the checkpoint has what EarlyStopping remembers, which this training does not have
          help  go on with the callbacks it was begun with
        """)
    checkpoint.callbacks = [:]
    checkpoint.variables["weights/dense/kernel"] = Tensor(zeros: TensorType(.float32, [2, 9]))
    #expect(
      message(checkpoint) == """
        error: weights/dense/kernel is float32[2, 9] in the checkpoint, and float32[2, 8] in sequential
          help  it is one of another model, or of other compile settings
        """)
    checkpoint.variables["weights/dense/kernel"] = nil
    #expect(message(checkpoint).contains("error: the checkpoint has no weights/dense/kernel"))
  }
}

extension Scenario {
  /// Runs it with one more callback.
  func run(adding callback: any Callback) throws -> (Model, History, Keeper) {
    var copy = self
    let own = callbacks
    let extra = Extra(callback: callback)
    copy.callbacks = { own() + [extra.callback] }
    return try copy.run()
  }
}

/// A callback in a closure that could be sent; unchecked because it stays in one task.
private struct Extra: @unchecked Sendable { let callback: any Callback }
