/// Minimization by steps of Newton's kind, from the gradients of the last few steps: for functions
/// of some thousand numbers at most, whose value and gradient are exact.
///
/// The direction is −H·g, where H follows from the last differences of points s and of gradients y
/// in two loops; a line search that satisfies Wolfe's strong conditions finds the length:
///
///     f(x + a·d) ≤ f(x) + 10⁻⁴·a·g·d   and   |g(x + a·d)·d| ≤ 0.9·|g·d|
///
///     let minimum = LBFGS().minimize([0, 0]) { x in (value(x), gradient(x)) }
///
/// - Reference: Nocedal and Wright, Numerical Optimization, 2006, algorithms 7.4, 7.5, 3.5 and 3.6
public struct LBFGS: Sendable, Hashable {
  /// The most steps.
  public var maxIterations: Int
  /// How many steps back differences are kept.
  public var historySize: Int
  /// The largest element of the gradient at which the point counts as a minimum.
  public var gradientTolerance: Double
  /// The share of the value that a step must change it by.
  public var changeTolerance: Double

  /// Creates the method.
  public init(
    maxIterations: Int = 200, historySize: Int = 10, gradientTolerance: Double = 1e-8,
    changeTolerance: Double = 1e-12
  ) {
    self.maxIterations = maxIterations
    self.historySize = historySize
    self.gradientTolerance = gradientTolerance
    self.changeTolerance = changeTolerance
  }

  /// What a minimization came to.
  public struct Minimum: Sendable, Hashable {
    /// Why it ended.
    public enum Ending: Sendable, Hashable {
      /// The gradient is as small as it should be.
      case converged
      /// Steps no longer make the value smaller.
      case stalled
      /// There were as many steps as there may be.
      case limited
    }

    /// The best point.
    public var point: [Double]
    /// The value at the start, and after every step.
    public var values: [Double]
    /// How often value and gradient were computed.
    public var evaluations: Int
    /// Why it ended.
    public var ending: Ending
  }

  /// What is wrong with the settings, if anything is.
  public var mistake: String? {
    if maxIterations < 0 { return "LBFGS needs maxIterations of at least 0, not \(maxIterations)" }
    if historySize < 1 { return "LBFGS needs a historySize of at least 1, not \(historySize)" }
    for (name, number) in [
      ("gradientTolerance", gradientTolerance), ("changeTolerance", changeTolerance),
    ] where !(number >= 0) {
      return "LBFGS needs a \(name) of at least 0, not \(number)"
    }
    return nil
  }

  /// Finds a minimum of the function that `evaluate` gives value and gradient of, near `start`.
  ///
  /// Where a value is not finite, steps are made shorter.
  public func minimize(
    _ start: [Double],
    _ evaluate: (_ x: [Double]) throws -> (value: Double, gradient: [Double])
  ) rethrows -> Minimum {
    var evaluations = 1
    var here = Point(start, try evaluate(start))
    var values = [here.value]
    var memory = Memory(limit: max(historySize, 1))
    func result(_ ending: Minimum.Ending) -> Minimum {
      Minimum(point: here.x, values: values, evaluations: evaluations, ending: ending)
    }
    guard here.isFinite else { return result(.stalled) }
    while values.count <= maxIterations {
      let largest = here.gradient.map(\.magnitude).max() ?? 0
      if largest <= gradientTolerance { return result(.converged) }
      var direction = memory.direction(here.gradient)
      var slope = dot(direction, here.gradient)
      if !(slope < 0) {
        memory.removeAll()
        direction = here.gradient.map { -$0 }
        slope = dot(direction, here.gradient)
      }
      // Only steps with a memory have a length of their own.
      let first = memory.isEmpty ? min(1, 1 / slope.magnitude.squareRoot()) : 1
      let found = try WolfeSearch(value: here.value, slope: slope).point(first: first) { length in
        evaluations += 1
        let x = zip(here.x, direction).map { $0 + length * $1 }
        let point = Point(x, try evaluate(x))
        return (point.value, dot(point.gradient, direction), point)
      }
      guard let next = found else {
        // The memory may mislead: once more along the gradient.
        guard !memory.isEmpty else { return result(.stalled) }
        memory.removeAll()
        continue
      }
      memory.add(from: here, to: next)
      let change = (here.value - next.value).magnitude
      here = next
      values.append(here.value)
      if change <= changeTolerance * here.value.magnitude { return result(.stalled) }
    }
    return result(.limited)
  }
}

/// A point with value and gradient.
struct Point {
  let x: [Double]
  let value: Double
  let gradient: [Double]

  init(_ x: [Double], _ result: (value: Double, gradient: [Double])) {
    self.x = x
    (value, gradient) = result
  }

  var isFinite: Bool { value.isFinite && gradient.allSatisfy { $0.isFinite } }
}

/// The differences of the last points and gradients.
private struct Memory {
  let limit: Int
  private var pairs: [(s: [Double], y: [Double], curvature: Double)] = []

  init(limit: Int) { self.limit = limit }

  var isEmpty: Bool { pairs.isEmpty }

  mutating func removeAll() { pairs = [] }

  /// Notes a step, if the function curves upward along it.
  mutating func add(from old: Point, to new: Point) {
    let s = zip(new.x, old.x).map { $0 - $1 }, y = zip(new.gradient, old.gradient).map { $0 - $1 }
    let curvature = dot(s, y)
    guard curvature > 1e-12 * dot(y, y) else { return }
    if pairs.count == limit { pairs.removeFirst() }
    pairs.append((s, y, curvature))
  }

  /// −H·g
  func direction(_ gradient: [Double]) -> [Double] {
    var q = gradient.map { -$0 }
    var shares: [Double] = []
    for pair in pairs.reversed() {
      let share = dot(pair.s, q) / pair.curvature
      shares.append(share)
      for i in q.indices { q[i] -= share * pair.y[i] }
    }
    if let last = pairs.last {
      let scale = last.curvature / dot(last.y, last.y)
      for i in q.indices { q[i] *= scale }
    }
    for (pair, share) in zip(pairs, shares.reversed()) {
      let other = share - dot(pair.y, q) / pair.curvature
      for i in q.indices { q[i] += other * pair.s[i] }
    }
    return q
  }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for i in a.indices { sum += a[i] * b[i] }
  return sum
}
