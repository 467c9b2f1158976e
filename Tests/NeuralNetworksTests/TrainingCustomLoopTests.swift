import CPUEngine
import NeuralNetworks
import TensorGraph
import Testing

@Suite struct TrainingCustomLoopTests {
  /// `y = 2·x₀ − x₁ + 1` at some points.
  private func line() -> (x: Tensor, y: Tensor) {
    var random = SeededGenerator(seed: 3)
    let x = (0..<64).map { _ in Float(2 * random.uniform() - 1) }
    let y = (0..<32).map { (row: Int) -> Float in
      let (a, b) = (x[2 * row], x[2 * row + 1])
      return 2 * a - b + 1
    }
    return (Tensor([32, 2], x), Tensor([32, 1], y))
  }

  private func model(seed: UInt64 = 1) throws -> Model {
    try Model(input: [2], seed: seed, engine: ReferenceEngine()) {
      Dense(8, activation: .tanh)
      Dense(1)
    }
  }

  @Test(
    "a loop of one's own takes the steps of fit",
    arguments: [
      .adam(), .sgd(learningRate: 0.1, momentum: 0.9),
      .rmsprop(options: [.globalClipnorm(0.1)]),
    ] as [OptimizerChoice])
  func steps(_ optimizer: OptimizerChoice) throws {
    let (x, y) = line()
    let fitted = try model(), own = try model()
    try fitted.compile(optimizer: optimizer, loss: .meanSquaredError)
    try own.compile(optimizer: optimizer)
    let error = ValueAndGradient(of: [own]) { models, x in
      square(models[0](x[0]) - x[1]).mean()
    }
    for _ in 0..<5 {
      let loss = try fitted.fit(x, y, batchSize: 32, shuffle: false, verbose: .silent)["loss"][0]
      let (value, gradients) = try error(x, y)
      #expect((value - loss).magnitude < 1e-6)
      try own.apply(gradients[0])
    }
    #expect(own.iterations == 5)
    for (path, weight) in fitted.weights {
      let other = try #require(own.weights[path])
      #expect(zip(weight.numbers, other.numbers).allSatisfy { ($0 - $1).magnitude < 1e-6 })
    }
  }

  @Test("two models share a function, and only one of them is moved")
  func two() throws {
    let (x, _) = line()
    let first = try model(seed: 1), second = try model(seed: 2)
    try first.compile(optimizer: .sgd(learningRate: 0.1))
    let before = second.weights
    let difference = ValueAndGradient(of: [first], with: [second]) { models, x in
      // Called twice: its weights are shared.
      square(models[0](x[0]) - models[1](x[0])).mean() + square(models[0](-x[0])).mean()
    }
    var values: [Double] = []
    for _ in 0..<50 {
      let (value, gradients) = try difference(x)
      #expect(gradients.count == 1 && gradients[0].count == 4)
      values.append(value)
      try first.apply(gradients[0])
    }
    #expect(values[49] < values[0] / 2)
    #expect(second.weights == before)
  }

  @Test("states and random numbers move on, other results come back")
  func states() throws {
    let model = try Model(input: [2], seed: 1, engine: ReferenceEngine()) {
      BatchNormalization(name: "norm")
      Dropout(0.5)
      Dense(1)
    }
    let (x, y) = line()
    let function = ValueAndGradient(
      of: [model],
      returning: { models, x in
        let output = models[0](x[0])
        return [square(output - x[1]).mean(), output]
      })
    let before = model.weights["norm/moving_mean"]
    let first = try function.results([x, y]), second = try function.results([x, y])
    #expect(model.weights["norm/moving_mean"] != before)
    #expect(first.values.count == 2 && first.values[1].shape == [32, 1])
    #expect(first.values[1] != second.values[1])  // other units are dropped
  }

  @Test("mistakes are one message each")
  func mistakes() throws {
    let (x, y) = line()
    let model = try model()
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return ""
      } catch { return "\(error)" }
    }
    let wide = ValueAndGradient(of: [model]) { models, x in models[0](x[0]) }
    #expect(
      message { _ = try wide(x) } == """
        error: the function gives no single number
          got   float32[32, 1]
          help  reduce it: .mean() or .sum()
        """)
    let good = ValueAndGradient(of: [model]) { models, x in
      square(models[0](x[0]) - x[1]).mean()
    }
    let gradients = try good(x, y).gradients[0]
    #expect(
      message { try model.apply(gradients) } == """
        error: sequential has no optimizer yet
          help  call compile(optimizer:) before training
        """)
    try model.compile(optimizer: .adam())
    #expect(
      message { try model.apply([:]) } == """
        error: there is no gradient of dense/kernel
          help  gradients are needed for all weights that are not frozen
        """)
    #expect(message { try model.fit(x, y) }.contains("has no loss yet"))
    try model.apply(gradients)
  }
}
