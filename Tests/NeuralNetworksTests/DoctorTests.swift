import CPUEngine
import NeuralNetworks
import TensorGraph
import Testing

/// Samples of two classes, apart in all features, and a number between −1 and 1 for each.
private func samples(
  _ count: Int = 256, seed: UInt64 = 5
) -> (x: Tensor, labels: Tensor, numbers: Tensor) {
  var generator = SeededGenerator(seed: seed)
  let x = (0..<count * 8).map { index in
    Float(generator.uniform() * 2 - 1 + (index / 8 % 2 == 0 ? 0.4 : -0.4))
  }
  let numbers = (0..<count).map { _ in Float(generator.uniform() * 2 - 1) }
  return (
    Tensor([count, 8], x), Tensor([count], (0..<count).map { Int32($0 % 2) }),
    Tensor([count, 1], numbers)
  )
}

/// Trains a network that a test describes, and returns what the doctor says.
private func examined(
  _ optimizer: OptimizerChoice = .adam(learningRate: 0.003), epochs: Int = 3, scale: Float = 1,
  split: Double = 0, isRegression: Bool = false, policy: DTypePolicy = .float32,
  others: [any Callback] = [], @LayerBuilder _ layers: () -> [LayerBuilder.Element]
) throws -> (advice: [Doubt], doctor: Doctor, history: History) {
  let model = try Model(
    input: [8], seed: 1, dtypePolicy: policy, engine: CPUEngine(threads: 1), layers)
  try model.compile(
    optimizer: optimizer,
    loss: isRegression ? .meanSquaredError : .sparseCategoricalCrossentropy)
  let data = samples(), doctor = Doctor(verbose: false)
  let y =
    isRegression
    ? Tensor(data.numbers.shape, data.numbers.scalars(as: Float.self).map { $0 * scale })
    : data.labels
  let history = try model.fit(
    data.x, y, epochs: epochs, validationSplit: split, callbacks: [doctor] + others,
    verbose: .silent)
  return (doctor.advice, doctor, history)
}

@Suite struct DoctorTests {
  @Test("nothing is said of a healthy network")
  func healthy() throws {
    let found = try examined {
      Dense(16, activation: .relu)
      Dense(16, activation: .tanh)
      Dense(2, activation: .softmax)
    }
    #expect(found.advice == [])
    let epochs = found.doctor.report.epochs
    #expect(epochs.map(\.epoch) == [0, 1, 2])
    #expect(epochs.map(\.stepCount) == [4, 4, 4])
    let layers = epochs[0].layers
    #expect(layers.map(\.path) == ["dense", "dense_1", "dense_2"])
    #expect(layers.map { $0.deadShare != nil } == [true, false, false])
    #expect(layers.map { $0.saturatedShare != nil } == [false, true, false])
    #expect(layers.allSatisfy { (1e-4...0.1).contains($0.updateRatio ?? 0) })
    #expect(layers.allSatisfy { (1e-3...10).contains($0.gradientNorm ?? 0) })
  }

  @Test("nothing is said of the built-in networks", arguments: ["mlp", "cnn", "lstm"])
  func builtIn(_ name: String) throws {
    var generator = SeededGenerator(seed: 3)
    let count = name == "mlp" ? 256 : 64
    let pixels = (0..<count).flatMap { sample in
      (0..<144).map { pixel -> Float in
        let isLit = pixel / 12 % 4 == sample % 4
        return Float(generator.uniform() * 0.5) + (isLit ? 0.5 : 0)
      }
    }
    let data = try TrainingData(
      x: Tensor(name == "cnn" ? [count, 12, 12, 1] : [count, 12, 12], pixels),
      y: Tensor([count], (0..<count).map { Int32($0 % 4) }))
    let model = try BuiltInModel.named(name).model(for: data, engine: CPUEngine(threads: 1))
    let doctor = Doctor(verbose: false)
    let history = try model.fit(
      data, epochs: 4, validationSplit: 0.25, callbacks: [doctor], verbose: .silent)
    #expect(doctor.advice == [])
    #expect(history["loss"].last ?? 9 < history["loss"][0])
    let layers = doctor.report.epochs.last?.layers ?? []
    #expect(layers.contains { name == "lstm" ? $0.saturatedShare != nil : $0.deadShare != nil })
  }

