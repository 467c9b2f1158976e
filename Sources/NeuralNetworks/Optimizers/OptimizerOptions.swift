/// What any optimizer can be given beside its own hyperparameters, by Keras's names.
///
///     .adam(learningRate: 1e-3, options: [.clipnorm(1), .weightDecay(0.01)])
///
/// No optimizer looks at them: decay, clipping, averaging and accumulation are applied around the
/// rule for a weight.
public struct OptimizerOptions: Sendable, Hashable, Codable {
  /// The share of each weight that is taken from it in a step, times the learning rate, before
  /// the gradient is applied.
  public package(set) var weightDecay: Double?
  /// Each gradient is scaled down until its norm is at most this.
  public package(set) var clipnorm: Double?
  /// Each element of a gradient is held between minus this and this.
  public package(set) var clipvalue: Double?
  /// All gradients are scaled down together until their common norm is at most this.
  public package(set) var globalClipnorm: Double?
  /// Whether a running average of the weights is kept, to take their place in the end.
  public package(set) var useEMA = false
  /// How much of that average is kept in a step.
  public package(set) var emaMomentum = 0.99
  /// After how many steps, again and again, the average replaces the weights.
  public package(set) var emaOverwriteFrequency: Int?
  /// What the loss is multiplied by, and gradients are divided by again, so that small ones do not
  /// vanish in half precision.
  public package(set) var lossScaleFactor: Double?
  /// Over how many steps gradients are averaged before the weights move.
  public package(set) var gradientAccumulationSteps: Int?
  /// The weights that do not decay: patterns of paths, as in `Model.freeze`.
  public package(set) var excludedFromWeightDecay: [String] = []

  /// Creates the options in `options`.
  public init(_ options: [OptimizerOption] = []) {
    for option in options { option.apply(&self) }
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case weightDecay, clipnorm, clipvalue, globalClipnorm
    case useEMA = "useEma"
    case emaMomentum, emaOverwriteFrequency, lossScaleFactor, gradientAccumulationSteps
    // Keras's files have no place for exceptions from decay.
  }

  /// The keys by the names in Keras's files.
  static let keys = Dictionary(
    CodingKeys.allCases.map { (KerasObject.kerasName($0.rawValue), $0.rawValue) },
    uniquingKeysWith: { first, _ in first })

  /// What is wrong with them, if anything is.
  var mistake: String? {
    let limits = [
      ("clipnorm", clipnorm), ("clipvalue", clipvalue), ("globalClipnorm", globalClipnorm),
    ].filter { $0.1 != nil }
    guard limits.count <= 1 else {
      return "clips by one rule, not by \(limits.map(\.0).joined(separator: " and "))"
    }
    for (limit, value) in limits {
      if let value, !(value > 0) { return "needs \(limit) above 0, not \(value)" }
    }
    if let weightDecay, !(weightDecay >= 0 && weightDecay.isFinite) {
      return "needs a weight decay of at least 0, not \(weightDecay)"
    }
    if !(0...1).contains(emaMomentum) {
      return "needs an emaMomentum from 0 to 1, not \(emaMomentum)"
    }
    if let steps = emaOverwriteFrequency, steps < 1 {
      return "needs an emaOverwriteFrequency of at least 1, not \(steps)"
    }
    if let scale = lossScaleFactor, !(scale > 0 && scale.isFinite) {
      return "needs a lossScaleFactor above 0, not \(scale)"
    }
    if let steps = gradientAccumulationSteps, steps < 2 {
      return "needs gradientAccumulationSteps of at least 2, not \(steps)"
    }
    return nil
  }
}

extension OptimizerOptions: ExpressibleByArrayLiteral {
  public init(arrayLiteral options: OptimizerOption...) { self.init(options) }
}

/// One of the options of an optimizer.
public struct OptimizerOption: Sendable {
  let apply: @Sendable (inout OptimizerOptions) -> Void

  /// Takes this share of each weight, times the learning rate, from it in every step; not from
  /// those whose paths match a pattern of `excluding`, such as `**/bias`.
  public static func weightDecay(_ decay: Double?, excluding patterns: [String] = []) -> Self {
    Self {
      $0.weightDecay = decay
      $0.excludedFromWeightDecay = patterns
    }
  }
  /// Scales each gradient down until its norm is at most `limit`.
  public static func clipnorm(_ limit: Double?) -> Self { Self { $0.clipnorm = limit } }
  /// Holds each element of a gradient between `-limit` and `limit`.
  public static func clipvalue(_ limit: Double?) -> Self { Self { $0.clipvalue = limit } }
  /// Scales all gradients down together until their common norm is at most `limit`.
  public static func globalClipnorm(_ limit: Double?) -> Self {
    Self { $0.globalClipnorm = limit }
  }
  /// Keeps a running average of the weights, which takes their place when training ends, and after
  /// every `overwriteFrequency` steps if that is given.
  public static func exponentialMovingAverage(
    momentum: Double = 0.99, overwriteFrequency: Int? = nil
  ) -> Self {
    Self {
      $0.useEMA = true
      $0.emaMomentum = momentum
      $0.emaOverwriteFrequency = overwriteFrequency
    }
  }
  /// Multiplies the loss by `factor`, and divides the gradients by it.
  public static func lossScaleFactor(_ factor: Double?) -> Self {
    Self { $0.lossScaleFactor = factor }
  }
  /// Moves the weights along the mean of the gradients of so many steps.
  public static func gradientAccumulation(steps: Int?) -> Self {
    Self { $0.gradientAccumulationSteps = steps }
  }
}
