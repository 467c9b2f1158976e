import TensorGraph

/// From where on a number is an illness. All are far from what healthy networks show: advice that is
/// wrong is worse than none.
private enum Threshold {
  /// The share of a layer's units that never fire. Some always do not; with 40 % and more the layer
  /// is not the one that was meant.
  static let dead = 0.4
  /// A step that moves weights by a tenth of themselves forgets in ten steps what they were; healthy
  /// is about a thousandth.
  static let highUpdate = 0.1
  /// A hundred thousand steps would not make other weights of these.
  static let lowUpdate = 1e-5
  /// Norms of gradients of sound losses are about 1; a thousand is an input or a target that is not
  /// scaled, or a recurrence that multiplies.
  static let gradient = 1e3
  /// By how much a norm grows over the training, and above what it counts.
  static let growth = (factor: 100.0, from: 10.0)
  /// The gradient of the first layer, as a share of that of the last: each saturated layer costs
  /// about a factor of four, a healthy network as a whole less than ten.
  static let vanishing = 1e-3
  /// The share of values at the ends of sigmoids and tanhs, where the gradient is nearly 0.
  static let saturated = 0.5
  /// By what share a loss must fall to have moved, and in how many epochs.
  static let movement = (share: 0.01, epochs: 3)
  /// For how many epochs, and by what share, a validation loss is above its best.
  static let overfitting = (epochs: 3, share: 0.05)
  /// How many steps must have been looked at to judge layers.
  static let looks = 2
}

extension DoctorReport {
  /// What is wrong, the worst first: causes, and consequences only without them.
  package func advice(
    _ history: History, learningRate: Double?, isClipped: Bool = false
  ) -> [Doubt] {
    if let breakdown { return [breakdown] }
    var doubts: [Doubt] = []
    if epochs.reduce(0, { $0 + $1.stepCount }) >= Threshold.looks {
      doubts = deadDoubts
      if doubts.isEmpty, !isClipped { doubts = explodedDoubts }
      if doubts.isEmpty { doubts = saturatedDoubts }
      if doubts.isEmpty { doubts = disconnectedDoubts }
      if doubts.isEmpty { doubts = speedDoubts(learningRate, isClipped) }
      if doubts.isEmpty { doubts = vanishingDoubts }
    }
    if doubts.isEmpty { doubts = stillDoubts(history["loss"], learningRate) }
    return doubts + overfittingDoubts(history)
  }

  private var layers: [LayerReport] { epochs.last?.layers ?? [] }

  /// Rectifiers that never fire.
  private var deadDoubts: [Doubt] {
    worst(layers.filter { $0.deadShare ?? 0 >= Threshold.dead }, \.deadShare) { layer, others in
      Doubt(
        "\(percent(layer.deadShare ?? 0)) of the units of \(layer.path)\(others) are dead: their "
          + "ReLU gives 0 for every sample",
        hint: "use a smaller learning rate, LeakyReLU, or the initializer heNormal")
    }
  }

  /// Layers that the loss does not depend on.
  private var disconnectedDoubts: [Doubt] {
    let layers = layers.filter { layer in
      epochs.allSatisfy { epoch in
        epoch.layers.first { $0.path == layer.path }?.gradientNorm == 0
      }
    }
    guard !layers.isEmpty else { return [] }
    return [
      Doubt(
        "the loss does not depend on the weights of \(listed(layers)): their gradient is 0",
        hint: "see that the output is used, and no stopGradient or rounding lies behind it")
    ]
  }

  /// Gradients that were too large from the beginning.
  private var explodedDoubts: [Doubt] {
    guard let first = epochs.first.flatMap(steepest), let norm = first.gradientNorm,
      norm > Threshold.gradient
    else { return [] }
    return [explodingDoubt(first.path, norm)]
  }

  /// The layer with the largest gradient.
  private func steepest(_ epoch: EpochReport) -> LayerReport? {
    epoch.layers.max { $0.gradientNorm ?? 0 < $1.gradientNorm ?? 0 }
  }

  /// Steps that go too far, or gradients that have become too large.
  private func speedDoubts(_ learningRate: Double?, _ isClipped: Bool) -> [Doubt] {
    guard let first = epochs.first.flatMap(steepest), let last = epochs.last.flatMap(steepest),
      let before = first.gradientNorm, let after = last.gradientNorm
    else { return [] }
    for epoch in epochs {
      let moved = epoch.layers.filter { $0.updateRatio != nil }
      let far = moved.filter { $0.updateRatio ?? 0 > Threshold.highUpdate }
      guard far.count * 2 > moved.count else { continue }
      return worst(far, \.updateRatio) { layer, others in
        Doubt(
          "a step changes the weights of \(layer.path)\(others) by "
            + "\(percent(min(layer.updateRatio ?? 0, 1e6))) of themselves",
          hint: "the learning rate is too high: try "
            + (learningRate.map { fourDigits($0 / 10) } ?? "a tenth"))
      }
    }
    let hasGrown = after > Threshold.growth.factor * before && after > Threshold.growth.from
    return !isClipped && (after > Threshold.gradient || hasGrown)
      ? [explodingDoubt(last.path, after)] : []
  }

