/// One learning rate after another.
///
///     PiecewiseConstantDecay(boundaries: [1000, 2000], values: [0.1, 0.01, 0.001])
public struct PiecewiseConstantDecay: LearningRateSchedule {
  /// The last step of each learning rate but the last, in order.
  public var boundaries: [Int]
  /// The learning rates: one more than there are boundaries.
  public var values: [Double]

  /// Creates the schedule.
  public init(boundaries: [Int], values: [Double]) {
    self.boundaries = boundaries
    self.values = values
  }

  public var mistake: String? {
    guard values.count == boundaries.count + 1 else {
      return "needs one learning rate more than boundaries: there are \(boundaries.count) "
        + "boundaries and \(values.count) values"
    }
    for (boundary, next) in zip(boundaries, boundaries.dropFirst()) where boundary >= next {
      return "needs boundaries that grow, not \(next) after \(boundary)"
    }
    return values.lazy.compactMap { rate("values", $0) }.first
  }

  public func learningRate(at step: Int) -> Double {
    values[boundaries.firstIndex { step <= $0 } ?? values.count - 1]
  }
}

extension LearningRateSchedule where Self == PiecewiseConstantDecay {
  /// One learning rate after another.
  public static func piecewiseConstantDecay(boundaries: [Int], values: [Double]) -> Self {
    PiecewiseConstantDecay(boundaries: boundaries, values: values)
  }
}
