import TensorGraph

/// The mean over some classes of how much targets and predictions overlap: for each class
/// `tp / (tp + fp + fn)`, intersection over union.
///
/// - Targets: `[batch, …]`, classes counted from 0; one-hot without `sparseYTrue`.
/// - Predictions: `[batch, …]`, classes; without `sparseYPred` a number for each class.
///
/// Classes that do not occur and classes out of range do not count.
public struct IoU: ConfusionMatrixMetric, Metric {
  /// How many classes there are.
  public var numClasses: Int
  /// The classes whose overlaps are averaged.
  public var targetClassIds: [Int]
  /// A class whose targets do not count.
  public var ignoreClass: Int?
  /// Whether targets are classes, not a number for each class.
  public var sparseYTrue: Bool
  /// Whether predictions are classes; else the class with the largest number is predicted.
  public var sparseYPred: Bool
  /// The axis of the classes of what is not sparse.
  public var axis: Int

  /// Creates the metric.
  public init(
    numClasses: Int, targetClassIds: [Int], ignoreClass: Int? = nil, sparseYTrue: Bool = true,
    sparseYPred: Bool = true, axis: Int = -1
  ) {
    self.numClasses = numClasses
    self.targetClassIds = targetClassIds
    self.ignoreClass = ignoreClass
    self.sparseYTrue = sparseYTrue
    self.sparseYPred = sparseYPred
    self.axis = axis
  }

  var averagedClasses: [Int] { targetClassIds }
  public var mistake: String? { classMistake }
}

/// The mean over some classes of how much targets and predictions overlap: for each class
/// `tp / (tp + fp + fn)`, intersection over union.
///
/// - Targets: `[batch, …, classes]`, one-hot.
/// - Predictions: `[batch, …, classes]`, a number for each class; classes with `sparseYPred`.
///
/// Classes that do not occur and classes out of range do not count.
public struct OneHotIoU: ConfusionMatrixMetric, Metric {
  /// How many classes there are.
  public var numClasses: Int
  /// The classes whose overlaps are averaged.
  public var targetClassIds: [Int]
  /// A class whose targets do not count.
  public var ignoreClass: Int?
  /// Whether predictions are classes; else the class with the largest number is predicted.
  public var sparseYPred: Bool
  /// The axis of the classes of what is not sparse.
  public var axis: Int

  /// Creates the metric.
  public init(
    numClasses: Int, targetClassIds: [Int], ignoreClass: Int? = nil, sparseYPred: Bool = false,
    axis: Int = -1
  ) {
    self.numClasses = numClasses
    self.targetClassIds = targetClassIds
    self.ignoreClass = ignoreClass
    self.sparseYPred = sparseYPred
    self.axis = axis
  }

  var sparseYTrue: Bool { false }
  var averagedClasses: [Int] { targetClassIds }
  public var mistake: String? { classMistake }
}
