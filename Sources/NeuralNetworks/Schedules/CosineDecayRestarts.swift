import Glibc

/// A learning rate that falls along half a period of the cosine, again and again.
///
///     α·((1 − a)·mⁱ·½·(1 + cos(π·p)) + a)
///
/// in the period `i`, counted from 0, of which the share `p` is over; each is `tMul` times as long
/// as the one before.
///
/// - Reference: [Loshchilov and Hutter, 2016](https://arxiv.org/abs/1608.03983)
public struct CosineDecayRestarts: LearningRateSchedule {
  /// The first learning rate, α.
  public var initialLearningRate: Double
  /// How many steps the first period has.
  public var firstDecaySteps: Int
  /// How many times as long as the last one a period is.
  public var tMul: Double
  /// How many times as high as the last one a period begins, m.
  public var mMul: Double
  /// The lowest learning rate as a share of the first, a.
  public var alpha: Double

  /// Creates the schedule.
  public init(
    initialLearningRate: Double, firstDecaySteps: Int, tMul: Double = 2, mMul: Double = 1,
    alpha: Double = 0
  ) {
    self.initialLearningRate = initialLearningRate
    self.firstDecaySteps = firstDecaySteps
    self.tMul = tMul
    self.mMul = mMul
    self.alpha = alpha
  }

  public var mistake: String? {
    if let mistake = rate("initialLearningRate", initialLearningRate)
      ?? steps("firstDecaySteps", firstDecaySteps)
    {
      return mistake
    }
    guard tMul >= 1, tMul.isFinite else { return "needs a tMul of at least 1, not \(tMul)" }
    return rate("mMul", mMul) ?? finite("alpha", alpha)
  }

  public func learningRate(at step: Int) -> Double {
    var done = Double(step) / Double(firstDecaySteps), period = 0.0
    if tMul == 1 {
      period = floor(done)
      done -= period
    } else {
      // The logarithm may be off by one period where one begins.
      period = max(floor(log1p(done * (tMul - 1)) / log(tMul)), 0)
      func start(_ period: Double) -> Double { (pow(tMul, period) - 1) / (tMul - 1) }
      if start(period + 1) <= done { period += 1 }
      if start(period) > done { period -= 1 }
      done = (done - start(period)) / pow(tMul, period)
    }
    let cosine = 0.5 * pow(mMul, period) * (1 + cos(.pi * done))
    return initialLearningRate * ((1 - alpha) * cosine + alpha)
  }
}

extension LearningRateSchedule where Self == CosineDecayRestarts {
  /// A learning rate that falls along half a period of the cosine, again and again.
  public static func cosineDecayRestarts(
    initialLearningRate: Double, firstDecaySteps: Int, tMul: Double = 2, mMul: Double = 1,
    alpha: Double = 0
  ) -> Self {
    CosineDecayRestarts(
      initialLearningRate: initialLearningRate, firstDecaySteps: firstDecaySteps, tMul: tMul,
      mMul: mMul, alpha: alpha)
  }
}
