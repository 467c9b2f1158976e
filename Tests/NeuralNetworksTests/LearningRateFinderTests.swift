import NeuralNetworks
import TensorGraph
import Testing

@Suite struct LearningRateFinderTests {
  private func model(_ optimizer: OptimizerChoice) throws -> Model {
    let model = try Model(input: [2], seed: 1, engine: ReferenceEngine()) { Dense(1) }
    try model.compile(optimizer: optimizer, loss: .meanSquaredError)
    return model
  }

  private let x = Tensor([64, 2], (0..<128).map { Float(($0 * 37) % 101) / 50 - 1 })
  private let y = Tensor([64, 1], (0..<64).map { Float(($0 * 53) % 101) / 50 + 3 })

  @Test("the loss falls, explodes, and everything is as before", arguments: [false, true])
  func search(hasSchedule: Bool) throws {
    let model = try model(
      hasSchedule
        ? .sgd(
          learningRate: .exponentialDecay(
            initialLearningRate: 0.1, decaySteps: 1, decayRate: 0.5), momentum: 0.5)
        : .sgd(learningRate: 0.1, momentum: 0.5))
    let before = model.variables
    let curve = try model.findLearningRate(x, y, batchSize: 16)
    #expect(model.variables == before)
    #expect(model.learningRate.map { abs($0 - 0.1) < 1e-7 } == true)
    #expect(curve.learningRates.count == curve.losses.count)
    #expect(curve.learningRates[0] == 1e-6)
    #expect(zip(curve.learningRates, curve.learningRates.dropFirst()).allSatisfy { $0 < $1 })
    // A learning rate of 10 makes the loss explode, which ends the search.
    #expect(curve.losses.count < 100 && curve.losses.count > 50)
    let lowest = try #require(curve.smoothedLosses.min())
    #expect(lowest < curve.losses[0] / 4)
    let suggestion = try #require(curve.suggestion)
    #expect(suggestion > 1e-3 && suggestion < 1)
    try model.fit(x, y, verbose: .silent)
    #expect(hasSchedule == (try #require(model.learningRate) < 0.05))
  }

  @Test("the steepest descent, over a logarithmic scale")
  func suggestion() {
    let rates = (0..<7).map { pow10(Double($0) - 6) }
    let curve = LearningRateCurve(learningRates: rates, losses: [5, 5, 5, 1, 1, 1, 9])
    #expect(curve.suggestion == rates[3])
    let rising = LearningRateCurve(learningRates: rates, losses: [1, 2, 3, 4, 5, 6, 7])
    #expect(rising.suggestion == nil)
  }

  private func pow10(_ exponent: Double) -> Double {
    (0..<Int(exponent.magnitude)).reduce(1) { number, _ in exponent < 0 ? number / 10 : number * 10
    }
  }

  @Test("learning rates that do not rise, and too few steps")
  func mistakes() throws {
    let model = try model(.sgd())
    #expect(
      throws: GraphError("learning rates rise from above 0, not from 1.0 to 0.5")
    ) { try model.findLearningRate(x, y, from: 1, to: 0.5) }
    #expect(throws: GraphError("a search has at least 3 steps of 1 sample, not 2 of 32")) {
      try model.findLearningRate(x, y, steps: 2)
    }
  }
}
