import Glibc

/// A learning rate that rises to its maximum, and then falls far below where it began.
///
/// It rises from `maximum / divisor` along half a period of the cosine in a share of all steps,
/// and falls in the rest to `maximum / divisor / finalDivisor`, where it stays. Keras's files have
/// no such schedule: its object is one of Strata's own.
///
/// - Reference: [Smith, 2018](https://arxiv.org/abs/1803.09820)
public struct OneCycle: LearningRateSchedule {
  /// The highest learning rate.
  public var maximum: Double
  /// How many steps there are in all.
  public var totalSteps: Int
  /// The share of the steps in which the learning rate rises.
  public var riseShare: Double
  /// How many times as high as the first the maximum is.
  public var divisor: Double
  /// How many times as high as the last learning rate the first is.
  public var finalDivisor: Double

  /// Creates the schedule.
  public init(
    maximum: Double, totalSteps: Int, riseShare: Double = 0.3, divisor: Double = 25,
    finalDivisor: Double = 10_000
  ) {
    self.maximum = maximum
    self.totalSteps = totalSteps
    self.riseShare = riseShare
    self.divisor = divisor
    self.finalDivisor = finalDivisor
  }

  public var mistake: String? {
    if let mistake = rate("maximum", maximum) ?? steps("totalSteps", totalSteps) {
      return mistake
    }
    guard (0...1).contains(riseShare) else {
      return "needs a riseShare from 0 to 1, not \(riseShare)"
    }
    for (name, number) in [("divisor", divisor), ("finalDivisor", finalDivisor)]
    where !(number >= 1 && number.isFinite) {
      return "needs a \(name) of at least 1, not \(number)"
    }
    return nil
  }

  public func learningRate(at step: Int) -> Double {
    let first = maximum / divisor, peak = riseShare * Double(totalSteps), step = Double(step)
    func between(_ start: Double, _ end: Double, _ done: Double) -> Double {
      end + (start - end) * 0.5 * (1 + cos(.pi * min(done, 1)))
    }
    if step < peak { return between(first, maximum, step / peak) }
    // The last step is the one that has the lowest learning rate.
    let rest = Double(totalSteps) - 1 - peak
    return between(maximum, first / finalDivisor, rest > 0 ? (step - peak) / rest : 1)
  }
}

extension LearningRateSchedule where Self == OneCycle {
  /// A learning rate that rises to its maximum, and then falls far below where it began.
  public static func oneCycle(
    maximum: Double, totalSteps: Int, riseShare: Double = 0.3, divisor: Double = 25,
    finalDivisor: Double = 10_000
  ) -> Self {
    OneCycle(
      maximum: maximum, totalSteps: totalSteps, riseShare: riseShare, divisor: divisor,
      finalDivisor: finalDivisor)
  }
}
