import TensorGraph

extension Optimizer {
  /// What is wrong with `number`, which is the share of something that is kept.
  func share(_ name: String, _ number: Double) -> String? {
    (0...1).contains(number) ? nil : "\(className) needs \(name) from 0 to 1, not \(number)"
  }

  /// What is wrong with `number`, which a running average starts from zero with.
  func beta(_ name: String, _ number: Double) -> String? {
    (0..<1).contains(number)
      ? nil : "\(className) needs \(name) from 0 to below 1, not \(number)"
  }

  /// What is wrong with `number`, which is at least 0.
  func notNegative(_ name: String, _ number: Double) -> String? {
    number >= 0 && number.isFinite
      ? nil : "\(className) needs \(name) of at least 0, not \(number)"
  }
}
