// Metrics of numbers and distributions, and those of one's own, as `compile` is told them.

extension Choice where Value == any Metric {
  /// The mean squared error.
  public static var meanSquaredError: Self { .value(LossMetric(MeanSquaredError())) }
  /// The root of the mean squared error.
  public static var rootMeanSquaredError: Self { .value(RootMeanSquaredError()) }
  /// The mean absolute error.
  public static var meanAbsoluteError: Self { .value(LossMetric(MeanAbsoluteError())) }
  /// The mean error in percent of the target.
  public static var meanAbsolutePercentageError: Self {
    .value(LossMetric(MeanAbsolutePercentageError()))
  }
  /// The mean squared error of logarithms.
  public static var meanSquaredLogarithmicError: Self {
    .value(LossMetric(MeanSquaredLogarithmicError()))
  }
  /// The mean logarithm of the error's hyperbolic cosine.
  public static var logCoshError: Self { .value(LossMetric(LogCosh())) }
  /// The mean cosine of the angle between prediction and target.
  public static func cosineSimilarity(axis: Int = -1) -> Self {
    .value(CosineSimilarityMetric(axis: axis))
  }
  /// The share of the targets' variance that predictions explain.
  public static func r2Score(
    classAggregation: ClassAggregation? = .uniformAverage, numRegressors: Int = 0
  ) -> Self { .value(R2Score(classAggregation: classAggregation, numRegressors: numRegressors)) }
  /// How linearly predictions follow targets along an axis.
  public static func pearsonCorrelation(axis: Int = -1) -> Self {
    .value(PearsonCorrelation(axis: axis))
  }
  /// How well predictions agree with targets along an axis.
  public static func concordanceCorrelation(axis: Int = -1) -> Self {
    .value(ConcordanceCorrelation(axis: axis))
  }

  /// The divergence of predicted distributions from given ones.
  public static var klDivergence: Self { .value(LossMetric(KLDivergence())) }
  /// The negative log-likelihood of counts with predicted means.
  public static var poisson: Self { .value(LossMetric(Poisson())) }
  /// The cross-entropy of yes-or-no questions.
  public static func binaryCrossentropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0
  ) -> Self {
    .value(
      LossMetric(BinaryCrossentropy(fromLogits: fromLogits, labelSmoothing: labelSmoothing)))
  }
  /// The cross-entropy of one-hot targets or probabilities.
  public static func categoricalCrossentropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0, axis: Int = -1
  ) -> Self {
    .value(
      LossMetric(
        CategoricalCrossentropy(
          fromLogits: fromLogits, labelSmoothing: labelSmoothing, axis: axis)))
  }
  /// The cross-entropy of labels.
  public static func sparseCategoricalCrossentropy(
    fromLogits: Bool = false, ignoreClass: Int? = nil, axis: Int = -1
  ) -> Self {
    .value(
      LossMetric(
        SparseCategoricalCrossentropy(
          fromLogits: fromLogits, ignoreClass: ignoreClass, axis: axis)))
  }
  /// How far predictions are from being on the right side of a margin.
  public static var hinge: Self { .value(LossMetric(Hinge())) }
  /// The square of how far predictions are from being on the right side of a margin.
  public static var squaredHinge: Self { .value(LossMetric(SquaredHinge())) }
  /// How far the right class is from being ahead of the others by a margin.
  public static var categoricalHinge: Self { .value(LossMetric(CategoricalHinge())) }

  /// The mean of all predictions, for loops of one's own.
  public static var mean: Self { .value(Mean()) }
  /// The sum of all predictions, for loops of one's own.
  public static var sum: Self { .value(Sum()) }
  /// The mean of any loss.
  public static func loss(_ loss: some Loss) -> Self { .value(LossMetric(loss)) }
  /// The mean of `values`, a number for each sample.
  ///
  ///     metrics: [.custom("within_one") { target, prediction in
  ///       (abs(prediction - target) .< 1).cast(to: .float32).mean(axes: [-1])
  ///     }]
  public static func custom(
    _ name: String, targets: TargetForm = .numbers, _ values: @escaping CustomMetric.Function
  ) -> Self { .value(CustomMetric(name, targets: targets, values)) }
}
