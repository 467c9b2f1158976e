import Glibc

/// A learning rate that falls by the same factor in the same time: `α·rᵗ⁄ᵀ`.
public struct ExponentialDecay: LearningRateSchedule {
  /// The first learning rate, α.
  public var initialLearningRate: Double
  /// After how many steps the factor has been applied once, T.
  public var decaySteps: Int
  /// The factor, r.
  public var decayRate: Double
  /// Whether the factor is applied at once after so many steps, not bit by bit.
  public var staircase: Bool

  /// Creates the schedule.
  public init(
    initialLearningRate: Double, decaySteps: Int, decayRate: Double, staircase: Bool = false
  ) {
    self.initialLearningRate = initialLearningRate
    self.decaySteps = decaySteps
    self.decayRate = decayRate
    self.staircase = staircase
  }

  public var mistake: String? {
    rate("initialLearningRate", initialLearningRate) ?? steps("decaySteps", decaySteps)
      ?? rate("decayRate", decayRate)
  }

  public func learningRate(at step: Int) -> Double {
    let times = Double(step) / Double(decaySteps)
    return initialLearningRate * pow(decayRate, staircase ? floor(times) : times)
  }
}

extension LearningRateSchedule where Self == ExponentialDecay {
  /// A learning rate that falls by the same factor in the same time.
  public static func exponentialDecay(
    initialLearningRate: Double, decaySteps: Int, decayRate: Double, staircase: Bool = false
  ) -> Self {
    ExponentialDecay(
      initialLearningRate: initialLearningRate, decaySteps: decaySteps, decayRate: decayRate,
      staircase: staircase)
  }
}
