import TensorGraph

/// A rule for moving weights along their gradients: hyperparameters and mathematics.
///
/// A plain value. What it keeps from step to step, its slots, belongs to the model, and so does
/// the learning rate once training has begun: it is a variable of the training graph that starts
/// as `learningRate`.
///
///     struct Momentum: Optimizer {
///       var learningRate = 0.01
///       var slotGroups: [[String]] { [["momentum"]] }
///       func update(
///         _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], stepSize: Symbol
///       ) -> Symbol {
///         s[0] = 0.9 * s[0] - stepSize * g
///         return w + s[0]
///       }
///     }
public protocol Optimizer: Sendable, Codable, Equatable {
  /// The learning rate training starts with.
  var learningRate: Double { get set }
  /// The share of each weight that is taken from it in a step, times the learning rate, before
  /// the gradient is applied.
  var weightDecay: Double? { get }
  /// Each gradient is scaled down until its norm is at most this.
  var clipnorm: Double? { get }
  /// Each element of a gradient is held between minus this and this.
  var clipvalue: Double? { get }
  /// All gradients are scaled down together until their common norm is at most this.
  var globalClipnorm: Double? { get }
  /// The names of the slots of a weight, in Keras's order.
  ///
  /// Slots of one group are interleaved weight by weight in files; group follows group.
  var slotGroups: [[String]] { get }
  /// What is wrong with the hyperparameters, if anything is.
  var mistake: String? { get }
  /// The factor of a step, shared by all weights, at step `t`, a float counted from 1.
  func stepSize(_ learningRate: Symbol, step t: Symbol) -> Symbol
  /// The new value of `w`; sets each slot in `s`, in order of `slotGroups`, to its new value.
  func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], stepSize: Symbol
  ) -> Symbol
}

extension Optimizer {
  public var weightDecay: Double? { nil }
  public var clipnorm: Double? { nil }
  public var clipvalue: Double? { nil }
  public var globalClipnorm: Double? { nil }
  public var slotGroups: [[String]] { [] }
  public var mistake: String? { nil }
  public func stepSize(_ learningRate: Symbol, step t: Symbol) -> Symbol { learningRate }

  /// The name of the class, as Keras's files have it.
  public var className: String { String(describing: type(of: self)) }
}

/// A slot of a weight, such as Adam's momentum of `dense/kernel`.
public struct OptimizerSlot: Sendable, Hashable {
  /// The name of the slot.
  public let name: String
  /// Which of the trained weights it belongs to.
  public let weight: Int
}

extension Optimizer {
  /// The slots of `count` weights in the order of Keras's files.
  public func slots(weights count: Int) -> [OptimizerSlot] {
    slotGroups.flatMap { group in
      (0..<count).flatMap { weight in group.map { OptimizerSlot(name: $0, weight: weight) } }
    }
  }

  /// The new values of `weights` and `slots` (in order of `slots(weights:)`) after a step along
  /// `gradients`, as Keras takes it: clip, decay, update.
  package func step(
    _ weights: [Symbol], gradients: [Symbol], slots: [Symbol], learningRate: Symbol, step t: Symbol
  ) -> (weights: [Symbol], slots: [Symbol]) {
    let gradients = clipped(gradients)
    let stepSize = stepSize(learningRate, step: t)
    let layout = self.slots(weights: weights.count)
    var newSlots = slots
    let newWeights = weights.indices.map { index in
      let own = layout.indices.filter { layout[$0].weight == index }
      var s = own.map { slots[$0] }
      var w = weights[index]
      if let weightDecay { w = w - w * weightDecay * learningRate }
      let moved = update(w, gradient: gradients[index], slots: &s, stepSize: stepSize)
      for (slot, value) in zip(own, s) { newSlots[slot] = value }
      return moved
    }
    return (newWeights, newSlots)
  }

  /// Mistakes every optimizer can have, then its own.
  package var firstMistake: String? {
    let name = className
    guard learningRate.isFinite, learningRate >= 0 else {
      return "\(name) needs a learning rate of at least 0, not \(learningRate)"
    }
    let limits = [
      ("clipnorm", clipnorm), ("clipvalue", clipvalue), ("globalClipnorm", globalClipnorm),
    ].filter { $0.1 != nil }
    guard limits.count <= 1 else {
      return "\(name) clips by one rule, not by \(limits.map(\.0).joined(separator: " and "))"
    }
    for (limit, value) in limits {
      if let value, !(value > 0) { return "\(name) needs \(limit) above 0, not \(value)" }
    }
    if let weightDecay, !(weightDecay >= 0) {
      return "\(name) needs a weight decay of at least 0, not \(weightDecay)"
    }
    return mistake
  }
}
