import TensorGraph

/// What a random amount lies between: one number, `0.2`, or two, `[-0.1, 0.2]`.
///
/// One number stands for the range from its negative to itself, or from the least that is allowed.
public typealias Factor = OneOrMany<Double>

extension Factor {
  /// Why this cannot be the hyperparameter `name` of a layer, or nothing.
  func mistake(_ name: String, in bounds: ClosedRange<Double>) -> String? {
    guard (1...2).contains(values.count) else {
      return "\(name) needs one number or two, not \(values.count)"
    }
    guard values.allSatisfy(bounds.contains) else {
      let given = values.count == 1 ? "\(values[0])" : "\(values)"
      return "\(name) must be between \(bounds.lowerBound) and \(bounds.upperBound), not \(given)"
    }
    return nil
  }

  /// The range: two numbers in order, or from the negative of one number, but not below `least`,
  /// to it.
  func range(notBelow least: Double = -.infinity) -> (low: Double, high: Double) {
    let high = values.max() ?? 0
    if values.count == 1 { return (Swift.max(-Swift.abs(high), least), Swift.abs(high)) }
    return (values.min() ?? 0, high)
  }
}