  @Test("dead rectifiers")
  func dead() throws {
    let found = try examined {
      Dense(16, activation: .relu, biasInitializer: .constant(-100))
      Dense(2, activation: .softmax)
    }
    #expect(
      found.advice.map(\.description) == [
        """
        warning: 100 % of the units of dense are dead: their ReLU gives 0 for every sample
          help  use a smaller learning rate, LeakyReLU, or the initializer heNormal
        """
      ])
  }

  @Test("saturated values, of layers and of gates")
  func saturated() throws {
    let found = try examined {
      Dense(16, activation: .tanh, biasInitializer: .constant(5))
      Dense(2, activation: .softmax)
    }
    #expect(
      found.advice.map(\.description) == [
        """
        warning: 100 % of the values of dense are saturated: their gradient is nearly 0
          help  scale the inputs to about 1, use a smaller learning rate, or normalize before it
        """
      ])
    let gates = try examined {
      Reshape([4, 2])
      LSTM(4, biasInitializer: .constant(9), unitForgetBias: false)
      Dense(2, activation: .softmax)
    }
    #expect(
      gates.advice.map(\.message) == [
        "100 % of the values of lstm are saturated: their gradient is nearly 0"
      ])
  }

  @Test("gradients that vanish")
  func vanishing() throws {
    let found = try examined {
      for _ in 0..<12 { Dense(8, activation: .sigmoid) }
      Dense(2, activation: .softmax)
    }
    #expect(found.advice.count == 1)
    #expect(
      found.advice.first?.message.hasPrefix("gradients vanish: that of dense has the") == true)
  }

  @Test("gradients that explode, unless they are clipped", arguments: [false, true])
  func exploding(isClipped: Bool) throws {
    let options: OptimizerOptions = isClipped ? [.clipnorm(1)] : []
    let found = try examined(
      .sgd(learningRate: 1e-3, options: options), epochs: 2, scale: 1e5, isRegression: true
    ) {
      Dense(8, activation: .tanh)
      Dense(1)
    }
    #expect(found.advice.count == (isClipped ? 0 : 1))
    #expect(found.advice.first?.message.hasPrefix("gradients explode: that of") != isClipped)
  }

  @Test("a learning rate that is too high")
  func high() throws {
    let found = try examined(.adam(learningRate: 1)) {
      Dense(16, activation: .elu)
      Dense(16, activation: .elu)
      Dense(2, activation: .softmax)
    }
    #expect(found.advice.count == 1)
    #expect(found.advice.first?.message.hasPrefix("a step changes the weights of dense") == true)
    #expect(found.advice.first?.hint == "the learning rate is too high: try 0.1000")
  }

  @Test("a learning rate that is too low")
  func low() throws {
    let found = try examined(.adam(learningRate: 1e-7)) {
      Dense(16, activation: .relu)
      Dense(2, activation: .softmax)
    }
    #expect(
      found.advice.map(\.description) == [
        """
        warning: the loss does not fall, and a step changes most weights by less than 0.001 % of \
        themselves
          help  the learning rate is too low: try 1.0000e-06 or more
        """
      ])
  }

  @Test("a layer that the loss does not depend on")
  func disconnected() throws {
    let found = try examined {
      Dense(8, activation: .tanh)
      Lambda { stopGradient($0) }
      Dense(2, activation: .softmax)
    }
    #expect(
      found.advice.map(\.description) == [
        """
        warning: the loss does not depend on the weights of dense: their gradient is 0
          help  see that the output is used, and no stopGradient or rounding lies behind it
        """
      ])
  }

  @Test("targets that have nothing to do with their samples")
  func still() throws {
    let found = try examined(.sgd(learningRate: 1e-3), isRegression: true) {
      Dense(4, activation: .tanh)
      Dense(1, kernelInitializer: .zeros)
    }
    #expect(found.advice.count == 1)
    #expect(found.advice.first?.message.hasPrefix("the loss does not fall: it was 0.3") == true)
  }

  @Test("learning by heart")
  func overfitting() throws {
    let found = try examined(
      .adam(learningRate: 0.01), epochs: 40, split: 0.8, isRegression: true
    ) {
      Dense(64, activation: .tanh)
      Dense(1)
    }
    #expect(found.advice.count == 1)
    #expect(found.advice.first?.message.hasPrefix("the network overfits: since epoch") == true)
  }

  @Test("a doctor looks at some step")
  func mistake() throws {
    let model = try Model(input: [8], engine: CPUEngine(threads: 1)) { Dense(1) }
    try model.compile(optimizer: "sgd", loss: .meanSquaredError)
    let data = samples(8)
    #expect {
      try model.fit(
        data.x, data.numbers, callbacks: [Doctor(stepsPerEpoch: 0)], verbose: .silent)
    } throws: {
      "\($0)".contains("a doctor looks at 1 step of an epoch or more, not 0")
    }
  }
}

