import NeuralNetworks
import TensorGraph
import Testing

@Suite struct OptimizersMistakesTests {
  private static let mistakes: [(OptimizerChoice, String)] = [
    (.adam(learningRate: -1), "Adam needs a learning rate of at least 0, not -1.0"),
    (.adam(learningRate: Double.nan), "Adam needs a learning rate of at least 0, not nan"),
    (.adamW(beta2: 1), "Adam needs beta2 from 0 to below 1, not 1.0"),
    (.sgd(momentum: 2), "SGD needs a momentum from 0 to 1, not 2.0"),
    (
      .sgd(options: [.clipnorm(1), .clipvalue(1)]),
      "SGD clips by one rule, not by clipnorm and clipvalue"
    ),
    (.rmsprop(options: [.clipvalue(0)]), "RMSprop needs clipvalue above 0, not 0.0"),
    (
      .sgd(options: [.gradientAccumulation(steps: 1)]),
      "SGD needs gradientAccumulationSteps of at least 2, not 1"
    ),
    (
      .sgd(options: [.exponentialMovingAverage(momentum: 1.5)]),
      "SGD needs an emaMomentum from 0 to 1, not 1.5"
    ),
    (
      .sgd(options: [.exponentialMovingAverage(overwriteFrequency: 0)]),
      "SGD needs an emaOverwriteFrequency of at least 1, not 0"
    ),
    (
      .sgd(options: [.lossScaleFactor(0)]), "SGD needs a lossScaleFactor above 0, not 0.0"
    ),
    (
      .sgd(options: [.weightDecay(-1)]), "SGD needs a weight decay of at least 0, not -1.0"
    ),
    (.adadelta(rho: 1.5), "Adadelta needs rho from 0 to 1, not 1.5"),
    (.adadelta(epsilon: .nan), "Adadelta needs epsilon of at least 0, not nan"),
    (
      .adagrad(initialAccumulatorValue: -1),
      "Adagrad needs initialAccumulatorValue of at least 0, not -1.0"
    ),
    (.adamax(beta1: 1), "Adamax needs beta1 from 0 to below 1, not 1.0"),
    (.nadam(beta2: -0.1), "Nadam needs beta2 from 0 to below 1, not -0.1"),
    (
      .ftrl(learningRatePower: 0.5), "Ftrl needs a learningRatePower of at most 0, not 0.5"
    ),
    (
      .ftrl(l1RegularizationStrength: -1),
      "Ftrl needs l1RegularizationStrength of at least 0, not -1.0"
    ),
    (.ftrl(beta: .infinity), "Ftrl needs beta of at least 0, not inf"),
    (.adafactor(beta2Decay: 0.8), "Adafactor needs a beta2Decay below 0, not 0.8"),
    (.adafactor(clipThreshold: 0), "Adafactor needs a clipThreshold above 0, not 0.0"),
    (.lion(beta1: 0), "Lion needs beta1 above 0 and up to 1, not 0.0"),
    (.lamb(epsilon: -1), "Lamb needs epsilon of at least 0, not -1.0"),
    (.muon(excludeLayers: ["("]), "Muon needs regular expressions as excludeLayers, not ("),
    (.muon(nsSteps: .max), "Muon needs nsSteps from 0 to 1000, not \(Int.max)"),
    (.muon(muonA: .nan), "Muon needs a finite muonA, not nan"),
    (
      .scheduleFreeAdamW(beta1: 0),
      "ScheduleFreeAdamW needs beta1 above 0 and up to 1, not 0.0"
    ),
    (
      .scheduleFreeAdamW(warmupSteps: -1),
      "ScheduleFreeAdamW needs warmupSteps of at least 0, not -1"
    ),
    (
      .lossScale(SGD(), initialScale: 0),
      "LossScaleOptimizer needs an initialScale above 0, not 0.0"
    ),
    (
      .lossScale(SGD(), dynamicGrowthSteps: 0),
      "LossScaleOptimizer needs dynamicGrowthSteps of at least 1, not 0"
    ),
    (
      .lossScale(LossScaleOptimizer(SGD())),
      "LossScaleOptimizer cannot be inside of a LossScaleOptimizer"
    ),
    (.lossScale(SGD(momentum: 2)), "SGD needs a momentum from 0 to 1, not 2.0"),
    (
      .multi(OptimizerMap(default: SGD(), ["(": Adam()])),
      "MultiOptimizer needs regular expressions, not ("
    ),
    (
      .multi(OptimizerMap(default: SGD(), ["a": Adam(), "a": SGD()])),
      "MultiOptimizer has two optimizers for a"
    ),
    (
      .multi(OptimizerMap(default: LossScaleOptimizer(SGD()))),
      "MultiOptimizer cannot have a LossScaleOptimizer inside"
    ),
    (
      .multi(OptimizerMap(default: SGD(momentum: 2))), "SGD needs a momentum from 0 to 1, not 2.0"
    ),
  ]

  @Test("hyperparameters that make no sense", arguments: mistakes.indices)
  func mistake(_ index: Int) {
    let (choice, message) = Self.mistakes[index]
    #expect(throws: GraphError(message)) { try choice.resolved() }
  }

  @Test("every optimizer's defaults make sense")
  func defaults() {
    #expect(knownOptimizers.entries.count == 16)
    for entry in knownOptimizers.entries { #expect(entry.value.firstMistake == nil) }
  }

  @Test("several patterns that fit one weight are none to choose from")
  func ambiguous() {
    let map = OptimizerMap(default: SGD(), ["den.*": Adam(), ".*kernel": Lion()])
    let weight = TrainedWeight(path: "dense/kernel", type: TensorType(.float32, [2]))
    #expect(
      MultiOptimizer(map).mistake(for: [weight])
        == "MultiOptimizer has several optimizers for dense/kernel: den.*, .*kernel")
    let bias = TrainedWeight(path: "dense/bias", type: TensorType(.float32, [2]))
    #expect(MultiOptimizer(map).mistake(for: [bias]) == nil)
  }
}
