import Glibc

/// A learning rate divided by a number that grows with time: `α / (1 + r·t / T)`.
public struct InverseTimeDecay: LearningRateSchedule {
  /// The first learning rate, α.
  public var initialLearningRate: Double
  /// After how many steps the divisor has grown by the rate of decay, T.
  public var decaySteps: Int
  /// How much the divisor grows in that time, r.
  public var decayRate: Double
  /// Whether it grows at once after so many steps, not bit by bit.
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
    return initialLearningRate / (1 + decayRate * (staircase ? floor(times) : times))
  }
}

extension LearningRateSchedule where Self == InverseTimeDecay {
  /// A learning rate divided by a number that grows with time.
  public static func inverseTimeDecay(
    initialLearningRate: Double, decaySteps: Int, decayRate: Double, staircase: Bool = false
  ) -> Self {
    InverseTimeDecay(
      initialLearningRate: initialLearningRate, decaySteps: decaySteps, decayRate: decayRate,
      staircase: staircase)
  }
}
