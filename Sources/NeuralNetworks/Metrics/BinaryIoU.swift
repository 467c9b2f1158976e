import TensorGraph

/// How much targets and predictions of two classes overlap, `tp / (tp + fp + fn)`, where a
/// prediction of at least the threshold is class 1: the mean over the classes asked for.
///
/// - Targets: `[batch, …]`, 0 or 1.
/// - Predictions: `[batch, …]`, numbers from 0 to 1.
public struct BinaryIoU: ConfusionMatrixMetric, Metric {
  /// The classes whose overlaps are averaged: 0, 1 or both.
  public var targetClassIds: [Int]
  /// From what on a prediction is class 1.
  public var threshold: Double

  /// Creates the metric.
  public init(targetClassIds: [Int] = [0, 1], threshold: Double = 0.5) {
    self.targetClassIds = targetClassIds
    self.threshold = threshold
  }

  var numClasses: Int { 2 }
  var averagedClasses: [Int] { targetClassIds }
  var ignoreClass: Int? { nil }
  var sparseYTrue: Bool { true }
  var sparseYPred: Bool { true }
  var axis: Int { -1 }
  public var targets: TargetForm { .binary }
  public var mistake: String? {
    classMistake ?? (threshold.isNaN ? "BinaryIoU needs a threshold, not nan" : nil)
  }
  public func aligned(_ target: Symbol, with prediction: Symbol) -> Symbol {
    targets.aligned(target, with: prediction)
  }
  public func updated(
    _ states: [Symbol], _ target: Symbol, _ prediction: Symbol, sampleWeight: Symbol?
  ) -> [Symbol] {
    let predicted = (prediction .>= threshold).cast(to: .int32)
    let isClass = (target .> -1) .& (target .< 2)
    return updated(
      states, select(isClass, target, -1).cast(to: .int32),
      select(isNaN(prediction), predicted.constant(-1), predicted), prediction,
      sampleWeight: sampleWeight)
  }
}