  private func explodingDoubt(_ path: String, _ norm: Double) -> Doubt {
    Doubt(
      "gradients explode: that of \(path) has the norm \(fourDigits(norm))",
      hint: "give the optimizer the option clipnorm(1), and scale inputs and targets to about 1")
  }

  /// Sigmoids, hyperbolic tangents and gates at their ends.
  private var saturatedDoubts: [Doubt] {
    worst(
      layers.filter { $0.saturatedShare ?? 0 > Threshold.saturated }, \.saturatedShare
    ) { layer, others in
      Doubt(
        "\(percent(layer.saturatedShare ?? 0)) of the values of \(layer.path)\(others) are "
          + "saturated: their gradient is nearly 0",
        hint: "scale the inputs to about 1, use a smaller learning rate, or normalize before it")
    }
  }

  /// Gradients that do not reach the first layer.
  private var vanishingDoubts: [Doubt] {
    let learning = layers.filter { $0.gradientNorm ?? 0 > 0 }
    guard learning.count > 2, let first = learning.first, let last = learning.last,
      let near = first.gradientNorm, let far = last.gradientNorm, near < Threshold.vanishing * far
    else { return [] }
    return [
      Doubt(
        "gradients vanish: that of \(first.path) has the norm \(fourDigits(near)), that of "
          + "\(last.path) \(fourDigits(far))",
        hint: "use relu instead of sigmoid or tanh, shortcuts around layers, or BatchNormalization")
    ]
  }

  /// A loss that stays where it is.
  private func stillDoubts(_ losses: [Double], _ learningRate: Double?) -> [Doubt] {
    guard losses.count >= Threshold.movement.epochs, let first = losses.first,
      let best = losses.min(), first - best <= Threshold.movement.share * abs(first)
    else { return [] }
    let moved = layers.compactMap(\.updateRatio)
    if moved.filter({ $0 < Threshold.lowUpdate }).count * 2 > moved.count {
      return [
        Doubt(
          "the loss does not fall, and a step changes most weights by less than 0.001 % of "
            + "themselves",
          hint: "the learning rate is too low: try "
            + (learningRate.map { fourDigits($0 * 10) } ?? "ten times as much") + " or more")
      ]
    }
    return [
      Doubt(
        "the loss does not fall: it was \(fourDigits(first)) in the first epoch, and never below "
          + fourDigits(best),
        hint: "see whether targets belong to their samples, and let findLearningRate look for a "
          + "learning rate")
    ]
  }

  /// A network that learns its samples by heart.
  private func overfittingDoubts(_ history: History) -> [Doubt] {
    let known = history.epochs.filter { $0.logs["val_loss"] != nil }
    guard history.ending != .stopped,
      let best = known.min(by: { $0.logs["val_loss"] ?? 0 < $1.logs["val_loss"] ?? 0 }),
      let last = known.last, let lowest = best.logs["val_loss"], let loss = last.logs["loss"],
      loss < best.logs["loss"] ?? loss
    else { return [] }
    let since = known.filter { $0.epoch > best.epoch }.suffix(Threshold.overfitting.epochs)
    let limit = lowest + Threshold.overfitting.share * abs(lowest)
    guard since.count == Threshold.overfitting.epochs,
      since.allSatisfy({ $0.logs["val_loss"] ?? 0 > limit })
    else { return [] }
    return [
      Doubt(
        "the network overfits: since epoch \(best.epoch + 1) val_loss has risen from "
          + "\(fourDigits(lowest)) to \(fourDigits(last.logs["val_loss"] ?? 0)), while loss fell",
        hint: "use EarlyStopping(restoreBestWeights: true), Dropout, or more samples")
    ]
  }
}

/// The doubt about the layer of `layers` with the largest `number`, told of how many others there
/// are; nothing without layers.
private func worst(
  _ layers: [DoctorReport.LayerReport],
  _ number: (DoctorReport.LayerReport) -> Double?,
  _ doubt: (DoctorReport.LayerReport, _ others: String) -> Doubt
) -> [Doubt] {
  guard let worst = layers.max(by: { number($0) ?? 0 < number($1) ?? 0 }) else { return [] }
  let count = layers.count - 1
  return [doubt(worst, count == 0 ? "" : " (and of \(count) more layer\(count == 1 ? "" : "s"))")]
}

/// The paths of `layers`, of many the first.
private func listed(_ layers: [DoctorReport.LayerReport]) -> String {
  layers.prefix(3).map(\.path).joined(separator: ", ")
    + (layers.count > 3 ? " and \(layers.count - 3) more layers" : "")
}
