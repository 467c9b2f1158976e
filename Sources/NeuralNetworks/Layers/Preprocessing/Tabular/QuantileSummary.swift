/// An approximate picture of how many numbers lie below others, for data that come in parts.
///
/// Keras's, in its arithmetic: weighted samples in order, which are thinned out to `1 / epsilon`
/// by interpolating their cumulative weights.
struct QuantileSummary {
  /// The samples in order, and the number of values each stands for.
  private(set) var values: [Float] = []
  private(set) var weights: [Float] = []
  /// The share of all values by which a quantile may be wrong.
  let epsilon: Double

  init(epsilon: Double) { self.epsilon = epsilon }

  /// Adds `numbers`.
  mutating func add(_ numbers: [Float]) {
    let sorted = numbers.sorted()
    let step = max(Double(sorted.count) / (1 / epsilon), 1)
    let samples = stride(from: Int(step - 1), to: sorted.count, by: Int(step)).map { sorted[$0] }
    let pairs = zip(samples + values, samples.map { _ in Float(step) } + weights)
    let merged = pairs.enumerated().sorted {
      ($0.element.0, $0.offset) < ($1.element.0, $1.offset)
    }.map(\.element)
    values = merged.map(\.0)
    weights = merged.map(\.1)
    compress(epsilon)
  }

  /// The boundaries between `count` ranges of equally many values.
  func boundaries(of count: Int) -> [Double] {
    var summary = self
    summary.compress(1 / Double(count))
    return summary.values.dropLast().map(Double.init)
  }

  /// Keeps about `1 / epsilon` samples.
  private mutating func compress(_ epsilon: Double) {
    guard Double(values.count) * epsilon >= 1, !values.isEmpty else { return }
    var sum: Float = 0
    let cumulative = weights.map { weight in
      sum += weight
      return sum
    }
    let shares = cumulative.map { Double($0 / sum) }
    let count = Int((1 / epsilon).rounded(.up))
    let targets = (0..<count).map { epsilon + Double($0) * epsilon }
    let ends = interpolated(targets, shares, cumulative.map(Double.init))
    values = interpolated(targets, shares, values.map(Double.init)).map { Float($0) }
    weights = zip(ends, [0] + ends).map { Float($0 - $1) }
  }
}

/// The values at `x` of the line through the points `xs`, in order, and `ys`.
private func interpolated(_ x: [Double], _ xs: [Double], _ ys: [Double]) -> [Double] {
  var place = 0
  return x.map { x in
    guard x >= xs[0] else { return ys[0] }
    while place + 1 < xs.count, xs[place + 1] <= x { place += 1 }
    guard place + 1 < xs.count else { return ys[ys.count - 1] }
    let slope = (ys[place + 1] - ys[place]) / (xs[place + 1] - xs[place])
    return slope * (x - xs[place]) + ys[place]
  }
}
