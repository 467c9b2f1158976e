import Glibc

/// A learning rate that falls along half a period of the cosine, after a linear rise if wanted.
///
///     α·((1 − a)·½·(1 + cos(π·min(t / T, 1))) + a)
///
/// With a target the rate first goes from α to the target in the steps of the warmup, and then
/// falls from the target.
///
/// - Reference: [Loshchilov and Hutter, 2016](https://arxiv.org/abs/1608.03983)
public struct CosineDecay: LearningRateSchedule {
  /// The first learning rate, α.
  public var initialLearningRate: Double
  /// After how many steps of falling the end is reached, T.
  public var decaySteps: Int
  /// The last learning rate as a share of the highest, a.
  public var alpha: Double
  /// What the learning rate rises to before it falls.
  public var warmupTarget: Double?
  /// How many steps the rise takes.
  public var warmupSteps: Int

  /// Creates the schedule.
  public init(
    initialLearningRate: Double, decaySteps: Int, alpha: Double = 0, warmupTarget: Double? = nil,
    warmupSteps: Int = 0
  ) {
    self.initialLearningRate = initialLearningRate
    self.decaySteps = decaySteps
    self.alpha = alpha
    self.warmupTarget = warmupTarget
    self.warmupSteps = warmupSteps
  }

  public var mistake: String? {
    rate("initialLearningRate", initialLearningRate) ?? steps("decaySteps", decaySteps)
      ?? finite("alpha", alpha) ?? rate("warmupTarget", warmupTarget ?? 0)
      ?? steps("warmupSteps", warmupSteps, from: 0)
  }

  public func learningRate(at step: Int) -> Double {
    var step = Double(step), highest = initialLearningRate
    if let warmupTarget {
      let warmup = Double(warmupSteps)
      if step < warmup {
        return initialLearningRate + (warmupTarget - initialLearningRate) * step / warmup
      }
      step -= warmup
      highest = warmupTarget
    }
    let done = min(step / Double(decaySteps), 1)
    return highest * ((1 - alpha) * 0.5 * (1 + cos(.pi * done)) + alpha)
  }
}

extension LearningRateSchedule where Self == CosineDecay {
  /// A learning rate that falls along half a period of the cosine, after a rise if wanted.
  public static func cosineDecay(
    initialLearningRate: Double, decaySteps: Int, alpha: Double = 0, warmupTarget: Double? = nil,
    warmupSteps: Int = 0
  ) -> Self {
    CosineDecay(
      initialLearningRate: initialLearningRate, decaySteps: decaySteps, alpha: alpha,
      warmupTarget: warmupTarget, warmupSteps: warmupSteps)
  }
}
