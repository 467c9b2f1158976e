/// The least time that something took.
struct Stopwatch {
  /// In seconds for one execution.
  private(set) var best = Double.infinity
  private var repeats = 1

  /// Runs `body` as often as takes a noticeable time, and notes the mean of one.
  ///
  /// The least of several means is what the machine can do when nothing else disturbs it.
  mutating func time(_ body: () throws -> Void) rethrows {
    let clock = ContinuousClock()
    let elapsed = try clock.measure {
      for _ in 0..<repeats { try body() }
    }
    let seconds = elapsed / .seconds(1) / Double(repeats)
    best = min(best, seconds)
    repeats = min(max(Int(0.02 / max(seconds, 1e-9)), 1), 10_000)
  }

  /// What `body` gives, and how long it took, in seconds, to do so once.
  static func once<Result>(_ body: () throws -> Result) rethrows -> (Result, seconds: Double) {
    let clock = ContinuousClock(), start = clock.now
    let result = try body()
    return (result, (clock.now - start) / .seconds(1))
  }
}
