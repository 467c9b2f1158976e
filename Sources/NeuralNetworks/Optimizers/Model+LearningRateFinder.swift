import Glibc
import TensorGraph

/// How the loss went while the learning rate rose.
///
/// - Reference: [Smith, 2015](https://arxiv.org/abs/1506.01186)
public struct LearningRateCurve: Sendable, Hashable, Codable {
  /// The learning rate of each step.
  public let learningRates: [Double]
  /// The loss of each step, on its batch.
  public let losses: [Double]

  /// Describes steps with `learningRates`, which had `losses`.
  public init(learningRates: [Double], losses: [Double]) {
    self.learningRates = learningRates
    self.losses = losses
  }

  /// How much of the running average of losses is kept in a step.
  static let momentum = 0.9

  /// The losses as a running average, which starts with the first.
  public var smoothedLosses: [Double] {
    var average = 0.0, kept = 1.0
    return losses.map { loss in
      average = Self.momentum * average + (1 - Self.momentum) * loss
      kept *= Self.momentum
      return average / (1 - kept)
    }
  }

  /// The learning rate at which the smoothed loss falls fastest, over a logarithmic scale; nothing
  /// when it never falls.
  public var suggestion: Double? {
    let losses = smoothedLosses
    guard losses.count > 2 else { return nil }
    var best: (slope: Double, learningRate: Double)?
    for i in 1..<losses.count - 1 where losses[i + 1].isFinite {
      let distance = log(learningRates[i + 1] / learningRates[i - 1])
      let slope = (losses[i + 1] - losses[i - 1]) / distance
      if slope < best?.slope ?? 0 { best = (slope, learningRates[i]) }
    }
    return best?.learningRate
  }
}

extension Model {
  /// Tries out learning rates: trains for some steps, each with a higher one, until the loss
  /// explodes, and takes everything back.
  ///
  ///     let curve = try model.findLearningRate(x, y)
  ///     model.learningRate = curve.suggestion
  ///
  /// - Parameters:
  ///   - x: `[samples, …]`
  ///   - y: `[samples, …]`
  ///   - start: The first learning rate.
  ///   - end: The last learning rate.
  ///   - steps: How many steps there are; samples are used several times if need be.
  ///   - batchSize: The number of samples of a step.
  /// - Returns: The loss at each learning rate.
  /// - Throws: when the model is not compiled, the learning rates do not rise, or the data do not
  ///   fit or hold no numbers.
  public func findLearningRate(
    _ x: Tensor, _ y: Tensor, from start: Double = 1e-6, to end: Double = 10, steps: Int = 100,
    batchSize: Int = 32
  ) throws -> LearningRateCurve {
    try findLearningRate(
      TrainingData(x: x, y: y), from: start, to: end, steps: steps, batchSize: batchSize)
  }

  /// Tries out learning rates on `data`.
  ///
  /// - Throws: when the model is not compiled, the learning rates do not rise, or the data do not
  ///   fit or hold no numbers.
  public func findLearningRate(
    _ data: TrainingData, from start: Double = 1e-6, to end: Double = 10, steps: Int = 100,
    batchSize: Int = 32
  ) throws -> LearningRateCurve {
    let compilation = try compiled()
    guard start > 0, end > start, end.isFinite else {
      throw GraphError("learning rates rise from above 0, not from \(start) to \(end)")
    }
    guard steps > 2, batchSize > 0 else {
      throw GraphError(
        "a search has at least 3 steps of 1 sample, not \(steps) of \(batchSize)")
    }
    let data = try checked(data, compilation, named: "")
    let source = try BatchPrefetcher(
      data, batchSize: batchSize, shuffle: true, seed: seed, engine: engine)
    updateOptimizerVariables(compilation)
    let before = (variables, compilation.schedule)
    defer { (variables, compilation.schedule) = before }

    var rates: [Double] = [], losses: [Double] = [], average = 0.0, lowest = Double.infinity
    func raise() {
      let share = Double(rates.count) / Double(steps - 1)
      rates.append(start * pow(end / start, share))
      learningRate = rates[rates.count - 1]
      resetMetrics(compilation)
    }
    let training = Steps(self, compilation, source, mode: .train)
    raise()
    _ = try training.run(limit: steps) { outcome in
      let loss = logs(compilation)["loss"] ?? .nan
      losses.append(loss)
      let kept = LearningRateCurve.momentum
      average = kept * average + (1 - kept) * loss
      let smoothed = average / (1 - pow(kept, Double(losses.count)))
      guard smoothed.isFinite, smoothed <= 4 * lowest, outcome.steps < steps else { return false }
      lowest = min(lowest, smoothed)
      raise()
      return true
    }
    return LearningRateCurve(learningRates: rates, losses: losses)
  }
}
