import TensorGraph

/// Numbers from 0 to 1 that predictions are compared with.
struct Thresholds: Sendable {
  /// The numbers, in any order.
  let values: [Double]

  init(_ values: [Double]) { self.values = values }

  /// `count` numbers at equal distances from 0 to 1; a single one is a half.
  init(count: Int) {
    let last = Double(count - 1)
    values = count == 1 ? [0.5] : (0..<count).map { Double($0) / last }
  }

  /// The most there may be, so that their counts fit into memory.
  static let limit = 1 << 20

  /// What is wrong with the numbers that were asked for, if anything is.
  static func mistake(_ values: [Double]?, of className: String) -> String? {
    guard let values else { return nil }
    if values.isEmpty { return "\(className) needs at least 1 threshold" }
    if values.count > limit { return "\(className) cannot count at \(values.count) thresholds" }
    return values.first { !(0...1).contains($0) }.map {
      "\(className) needs thresholds from 0 to 1, not \($0)"
    }
  }

  /// Whether they are at equal distances from 0 to 1, to within rounding.
  private var areEven: Bool {
    let last = Double(values.count - 1)
    return values.count > 2
      && values.enumerated().allSatisfy { index, value in
        let even = Double(index) / last
        return abs(value - even) <= 1e-7 + 1e-5 * abs(even)
      }
  }

  /// In ascending order, and where each is in it.
  private var ordered: (values: [Double], positions: [Int32]?) {
    let order = values.indices.sorted { values[$0] < values[$1] }
    guard order != Array(values.indices) else { return (values, nil) }
    var positions = [Int32](repeating: 0, count: values.count)
    for (position, index) in order.enumerated() { positions[index] = Int32(position) }
    return (order.map { values[$0] }, positions)
  }

  /// How many thresholds each element of `prediction` is above: `int32`, in its shape.
  ///
  /// What is no number is above none.
  private func below(_ prediction: Symbol) -> Symbol {
    if areEven, let first = values.first {
      // The place is known without looking at each threshold. As in Keras what is outside of 0…1
      // counts as 0 or 1, and where the first threshold is below 0 everything is above it.
      let known = select(isNaN(prediction), prediction.constant(0), prediction)
      let place = ceil(clip(known, 0, 1) * Double(values.count - 1)).cast(to: .int32)
      return first < 0 ? maximum(place, 1) : place
    }
    let levels = prediction.trace.constant(
      Tensor(TensorType(prediction.dtype, [values.count, 1]), numbers: ordered.values))
    let isAbove = prediction.reshaped([1, prediction.shape.count]) .> levels
    return isAbove.cast(to: .float32).sum(axes: [0]).cast(to: .int32).reshaped(prediction.shape)
  }

  /// The counts of a batch at each threshold, `float64[thresholds]`, or
  /// `float64[thresholds, labels]` with `isPerLabel`.
  ///
  /// Each element is put into the bin between two thresholds where it lies: the work does not grow
  /// with the number of thresholds, but for that of comparing with uneven ones.
  ///
  /// - Parameters:
  ///   - target: what is not 0 is positive.
  ///   - prediction: in the shape of `target`.
  ///   - weight: how much each element counts, of a shape that goes with theirs.
  ///   - isPerLabel: whether each entry of the last axis has its own counts.
  /// - Returns: how many elements are true and false positives and negatives.
  func counts(
    _ target: Symbol, _ prediction: Symbol, weight: Symbol?, isPerLabel: Bool = false
  ) -> ConfusionCounts {
    let trace = prediction.trace, shape = prediction.shape
    guard target.isValid, prediction.isValid, weight?.isValid ?? true else {
      return ConfusionCounts(all: trace.invalid)
    }
    let labels = isPerLabel ? shape[-1] : 1, bins = values.count + 1
    // float32 counts a batch exactly, but does not add weights so.
    let dtype: DType = weight == nil && shape.count < 1 << 24 ? .float32 : .float64
    let amount =
      weight.map { $0.cast(to: dtype).broadcast(to: shape) }
      ?? trace.constant(1, shape, dtype: dtype)
    let isPositive = target .!= 0
    let sides = stack(
      [select(isPositive, amount, 0), select(isPositive, amount.constant(0), amount)], axis: -1)
    var bin = below(prediction)
    if labels > 1 {
      bin = bin * Double(labels) + trace.iota(shape, axis: shape.rank - 1)
    }
    let sums = sides.reshaped([shape.count, 2])
      .scattered(at: bin.reshaped([shape.count]), size: bins * labels)
      .cast(to: .float64).reshaped(isPerLabel ? [bins, labels, 2] : [bins, 2])
    var above = sums.cumulativeSum(axis: 0, exclusive: true, reverse: true)
      .sliced(axis: 0, 0..<values.count)
    if let positions = ordered.positions, !areEven {
      above = above.gathered(at: trace.constant(Tensor([positions.count], positions)))
    }
    let all = sums.sum(axes: [0], keepDims: true)
    func side(_ symbol: Symbol, _ index: Int) -> Symbol { symbol.entry(index, axis: -1) }
    return ConfusionCounts(
      truePositives: side(above, 0), falsePositives: side(above, 1),
      trueNegatives: side(all, 1) - side(above, 1), falseNegatives: side(all, 0) - side(above, 0))
  }
}

/// How much of what is positive and negative was said to be so.
struct ConfusionCounts {
  let truePositives: Symbol
  let falsePositives: Symbol
  let trueNegatives: Symbol
  let falseNegatives: Symbol

  /// One of the four.
  enum Kind: String, Sendable {
    case truePositives = "true_positives"
    case falsePositives = "false_positives"
    case trueNegatives = "true_negatives"
    case falseNegatives = "false_negatives"
  }

  subscript(kind: Kind) -> Symbol {
    switch kind {
    case .truePositives: truePositives
    case .falsePositives: falsePositives
    case .trueNegatives: trueNegatives
    case .falseNegatives: falseNegatives
    }
  }
}

extension ConfusionCounts {
  fileprivate init(all symbol: Symbol) {
    self.init(
      truePositives: symbol, falsePositives: symbol, trueNegatives: symbol, falseNegatives: symbol)
  }
}

/// `a / b`, 0 where nothing was counted.
func share(_ a: Double, of b: Double) -> Double { b == 0 ? 0 : a / b }
