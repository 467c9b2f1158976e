/// The search for a length of a step that satisfies Wolfe's strong conditions.
///
/// - Reference: Nocedal and Wright, Numerical Optimization, 2006, algorithms 3.5 and 3.6
package struct WolfeSearch {
  /// The value before the step.
  let value: Double
  /// Its derivative along the direction, below 0.
  let slope: Double
  /// The share of the first derivative's promise that the value must fall by.
  var decrease = 1e-4
  /// The share of the first derivative that the last one may have.
  var curvature = 0.9

  package init(value: Double, slope: Double) {
    self.value = value
    self.slope = slope
  }

  /// Value and derivative at a length, and what the caller wants to have of it.
  private struct Trial<Result> {
    let length: Double, value: Double, slope: Double
    let result: Result?

    var isFinite: Bool { value.isFinite && slope.isFinite }
  }

  /// What `evaluate` gave for a length that is fit; nothing when none was found.
  package func point<Result>(
    first: Double, _ evaluate: (Double) throws -> (value: Double, slope: Double, Result)
  ) rethrows -> Result? {
    func trial(_ length: Double) throws -> Trial<Result> {
      let (value, slope, result) = try evaluate(length)
      return Trial(length: length, value: value, slope: slope, result: result)
    }
    var last = Trial<Result>(length: 0, value: value, slope: slope, result: nil)
    var length = first
    for round in 0..<30 {
      let next = try trial(length)
      guard next.isFinite else {
        length = (last.length + length) / 2
        continue
      }
      if !isLower(next) || (round > 0 && next.value >= last.value && last.length > 0) {
        return try zoom(last, next, trial)
      }
      if isFlat(next) { return next.result }
      if next.slope >= 0 { return try zoom(next, last, trial) }
      last = next
      length *= 2
    }
    return last.result
  }

  private func isLower(_ trial: Trial<some Any>) -> Bool {
    trial.value <= value + decrease * trial.length * slope
  }

  private func isFlat(_ trial: Trial<some Any>) -> Bool {
    trial.slope.magnitude <= -curvature * slope
  }

  /// Narrows the interval between `low`, the lower end, and `high` down to a fit length.
  private func zoom<Result>(
    _ low: Trial<Result>, _ high: Trial<Result>, _ trial: (Double) throws -> Trial<Result>
  ) rethrows -> Result? {
    var low = low, high = high
    for _ in 0..<30 {
      let next = try trial(between(low, high))
      if !next.isFinite || !isLower(next) || next.value >= low.value {
        high = next
      } else {
        if isFlat(next) { return next.result }
        if next.slope * (high.length - low.length) >= 0 { high = low }
        low = next
      }
      if (high.length - low.length).magnitude <= 1e-12 * max(high.length, low.length) { break }
    }
    return low.result
  }

  /// The minimum of the cubic through both ends, well within them.
  private func between<Result>(_ a: Trial<Result>, _ b: Trial<Result>) -> Double {
    let width = b.length - a.length, middle = a.length + width / 2
    guard b.isFinite else { return a.length + width / 10 }
    let d = a.slope + b.slope - 3 * (b.value - a.value) / width
    let radicand = d * d - a.slope * b.slope
    guard radicand >= 0 else { return middle }
    let root = width < 0 ? -radicand.squareRoot() : radicand.squareRoot()
    let length = b.length - width * (b.slope + root - d) / (b.slope - a.slope + 2 * root)
    let share = (length - a.length) / width
    return share > 0.1 && share < 0.9 ? length : middle
  }
}
