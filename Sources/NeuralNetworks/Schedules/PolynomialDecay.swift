import Glibc

/// A learning rate that falls to an end along a power of the time left:
/// `(α − e)·(1 − t / T)ᵖ + e`.
///
/// In cycles it starts anew when it has come to the end, each time to fall more slowly: T is then
/// the next multiple of `decaySteps`.
public struct PolynomialDecay: LearningRateSchedule {
  /// The first learning rate, α.
  public var initialLearningRate: Double
  /// After how many steps the end is reached, T.
  public var decaySteps: Int
  /// The last learning rate, e.
  public var endLearningRate: Double
  /// The power, p: 1 is a straight line.
  public var power: Double
  /// Whether it goes on in cycles.
  public var cycle: Bool

  /// Creates the schedule.
  public init(
    initialLearningRate: Double, decaySteps: Int, endLearningRate: Double = 0.0001,
    power: Double = 1, cycle: Bool = false
  ) {
    self.initialLearningRate = initialLearningRate
    self.decaySteps = decaySteps
    self.endLearningRate = endLearningRate
    self.power = power
    self.cycle = cycle
  }

  public var mistake: String? {
    rate("initialLearningRate", initialLearningRate) ?? steps("decaySteps", decaySteps)
      ?? rate("endLearningRate", endLearningRate) ?? rate("power", power)
  }

  public func learningRate(at step: Int) -> Double {
    let times = Double(step) / Double(decaySteps)
    let done = cycle ? times / max(ceil(times), 1) : min(times, 1)
    return (initialLearningRate - endLearningRate) * pow(1 - done, power) + endLearningRate
  }
}

extension LearningRateSchedule where Self == PolynomialDecay {
  /// A learning rate that falls to an end along a power of the time left.
  public static func polynomialDecay(
    initialLearningRate: Double, decaySteps: Int, endLearningRate: Double = 0.0001,
    power: Double = 1, cycle: Bool = false
  ) -> Self {
    PolynomialDecay(
      initialLearningRate: initialLearningRate, decaySteps: decaySteps,
      endLearningRate: endLearningRate, power: power, cycle: cycle)
  }
}
