import Foundation

extension AUC {
  /// The area under the curve through `points`, in the order of their thresholds.
  func area(_ points: [RateCounts]) -> Double {
    let steps = zip(points, points.dropFirst())
    if curve == .pr, summationMethod == .interpolation {
      return steps.reduce(0) { $0 + interpolated($1.0, $1.1) }
    }
    return steps.reduce(0) { sum, step in
      let (a, b) = (coordinates(step.0), coordinates(step.1))
      let height =
        switch summationMethod {
        case .interpolation: (a.y + b.y) / 2
        case .minoring: min(a.y, b.y)
        case .majoring: max(a.y, b.y)
        }
      return sum + (a.x - b.x) * height
    }
  }

  /// Where on the curve a threshold is.
  private func coordinates(_ c: RateCounts) -> (x: Double, y: Double) {
    switch curve {
    case .roc: return (share(c.fp, of: c.fp + c.tn), c.recall)
    case .pr: return (c.recall, c.precision)
    case .prGain:
      guard c.tp != 0 else { return (0, 1) }
      let odds = share(c.tp + c.fn, of: c.tn + c.fp)
      return (max(1 - odds * c.fn / c.tp, 0), 1 - odds * c.fp / c.tp)
    }
  }

  /// The area under precision against recall between two thresholds, where true positives grow
  /// linearly with all that are found: precision does not, so that this is no trapezoid.
  private func interpolated(_ a: RateCounts, _ b: RateCounts) -> Double {
    let (p, next) = (a.tp + a.fp, b.tp + b.fp)
    let slope = share(a.tp - b.tp, of: max(p - next, 0))
    let intercept = b.tp - slope * next
    let ratio = p > 0 && next > 0 ? p / next : 1
    return share(slope * (a.tp - b.tp + intercept * log(ratio)), of: max(b.tp + b.fn, 0))
  }
}
