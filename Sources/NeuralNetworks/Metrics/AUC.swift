import TensorGraph

/// The area under a curve through the points that thresholds from 0 to 1 make: how well
/// predictions separate what is positive from what is not, whatever the threshold.
///
/// - Targets: `[batch, …]`, 0 or 1.
/// - Predictions: `[batch, …]`, numbers from 0 to 1, or logits with `fromLogits`. With `multiLabel`
///   both are `[batch, labels]`.
///
/// The area is approximated: more thresholds, or some where predictions are dense, make it better.
public struct AUC: Metric {
  /// What is drawn against what.
  public enum Curve: String, Sendable, Hashable, Codable, CaseIterable {
    /// The share of positives that is found against that of negatives that is taken for positive.
    case roc = "ROC"
    /// Precision against recall.
    case pr = "PR"
    /// Precision gain against recall gain: both rescaled so that always saying yes has none.
    /// Flach and Kull, 2015, Precision-Recall-Gain Curves.
    case prGain = "PRGAIN"
  }

  /// How the area between two points is taken.
  public enum Summation: String, Sendable, Hashable, Codable, CaseIterable {
    /// As that of a trapezoid; under precision and recall with true positives that grow linearly,
    /// after Davis and Goadrich, 2006.
    case interpolation
    /// With the lower of the two heights.
    case minoring
    /// With the higher of the two heights.
    case majoring
  }

  /// How many thresholds there are at equal distances, 0 and 1 among them.
  public var numThresholds: Int
  /// What is drawn against what.
  public var curve: Curve
  /// How the area between two points is taken.
  public var summationMethod: Summation
  /// Thresholds from 0 to 1 to use instead, beside 0 and 1.
  public var thresholds: [Double]?
  /// Whether each label has its own curve; the result is the mean of their areas.
  public var multiLabel: Bool
  /// How many labels there are; with `multiLabel`, if it is to be checked.
  public var numLabels: Int?
  /// How much each label counts: its area with `multiLabel`, else its predictions.
  public var labelWeights: [Double]?
  /// Whether predictions are logits: numbers that a sigmoid makes probabilities of.
  public var fromLogits: Bool

  /// Creates the metric.
  public init(
    numThresholds: Int = 200, curve: Curve = .roc, summationMethod: Summation = .interpolation,
    thresholds: [Double]? = nil, multiLabel: Bool = false, numLabels: Int? = nil,
    labelWeights: [Double]? = nil, fromLogits: Bool = false
  ) {
    self.numThresholds = numThresholds
    self.curve = curve
    self.summationMethod = summationMethod
    self.thresholds = thresholds
    self.multiLabel = multiLabel
    self.numLabels = numLabels
    self.labelWeights = labelWeights
    self.fromLogits = fromLogits
  }

  /// The ends lie outside of 0…1, so that every prediction is above the first and below the last.
  private var levels: Thresholds {
    let inner =
      thresholds?.sorted() ?? Thresholds(count: numThresholds).values.dropFirst().dropLast()
    return Thresholds([-smallest] + inner + [1 + smallest])
  }

  public var targets: TargetForm { .binary }

  public var mistake: String? {
    if thresholds == nil, !(2...Thresholds.limit).contains(numThresholds) {
      return "AUC needs from 2 to \(Thresholds.limit) thresholds, not \(numThresholds)"
    }
    if thresholds?.isEmpty == false,
      let mistake = Thresholds.mistake(thresholds, of: className)
    {
      return mistake
    }
    if let numLabels, !multiLabel || !isSize(numLabels) {
      return multiLabel
        ? "AUC needs at least 1 label, not \(numLabels)"
        : "AUC has a number of labels, \(numLabels), only with multi_label"
    }
    return labelWeights?.first { !($0 >= 0 && $0.isFinite) }.map {
      "AUC needs label weights of 0 or more, not \($0)"
    }
  }

  public func states(_ prediction: [Int?]) throws(GraphError) -> [MetricState] {
    var shape: Shape = [levels.values.count]
    if multiLabel {
      guard prediction.count == 2, let labels = prediction[1], (1 << 28) / shape[0] >= labels else {
        throw GraphError(
          "AUC with multi_label expects predictions [batch, labels]",
          hint: "the number of labels must be known, and not huge")
      }
      guard labels == numLabels ?? labels else {
        throw GraphError("AUC has \(numLabels ?? 0) labels, and predictions have \(labels)")
      }
      shape.dims.append(labels)
    }
    if let labelWeights, let last = prediction.last,
      last ?? labelWeights.count != labelWeights.count
    {
      throw GraphError(
        "AUC has \(labelWeights.count) label weights, and predictions have \(last ?? 0) labels")
    }
    return Self.kinds.map { MetricState($0.rawValue, shape) }
  }

  private static var kinds: [ConfusionCounts.Kind] {
    [.truePositives, .falsePositives, .trueNegatives, .falseNegatives]
  }

  public func updated(
    _ states: [Symbol], _ target: Symbol, _ prediction: Symbol, sampleWeight: Symbol?
  ) -> [Symbol] {
    let trace = prediction.trace
    let p = (fromLogits ? sigmoid(prediction) : prediction).masked(by: nil)
    var weight = weights(of: p, prediction, sampleWeight: sampleWeight)
    if let labelWeights, !multiLabel {
      let labels = trace.constant(
        Tensor(TensorType(p.dtype, [labelWeights.count]), numbers: labelWeights))
      weight = weight.map { $0 * labels } ?? labels
    }
    let counts = levels.counts(target, p, weight: weight, isPerLabel: multiLabel)
    return zip(states, Self.kinds).map { $0 + counts[$1] }
  }

  public func result(_ s: [[Double]]) -> [Double] {
    let points = levels.values.count
    let labels = points == 0 ? 0 : (s[0].count / points)
    let areas = (0..<labels).map { label in
      area(
        (0..<points).map { point in
          let i = point * labels + label
          return RateCounts(tp: s[0][i], fp: s[1][i], tn: s[2][i], fn: s[3][i])
        })
    }
    let weights = multiLabel ? labelWeights ?? areas.map { _ in 1 } : [1]
    let sum = zip(areas, weights).reduce(0) { $0 + $1.0 * $1.1 }
    return [share(sum, of: weights.reduce(0, +))]
  }
}

extension AUC {
  /// Label weights may be a tensor as Keras's files have it.
  public init(from decoder: any Decoder) throws {
    struct TensorObject: Decodable {
      struct Config: Decodable { var value: [Double] }
      var config: Config
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func name<T: RawRepresentable<String> & CaseIterable>(_ key: CodingKeys) throws -> T {
      let name = try values.decode(String.self, forKey: key)
      if let value = T.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) {
        return value
      }
      throw ConfigurationError(
        "AUC has no \(key.stringValue.snakeCased) \(name)",
        hint: spellingHint(name, in: T.allCases.map(\.rawValue)))
    }
    numThresholds = try values.decode(Int.self, forKey: .numThresholds)
    curve = try name(.curve)
    summationMethod = try name(.summationMethod)
    thresholds = try values.decodeIfPresent([Double].self, forKey: .thresholds)
    multiLabel = try values.decode(Bool.self, forKey: .multiLabel)
    numLabels = try values.decodeIfPresent(Int.self, forKey: .numLabels)
    let object = try? values.decodeIfPresent(TensorObject.self, forKey: .labelWeights)
    labelWeights =
      try object?.config.value ?? values.decodeIfPresent([Double].self, forKey: .labelWeights)
    fromLogits = try values.decode(Bool.self, forKey: .fromLogits)
  }
}