@Suite struct DoctorBreakdownTests {
  @Test("the logarithm of 0 in a layer of one's own", arguments: [false, true])
  func logarithm(terminates: Bool) throws {
    let found = try examined(others: terminates ? [TerminateOnNaN()] : []) {
      Dense(16, activation: .relu)
      Lambda(name: "logarithm") { log($0) }
      Dense(2, activation: .softmax)
    }
    #expect(found.history.ending == (terminates ? .stopped : .completed))
    #expect(found.advice.count == 1)
    let advice = try #require(found.advice.first)
    #expect(
      advice.message.hasPrefix(
        "the loss became NaN in step 1 of epoch 1; logarithm (Lambda) is the first layer with an "
          + "output that is infinite: its inputs lie between 0.0000 and "))
    #expect(
      advice.hint
        == "look at what it computes of such numbers: a logarithm or a quotient needs a small "
        + "number added")
  }

  @Test("a learning rate far too high")
  func explosion() throws {
    let found = try examined(.sgd(learningRate: 100), epochs: 20, isRegression: true) {
      Dense(8)
      Dense(8, name: "second")
      Dense(1)
    }
    #expect(found.advice.count == 1)
    #expect(
      found.advice.first?.hint
        == "the training has exploded: use a learning rate below 100.0000, or the option clipnorm")
  }

  @Test("a square root without a derivative at 0")
  func gradient() throws {
    let found = try examined {
      Dense(4, kernelInitializer: .zeros)
      Lambda { sqrt($0 * $0) }
      Dense(2, activation: .softmax)
    }
    let advice = try #require(found.advice.first)
    #expect(
      advice.message.hasPrefix(
        "the loss became NaN in step 2 of epoch 1; the gradient of dense is the first number that "
          + "is NaN: its weights are 0.0000"))
    #expect(advice.message.hasSuffix(", as of step 1 of epoch 1"))
    #expect(
      advice.hint
        == "a square root, a norm and a power have no derivative at 0: add a small number before")
  }

  @Test("numbers beyond float16")
  func half() throws {
    let found = try examined(policy: .mixedFloat16) {
      Dense(8, activation: .relu, kernelInitializer: .constant(60_000))
      Dense(2, activation: .softmax)
    }
    let advice = try #require(found.advice.first)
    #expect(advice.message.contains("; dense is the first layer with an output that is infinite: "))
    #expect(
      advice.hint
        == "float16 ends at 65504: compute in bfloat16 or float32, or scale the inputs down")
  }
}

/// Takes a checkpoint after some step, or goes on from one.
private final class OneCheckpoint: Callback {
  let wantsSteps = true
  let start: Checkpoint?
  var taken: Checkpoint?
  init(from start: Checkpoint? = nil) { self.start = start }

  func receive(_ event: TrainingEvent, _ control: TrainingControl) {
    if case .began = event, let start { control.resume(from: start) }
    if case .stepped(1, 3) = event { control.checkpoint { [self] in taken = $0 } }
  }
}

@Suite struct DoctorBitsTests {
  private func model() throws -> Model {
    let model = try Model(input: [8], seed: 2, engine: CPUEngine(threads: 1)) {
      Dense(16, activation: .relu)
      BatchNormalization()
      Dropout(0.3)
      Dense(2, activation: .softmax)
    }
    try model.compile(
      optimizer: .adam(learningRate: 0.01), loss: .sparseCategoricalCrossentropy,
      metrics: [.accuracy])
    return model
  }

  @Test("a training with a doctor ends with the same bits, and goes on from a checkpoint")
  func bits() throws {
    let data = samples()
    func train(_ callbacks: [any Callback]) throws -> [Tensor] {
      let model = try model()
      try model.fit(
        data.x, data.labels, batchSize: 24, epochs: 3, callbacks: callbacks, verbose: .silent)
      return model.variables
    }
    let doctor = Doctor(verbose: false), keeper = OneCheckpoint()
    let alone = try train([])
    #expect(try train([doctor, keeper]) == alone)
    #expect(doctor.report.epochs.count == 3)
    let again = Doctor(verbose: false)
    #expect(try train([again, OneCheckpoint(from: keeper.taken)]) == alone)
    #expect(again.report.epochs.map(\.epoch) == [0, 1, 2])
    #expect(again.report.epochs[0] == doctor.report.epochs[0])
  }
}
