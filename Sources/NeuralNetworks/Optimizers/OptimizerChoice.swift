extension Choice where Value == any Optimizer {
  /// Steps as long as earlier ones were, in relation to the gradient.
  public static func adadelta(
    learningRate: any LearningRateSchedule = 0.001, rho: Double = 0.95, epsilon: Double = 1e-7,
    options: OptimizerOptions = []
  ) -> Self {
    .value(Adadelta(learningRate: learningRate, rho: rho, epsilon: epsilon, options: options))
  }

  /// Steps that shrink for each weight as its squared gradients add up.
  public static func adagrad(
    learningRate: any LearningRateSchedule = 0.001, initialAccumulatorValue: Double = 0.1,
    epsilon: Double = 1e-7, options: OptimizerOptions = []
  ) -> Self {
    .value(
      Adagrad(
        learningRate: learningRate, initialAccumulatorValue: initialAccumulatorValue,
        epsilon: epsilon, options: options))
  }

  /// Adam with the largest gradient, fading, in place of the mean square.
  public static func adamax(
    learningRate: any LearningRateSchedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, options: OptimizerOptions = []
  ) -> Self {
    .value(
      Adamax(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, options: options))
  }

  /// Adam with Nesterov's momentum.
  public static func nadam(
    learningRate: any LearningRateSchedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, options: OptimizerOptions = []
  ) -> Self {
    .value(
      Nadam(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, options: options))
  }

  /// Follow the regularized leader.
  public static func ftrl(
    learningRate: any LearningRateSchedule = 0.001, learningRatePower: Double = -0.5,
    initialAccumulatorValue: Double = 0.1, l1RegularizationStrength: Double = 0,
    l2RegularizationStrength: Double = 0, l2ShrinkageRegularizationStrength: Double = 0,
    beta: Double = 0, options: OptimizerOptions = []
  ) -> Self {
    .value(
      Ftrl(
        learningRate: learningRate, learningRatePower: learningRatePower,
        initialAccumulatorValue: initialAccumulatorValue,
        l1RegularizationStrength: l1RegularizationStrength,
        l2RegularizationStrength: l2RegularizationStrength,
        l2ShrinkageRegularizationStrength: l2ShrinkageRegularizationStrength, beta: beta,
        options: options))
  }

  /// Steps divided by a root mean square that takes little memory.
  public static func adafactor(
    learningRate: any LearningRateSchedule = 0.001, beta2Decay: Double = -0.8,
    epsilon1: Double = 1e-30, epsilon2: Double = 1e-3, clipThreshold: Double = 1,
    relativeStep: Bool = true, options: OptimizerOptions = []
  ) -> Self {
    .value(
      Adafactor(
        learningRate: learningRate, beta2Decay: beta2Decay, epsilon1: epsilon1, epsilon2: epsilon2,
        clipThreshold: clipThreshold, relativeStep: relativeStep, options: options))
  }

  /// Steps of one length for all weights: the sign of a running average.
  public static func lion(
    learningRate: any LearningRateSchedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.99,
    options: OptimizerOptions = []
  ) -> Self {
    .value(Lion(learningRate: learningRate, beta1: beta1, beta2: beta2, options: options))
  }

  /// Adam with steps in proportion to the norm of each layer's weights.
  public static func lamb(
    learningRate: any LearningRateSchedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, options: OptimizerOptions = []
  ) -> Self {
    .value(
      Lamb(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, options: options))
  }

  /// Steps along the momentum made orthogonal, for matrices; Adam for the rest.
  public static func muon(
    learningRate: any LearningRateSchedule = 0.001, adamBeta1: Double = 0.9,
    adamBeta2: Double = 0.999, adamWeightDecay: Double? = 0.004, epsilon: Double = 1e-7,
    weightDecay: Double? = 0.004, excludeLayers: [String] = [], excludeEmbeddings: Bool = true,
    muonA: Double = 3.4445, muonB: Double = -4.775, muonC: Double = 2.0315,
    adamLRRatio: Double = 1, momentum: Double = 0.95, nsSteps: Int = 5, nesterov: Bool = true,
    rmsRate: Double? = 0.2, options: OptimizerOptions = []
  ) -> Self {
    .value(
      Muon(
        learningRate: learningRate, adamBeta1: adamBeta1, adamBeta2: adamBeta2,
        adamWeightDecay: adamWeightDecay, epsilon: epsilon, weightDecay: weightDecay,
        excludeLayers: excludeLayers, excludeEmbeddings: excludeEmbeddings, muonA: muonA,
        muonB: muonB, muonC: muonC, adamLRRatio: adamLRRatio, momentum: momentum, nsSteps: nsSteps,
        nesterov: nesterov, rmsRate: rmsRate, options: options))
  }

  /// Adam that needs no schedule, since it averages weights as it goes.
  public static func scheduleFreeAdamW(
    learningRate: any LearningRateSchedule = 0.0025, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, warmupSteps: Int = 0, options: OptimizerOptions = []
  ) -> Self {
    .value(
      ScheduleFreeAdamW(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
        warmupSteps: warmupSteps, options: options))
  }

  /// An optimizer with a loss made larger while gradients allow it: for float16.
  public static func lossScale(
    _ optimizer: any Optimizer, initialScale: Double = 32768, dynamicGrowthSteps: Int = 2000
  ) -> Self {
    .value(
      LossScaleOptimizer(
        optimizer, initialScale: initialScale, dynamicGrowthSteps: dynamicGrowthSteps))
  }

  /// Several optimizers, each for the weights whose paths a map gives it.
  public static func multi(_ map: OptimizerMap, lossScaleFactor: Double? = nil) -> Self {
    .value(MultiOptimizer(map, lossScaleFactor: lossScaleFactor))
  }
}
