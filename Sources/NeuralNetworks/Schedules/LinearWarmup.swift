/// A learning rate that rises from a small number to where another schedule begins, and then goes
/// as that one says.
///
/// Keras's files have no such schedule: its object is one of Strata's own.
///
/// - Reference: [Goyal et al., 2017](https://arxiv.org/abs/1706.02677)
public struct LinearWarmup: LearningRateSchedule {
  /// How many steps the rise takes.
  public var steps: Int
  /// The first learning rate.
  public var start: Double
  /// How it goes on, counted from the end of the rise.
  public var following: LearningRate

  /// Creates the schedule.
  public init(
    steps: Int, from start: Double = 0, to following: any LearningRateSchedule
  ) {
    self.steps = steps
    self.start = start
    self.following = LearningRate(following)
  }

  public var mistake: String? {
    steps("steps", steps, from: 0) ?? rate("start", start) ?? following.schedule.mistake
  }

  public func learningRate(at step: Int) -> Double {
    guard step < steps else { return following(at: step - steps) }
    return start + (following(at: 0) - start) * Double(step) / Double(steps)
  }
}

extension LearningRateSchedule where Self == LinearWarmup {
  /// A learning rate that rises to where another schedule begins.
  public static func linearWarmup(
    steps: Int, from start: Double = 0, to following: any LearningRateSchedule
  ) -> Self {
    LinearWarmup(steps: steps, from: start, to: following)
  }
}
