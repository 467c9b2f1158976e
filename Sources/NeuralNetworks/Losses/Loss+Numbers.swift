import TensorGraph

/// The losses of numbers by name.
extension Choice where Value == any Loss {
  /// The mean squared error.
  public static var meanSquaredError: Self { .value(MeanSquaredError()) }
  /// The mean squared error.
  public static func meanSquaredError(reduction: LossReduction) -> Self {
    .value(MeanSquaredError(reduction: reduction))
  }

  /// The mean absolute error.
  public static var meanAbsoluteError: Self { .value(MeanAbsoluteError()) }
  /// The mean absolute error.
  public static func meanAbsoluteError(reduction: LossReduction) -> Self {
    .value(MeanAbsoluteError(reduction: reduction))
  }

  /// The mean absolute error in percent of the target.
  public static var meanAbsolutePercentageError: Self { .value(MeanAbsolutePercentageError()) }
  /// The mean absolute error in percent of the target.
  public static func meanAbsolutePercentageError(reduction: LossReduction) -> Self {
    .value(MeanAbsolutePercentageError(reduction: reduction))
  }

  /// The mean squared error of the logarithms of 1 plus the number.
  public static var meanSquaredLogarithmicError: Self { .value(MeanSquaredLogarithmicError()) }
  /// The mean squared error of the logarithms of 1 plus the number.
  public static func meanSquaredLogarithmicError(reduction: LossReduction) -> Self {
    .value(MeanSquaredLogarithmicError(reduction: reduction))
  }

  /// Quadratic near the target, linear from `delta` on.
  public static var huber: Self { huber() }
  /// Quadratic near the target, linear from `delta` on.
  public static func huber(delta: Double = 1, reduction: LossReduction = .sumOverBatchSize) -> Self
  {
    .value(Huber(delta: delta, reduction: reduction))
  }

  /// Quadratic near the target, linear far from it, smooth everywhere.
  public static var logCosh: Self { .value(LogCosh()) }
  /// Quadratic near the target, linear far from it, smooth everywhere.
  public static func logCosh(reduction: LossReduction) -> Self {
    .value(LogCosh(reduction: reduction))
  }

  /// The negative cosine of the angle between prediction and target.
  public static var cosineSimilarity: Self { cosineSimilarity() }
  /// The negative cosine of the angle between prediction and target.
  public static func cosineSimilarity(
    axis: Int = -1, reduction: LossReduction = .sumOverBatchSize
  ) -> Self {
    .value(CosineSimilarity(axis: axis, reduction: reduction))
  }

  /// For counts, and predictions that are rates.
  public static var poisson: Self { .value(Poisson()) }
  /// For counts, and predictions that are rates.
  public static func poisson(reduction: LossReduction) -> Self {
    .value(Poisson(reduction: reduction))
  }
}
