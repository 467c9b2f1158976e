extension LearningRateSchedule {
  /// What is wrong with `number`, which is at least 0.
  func rate(_ name: String, _ number: Double) -> String? {
    number >= 0 && number.isFinite ? nil : "needs \(name) of at least 0, not \(number)"
  }

  /// What is wrong with `number`.
  func finite(_ name: String, _ number: Double) -> String? {
    number.isFinite ? nil : "needs a finite \(name), not \(number)"
  }

  /// What is wrong with `count`, a number of steps.
  func steps(_ name: String, _ count: Int, from least: Int = 1) -> String? {
    count >= least ? nil : "needs \(name) of at least \(least), not \(count)"
  }
}
