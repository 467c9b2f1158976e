import TensorGraph

/// A metric made of counts at thresholds.
protocol ThresholdMetric: Metric {
  /// What predictions are compared with.
  var levels: Thresholds { get }
  /// What is counted, in the order of the states.
  var kinds: [ConfusionCounts.Kind] { get }
  /// How many of the largest predictions of the last axis are looked at; the others count as below
  /// every threshold.
  var topK: Int? { get }
  /// The only class that is looked at.
  var classID: Int? { get }
}

extension ThresholdMetric {
  var topK: Int? { nil }
  var classID: Int? { nil }
  public var targets: TargetForm { .binary }

  public func states(_ prediction: [Int?]) throws(GraphError) -> [MetricState] {
    if let classes = prediction.last ?? nil, let mistake = mistake(classes: classes) {
      throw GraphError(mistake)
    }
    return kinds.map { MetricState($0.rawValue, [levels.values.count]) }
  }

  public func updated(
    _ states: [Symbol], _ target: Symbol, _ prediction: Symbol, sampleWeight: Symbol?
  ) -> [Symbol] {
    if topK != nil || classID != nil,
      let mistake = mistake(classes: prediction.shape.dims.last ?? 0)
    {
      return states.map { _ in prediction.trace.fail(mistake, operands: [prediction.type]) }
    }
    var (target, chosen) = (target, prediction.masked(by: nil))
    if let topK { chosen = keepingTop(topK, chosen) }
    if let classID {
      target = target.sliced(axis: -1, classID..<classID + 1)
      chosen = chosen.sliced(axis: -1, classID..<classID + 1)
    }
    let counts = levels.counts(
      target, chosen, weight: weights(of: chosen, prediction, sampleWeight: sampleWeight))
    return zip(states, kinds).map { $0 + counts[$1] }
  }

  /// What is wrong with the hyperparameters for so many classes, if anything is.
  private func mistake(classes: Int) -> String? {
    if let topK, topK > classes {
      return "\(className) cannot look at the largest \(topK) of \(classes) predictions"
    }
    if let classID, classID >= classes {
      return "\(className) has the class \(classID), but there are \(classes) classes"
    }
    return nil
  }

  /// What is wrong with `topK` or `classID` for any number of classes, if anything is.
  var choiceMistake: String? {
    if let topK, !isSize(topK) { return "\(className) needs a top_k above 0, not \(topK)" }
    if let classID, classID < 0 || !isSize(classID + 1) {
      return "\(className) needs a class counted from 0, not \(classID)"
    }
    return nil
  }
}

/// `x` with all but the `k` largest elements of the last axis far below every threshold. Of equal
/// elements the first are kept.
private func keepingTop(_ k: Int, _ x: Symbol) -> Symbol {
  guard x.isValid else { return x }
  let isKept = oneHot(x.topK(k).indices, depth: x.shape[-1]).sum(axes: [-2])
  return select(isKept .> 0, x, farBelow)
}

/// Below every threshold.
let farBelow = -1e10
