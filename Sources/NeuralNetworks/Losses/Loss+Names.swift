import TensorGraph

/// The losses that strings and files can name, with every default.
let knownLosses = KnownValues<any Loss>(
  kind: "loss",
  entries: [
    named(SparseCategoricalCrossentropy()),
    named(CategoricalCrossentropy()),
    named(BinaryCrossentropy(), "bce"),
    named(MeanSquaredError(), "mse"),
    named(MeanAbsoluteError(), "mae"),
    named(Huber()),
  ])

private func named(_ loss: any Loss, _ aliases: String...) -> (names: [String], value: any Loss) {
  ([loss.className.snakeCased] + aliases + [loss.className], loss)
}

extension Choice where Value == any Loss {
  /// The cross-entropy of labels: `[batch, …]` for probabilities `[batch, …, classes]`.
  public static var sparseCategoricalCrossentropy: Self { sparseCategoricalCrossentropy() }
  /// The cross-entropy of labels: `[batch, …]` for predictions `[batch, …, classes]`.
  public static func sparseCategoricalCrossentropy(
    fromLogits: Bool = false, ignoreClass: Int? = nil
  ) -> Self {
    .value(SparseCategoricalCrossentropy(fromLogits: fromLogits, ignoreClass: ignoreClass))
  }

  /// The cross-entropy of one-hot targets or probabilities.
  public static var categoricalCrossentropy: Self { categoricalCrossentropy() }
  /// The cross-entropy of one-hot targets or probabilities.
  public static func categoricalCrossentropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0
  ) -> Self {
    .value(CategoricalCrossentropy(fromLogits: fromLogits, labelSmoothing: labelSmoothing))
  }

  /// The cross-entropy of yes-or-no questions.
  public static var binaryCrossentropy: Self { binaryCrossentropy() }
  /// The cross-entropy of yes-or-no questions.
  public static func binaryCrossentropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0
  ) -> Self {
    .value(BinaryCrossentropy(fromLogits: fromLogits, labelSmoothing: labelSmoothing))
  }

  /// The mean squared error.
  public static var meanSquaredError: Self { .value(MeanSquaredError()) }
  /// The mean absolute error.
  public static var meanAbsoluteError: Self { .value(MeanAbsoluteError()) }
  /// Quadratic near the target, linear from `delta` on.
  public static func huber(delta: Double = 1) -> Self { .value(Huber(delta: delta)) }

  /// The loss itself. Throws for an unknown name and for hyperparameters that make no sense.
  package func resolved() throws(GraphError) -> any Loss {
    let loss: any Loss
    switch self {
    case .named(let name): loss = try knownLosses(name)
    case .value(let value): loss = value
    }
    if let mistake = loss.mistake { throw GraphError(mistake) }
    return loss
  }
}
