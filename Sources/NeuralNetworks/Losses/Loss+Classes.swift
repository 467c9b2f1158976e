import TensorGraph

/// The losses of classes, labels and masks by name.
extension Choice where Value == any Loss {
  /// The cross-entropy of labels: `[batch, …]` for predictions `[batch, …, classes]`.
  public static var sparseCategoricalCrossentropy: Self { sparseCategoricalCrossentropy() }
  /// The cross-entropy of labels: `[batch, …]` for predictions `[batch, …, classes]`.
  public static func sparseCategoricalCrossentropy(
    fromLogits: Bool = false, ignoreClass: Int? = nil, axis: Int = -1,
    reduction: LossReduction = .sumOverBatchSize
  ) -> Self {
    .value(
      SparseCategoricalCrossentropy(
        fromLogits: fromLogits, ignoreClass: ignoreClass, axis: axis, reduction: reduction))
  }

  /// The cross-entropy of one-hot targets or probabilities.
  public static var categoricalCrossentropy: Self { categoricalCrossentropy() }
  /// The cross-entropy of one-hot targets or probabilities.
  public static func categoricalCrossentropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0, axis: Int = -1,
    reduction: LossReduction = .sumOverBatchSize
  ) -> Self {
    .value(
      CategoricalCrossentropy(
        fromLogits: fromLogits, labelSmoothing: labelSmoothing, axis: axis, reduction: reduction))
  }

  /// The cross-entropy of one-hot targets, with classes that are predicted well counting less.
  public static var categoricalFocalCrossentropy: Self { categoricalFocalCrossentropy() }
  /// The cross-entropy of one-hot targets, with classes that are predicted well counting less.
  public static func categoricalFocalCrossentropy(
    alpha: OneOrMany<Double> = 0.25, gamma: Double = 2, fromLogits: Bool = false,
    labelSmoothing: Double = 0, axis: Int = -1, reduction: LossReduction = .sumOverBatchSize
  ) -> Self {
    .value(
      CategoricalFocalCrossentropy(
        alpha: alpha, gamma: gamma, fromLogits: fromLogits, labelSmoothing: labelSmoothing,
        axis: axis, reduction: reduction))
  }

  /// A cross-entropy for labels some of which are wrong.
  public static var categoricalGeneralizedCrossEntropy: Self {
    categoricalGeneralizedCrossEntropy()
  }
  /// A cross-entropy for labels some of which are wrong.
  public static func categoricalGeneralizedCrossEntropy(
    q: Double = 0.5, reduction: LossReduction = .sumOverBatchSize
  ) -> Self {
    .value(CategoricalGeneralizedCrossEntropy(q: q, reduction: reduction))
  }

  /// The cross-entropy of yes-or-no questions.
  public static var binaryCrossentropy: Self { binaryCrossentropy() }
  /// The cross-entropy of yes-or-no questions.
  public static func binaryCrossentropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0, axis: Int = -1,
    reduction: LossReduction = .sumOverBatchSize
  ) -> Self {
    .value(
      BinaryCrossentropy(
        fromLogits: fromLogits, labelSmoothing: labelSmoothing, axis: axis, reduction: reduction))
  }

  /// The cross-entropy of yes-or-no questions, with those that are answered well counting less.
  public static var binaryFocalCrossentropy: Self { binaryFocalCrossentropy() }
  /// The cross-entropy of yes-or-no questions, with those that are answered well counting less.
  public static func binaryFocalCrossentropy(
    applyClassBalancing: Bool = false, alpha: Double = 0.25, gamma: Double = 2,
    fromLogits: Bool = false, labelSmoothing: Double = 0, axis: Int = -1,
    reduction: LossReduction = .sumOverBatchSize
  ) -> Self {
    .value(
      BinaryFocalCrossentropy(
        applyClassBalancing: applyClassBalancing, alpha: alpha, gamma: gamma,
        fromLogits: fromLogits, labelSmoothing: labelSmoothing, axis: axis, reduction: reduction))
  }

  /// The divergence of predicted probabilities from given ones.
  public static var klDivergence: Self { .value(KLDivergence()) }
  /// The divergence of predicted probabilities from given ones.
  public static func klDivergence(reduction: LossReduction) -> Self {
    .value(KLDivergence(reduction: reduction))
  }

  /// How far scores are from the right side of 1, for targets of −1 and 1, or 0 and 1.
  public static var hinge: Self { .value(Hinge()) }
  /// How far scores are from the right side of 1, for targets of −1 and 1, or 0 and 1.
  public static func hinge(reduction: LossReduction) -> Self {
    .value(Hinge(reduction: reduction))
  }

  /// The square of how far scores are from the right side of 1.
  public static var squaredHinge: Self { .value(SquaredHinge()) }
  /// The square of how far scores are from the right side of 1.
  public static func squaredHinge(reduction: LossReduction) -> Self {
    .value(SquaredHinge(reduction: reduction))
  }

  /// How much less than 1 the score of the right class is ahead of all others.
  public static var categoricalHinge: Self { .value(CategoricalHinge()) }
  /// How much less than 1 the score of the right class is ahead of all others.
  public static func categoricalHinge(reduction: LossReduction) -> Self {
    .value(CategoricalHinge(reduction: reduction))
  }

  /// How little predictions and targets overlap.
  public static var dice: Self { dice() }
  /// How little predictions and targets overlap.
  public static func dice(
    axis: OneOrMany<Int>? = nil, reduction: LossReduction = .sumOverBatchSize
  ) -> Self {
    .value(Dice(axis: axis, reduction: reduction))
  }

  /// How little predictions and targets overlap, with weights for misses and false alarms.
  public static var tversky: Self { tversky() }
  /// How little predictions and targets overlap, with weights for misses and false alarms.
  public static func tversky(
    alpha: Double = 0.5, beta: Double = 0.5, axis: OneOrMany<Int>? = nil,
    reduction: LossReduction = .sumOverBatchSize
  ) -> Self {
    .value(Tversky(alpha: alpha, beta: beta, axis: axis, reduction: reduction))
  }

  /// Draws embeddings of the same label together and pushes others apart.
  public static var circle: Self { circle() }
  /// Draws embeddings of the same label together and pushes others apart.
  public static func circle(
    gamma: Double = 80, margin: Double = 0.4, removeDiagonal: Bool = true,
    reduction: LossReduction = .sumOverBatchSize
  ) -> Self {
    .value(
      Circle(gamma: gamma, margin: margin, removeDiagonal: removeDiagonal, reduction: reduction))
  }

  /// How little the steps of a sequence spell the labels, wherever they are.
  public static var ctc: Self { .value(CTC()) }
  /// How little the steps of a sequence spell the labels, wherever they are.
  public static func ctc(reduction: LossReduction) -> Self {
    .value(CTC(reduction: reduction))
  }
}
