import TensorGraph

/// The optimizers that strings and files can name, with every default.
package let knownOptimizers = KnownValues<any Optimizer>(
  kind: "optimizer",
  entries: all.map { ([$0.className.lowercased(), $0.className], $0) })

private let all: [any Optimizer] = [
  SGD(), RMSprop(), Adam(), AdamW(), Adadelta(), Adagrad(), Adamax(), Nadam(), Ftrl(),
  Adafactor(), Lion(), Lamb(), Muon(), ScheduleFreeAdamW(), LossScaleOptimizer(Adam()),
  MultiOptimizer(OptimizerMap(default: Adam())),
]

extension Choice where Value == any Optimizer {
  /// Gradient descent, with momentum if wanted.
  public static func sgd(
    learningRate: any LearningRateSchedule = 0.01, momentum: Double = 0, nesterov: Bool = false,
    options: OptimizerOptions = []
  ) -> Self {
    .value(
      SGD(learningRate: learningRate, momentum: momentum, nesterov: nesterov, options: options))
  }

  /// Gradient descent divided by a running root mean square of the gradient.
  public static func rmsprop(
    learningRate: any LearningRateSchedule = 0.001, rho: Double = 0.9, momentum: Double = 0,
    epsilon: Double = 1e-7, centered: Bool = false, options: OptimizerOptions = []
  ) -> Self {
    .value(
      RMSprop(
        learningRate: learningRate, rho: rho, momentum: momentum, epsilon: epsilon,
        centered: centered, options: options))
  }

  /// Steps scaled by running averages of the gradient and of its square.
  public static func adam(
    learningRate: any LearningRateSchedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, amsgrad: Bool = false, options: OptimizerOptions = []
  ) -> Self {
    .value(
      Adam(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, amsgrad: amsgrad,
        options: options))
  }

  /// Adam with decay of the weights apart from the gradient.
  public static func adamW(
    learningRate: any LearningRateSchedule = 0.001, weightDecay: Double = 0.004,
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7, amsgrad: Bool = false,
    options: OptimizerOptions = []
  ) -> Self {
    .value(
      AdamW(
        learningRate: learningRate, weightDecay: weightDecay, beta1: beta1, beta2: beta2,
        epsilon: epsilon, amsgrad: amsgrad, options: options))
  }

  /// The optimizer itself.
  ///
  /// Throws for an unknown name and for hyperparameters that make no sense.
  package func resolved() throws(GraphError) -> any Optimizer {
    let optimizer: any Optimizer
    switch self {
    case .named(let name): optimizer = try knownOptimizers(name)
    case .value(let value): optimizer = value
    }
    if let mistake = optimizer.firstMistake { throw GraphError(mistake) }
    return optimizer
  }
}
