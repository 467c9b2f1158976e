import TensorGraph

/// The losses that strings and files can name, with every default.
let knownLosses = KnownValues<any Loss>(
  kind: "loss",
  entries: [
    named(SparseCategoricalCrossentropy()),
    named(CategoricalCrossentropy()),
    named(CategoricalFocalCrossentropy()),
    named(CategoricalGeneralizedCrossEntropy()),
    named(BinaryCrossentropy(), "bce"),
    named(BinaryFocalCrossentropy()),
    named(KLDivergence(), "kld"),
    named(Poisson()),
    named(MeanSquaredError(), "mse"),
    named(MeanAbsoluteError(), "mae"),
    named(MeanAbsolutePercentageError(), "mape"),
    named(MeanSquaredLogarithmicError(), "msle"),
    named(Huber()),
    named(LogCosh()),
    named(CosineSimilarity()),
    named(Hinge()),
    named(SquaredHinge()),
    named(CategoricalHinge()),
    named(Dice()),
    named(Tversky()),
    named(Circle()),
    named(CTC()),
  ])

private func named(_ loss: any Loss, _ aliases: String...) -> (names: [String], value: any Loss) {
  ([loss.className.snakeCased] + aliases + [loss.className], loss)
}

extension Choice where Value == any Loss {
  /// A loss that computes `values`, a number for each sample.
  ///
  ///     loss: .custom("capped_error") { target, prediction in
  ///       minimum(abs(prediction - target), 1).mean(axes: [-1])
  ///     }
  public static func custom(
    _ name: String, targets: TargetForm = .numbers, reduction: LossReduction = .sumOverBatchSize,
    _ values: @escaping CustomLoss.Function
  ) -> Self {
    .value(CustomLoss(name, targets: targets, reduction: reduction, values))
  }

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
