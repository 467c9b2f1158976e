/// What Keras's files have of an optimizer: variables in order, and those of optimizers inside it.
public struct OptimizerStorage: Sendable {
  /// A number or an array of a file.
  public enum Entry: Sendable, Hashable {
    /// The number of steps taken.
    case iteration
    /// The learning rate.
    case learningRate
    /// A variable, by its place in `variables(for:)`.
    case variable(Int)
    /// A number that never changes, such as that of steps of an optimizer that moves nothing.
    case constant(Double)
  }

  /// All variables, in order.
  public var entries: [Entry]
  /// The variables of optimizers inside it, by the group they are in, which are among `entries`.
  public var inner: [(group: String, entries: [Entry])] = []

  /// Creates the storage of `entries`.
  public init(_ entries: [Entry]) { self.entries = entries }

  /// The same with `count` variables before its own.
  func shifted(by count: Int) -> OptimizerStorage {
    func shifted(_ entries: [Entry]) -> [Entry] {
      entries.map { if case .variable(let index) = $0 { .variable(index + count) } else { $0 } }
    }
    var storage = OptimizerStorage(shifted(entries))
    storage.inner = inner.map { ($0.group, shifted($0.entries)) }
    return storage
  }
}

extension Optimizer {
  public func storage(for weights: [TrainedWeight]) -> OptimizerStorage {
    let count = variables(for: weights).count
    // What a schedule says is no variable.
    return OptimizerStorage(
      [.iteration] + (learningRate.constant == nil ? [] : [.learningRate])
        + (0..<count).map { .variable($0) })
  }
}
