// Metrics of classes and of yes-or-no questions, as `compile` is told them.

extension Choice where Value == any Metric {
  /// Binary, categorical or sparse categorical accuracy, by the shapes.
  public static var accuracy: Self { "accuracy" }
  /// How often `ŷ > threshold` is the target, 0 or 1.
  public static func binaryAccuracy(threshold: Double = 0.5) -> Self {
    .value(BinaryAccuracy(threshold: threshold))
  }
  /// How often the most probable class is the one with the largest target.
  public static var categoricalAccuracy: Self { .value(CategoricalAccuracy()) }
  /// How often the most probable class is the label.
  public static var sparseCategoricalAccuracy: Self { .value(SparseCategoricalAccuracy()) }
  /// How often the class with the largest target is among the `k` most probable ones.
  public static func topKCategoricalAccuracy(k: Int = 5) -> Self {
    .value(TopKCategoricalAccuracy(k: k))
  }
  /// How often the label is among the `k` most probable classes, or, sorted, the first `k` ones.
  public static func sparseTopKCategoricalAccuracy(k: Int = 5, fromSortedIds: Bool = false) -> Self
  {
    .value(SparseTopKCategoricalAccuracy(k: k, fromSortedIds: fromSortedIds))
  }

  /// The area under a curve of points at thresholds from 0 to 1.
  public static func auc(
    numThresholds: Int = 200, curve: AUC.Curve = .roc,
    summationMethod: AUC.Summation = .interpolation, thresholds: [Double]? = nil,
    multiLabel: Bool = false, numLabels: Int? = nil, labelWeights: [Double]? = nil,
    fromLogits: Bool = false
  ) -> Self {
    .value(
      AUC(
        numThresholds: numThresholds, curve: curve, summationMethod: summationMethod,
        thresholds: thresholds, multiLabel: multiLabel, numLabels: numLabels,
        labelWeights: labelWeights, fromLogits: fromLogits))
  }
  /// The share of what is predicted to be positive that is.
  public static func precision(
    thresholds: OneOrMany<Double>? = nil, topK: Int? = nil, classID: Int? = nil
  ) -> Self { .value(Precision(thresholds: thresholds, topK: topK, classID: classID)) }
  /// The share of what is positive that is predicted to be.
  public static func recall(
    thresholds: OneOrMany<Double>? = nil, topK: Int? = nil, classID: Int? = nil
  ) -> Self { .value(Recall(thresholds: thresholds, topK: topK, classID: classID)) }
  /// How much of what is positive is predicted to be so.
  public static func truePositives(thresholds: OneOrMany<Double>? = nil) -> Self {
    .value(TruePositives(thresholds: thresholds))
  }
  /// How much of what is negative is predicted to be so.
  public static func trueNegatives(thresholds: OneOrMany<Double>? = nil) -> Self {
    .value(TrueNegatives(thresholds: thresholds))
  }
  /// How much of what is negative is predicted to be positive.
  public static func falsePositives(thresholds: OneOrMany<Double>? = nil) -> Self {
    .value(FalsePositives(thresholds: thresholds))
  }
  /// How much of what is positive is predicted to be negative.
  public static func falseNegatives(thresholds: OneOrMany<Double>? = nil) -> Self {
    .value(FalseNegatives(thresholds: thresholds))
  }
  /// The best precision where the recall is at least this.
  public static func precisionAtRecall(
    _ recall: Double, numThresholds: Int = 200, classID: Int? = nil
  ) -> Self { .value(PrecisionAtRecall(recall, numThresholds: numThresholds, classID: classID)) }
  /// The best recall where the precision is at least this.
  public static func recallAtPrecision(
    _ precision: Double, numThresholds: Int = 200, classID: Int? = nil
  ) -> Self { .value(RecallAtPrecision(precision, numThresholds: numThresholds, classID: classID)) }
  /// The best sensitivity where the specificity is at least this.
  public static func sensitivityAtSpecificity(
    _ specificity: Double, numThresholds: Int = 200, classID: Int? = nil
  ) -> Self {
    .value(
      SensitivityAtSpecificity(specificity, numThresholds: numThresholds, classID: classID))
  }
  /// The best specificity where the sensitivity is at least this.
  public static func specificityAtSensitivity(
    _ sensitivity: Double, numThresholds: Int = 200, classID: Int? = nil
  ) -> Self {
    .value(
      SpecificityAtSensitivity(sensitivity, numThresholds: numThresholds, classID: classID))
  }
  /// The harmonic mean of precision and recall; one for each class without `average`.
  public static func f1Score(average: ScoreAverage? = nil, threshold: Double? = nil) -> Self {
    .value(F1Score(average: average, threshold: threshold))
  }
  /// Precision and recall in one number, where recall is `beta` times as important.
  public static func fBetaScore(
    average: ScoreAverage? = nil, beta: Double = 1, threshold: Double? = nil
  ) -> Self { .value(FBetaScore(average: average, beta: beta, threshold: threshold)) }

  /// The mean over some classes of intersection over union.
  public static func iou(
    numClasses: Int, targetClassIds: [Int], ignoreClass: Int? = nil, sparseYTrue: Bool = true,
    sparseYPred: Bool = true, axis: Int = -1
  ) -> Self {
    .value(
      IoU(
        numClasses: numClasses, targetClassIds: targetClassIds, ignoreClass: ignoreClass,
        sparseYTrue: sparseYTrue, sparseYPred: sparseYPred, axis: axis))
  }
  /// The mean over all classes of intersection over union.
  public static func meanIoU(
    numClasses: Int, ignoreClass: Int? = nil, sparseYTrue: Bool = true, sparseYPred: Bool = true,
    axis: Int = -1
  ) -> Self {
    .value(
      MeanIoU(
        numClasses: numClasses, ignoreClass: ignoreClass, sparseYTrue: sparseYTrue,
        sparseYPred: sparseYPred, axis: axis))
  }
  /// Intersection over union of yes and no.
  public static func binaryIoU(targetClassIds: [Int] = [0, 1], threshold: Double = 0.5) -> Self {
    .value(BinaryIoU(targetClassIds: targetClassIds, threshold: threshold))
  }
  /// The mean over some classes of intersection over union, for one-hot targets.
  public static func oneHotIoU(
    numClasses: Int, targetClassIds: [Int], ignoreClass: Int? = nil, sparseYPred: Bool = false,
    axis: Int = -1
  ) -> Self {
    .value(
      OneHotIoU(
        numClasses: numClasses, targetClassIds: targetClassIds, ignoreClass: ignoreClass,
        sparseYPred: sparseYPred, axis: axis))
  }
  /// The mean over all classes of intersection over union, for one-hot targets.
  public static func oneHotMeanIoU(
    numClasses: Int, ignoreClass: Int? = nil, sparseYPred: Bool = false, axis: Int = -1
  ) -> Self {
    .value(
      OneHotMeanIoU(
        numClasses: numClasses, ignoreClass: ignoreClass, sparseYPred: sparseYPred, axis: axis))
  }
}
