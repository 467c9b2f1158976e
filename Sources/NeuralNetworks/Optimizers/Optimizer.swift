import TensorGraph

/// A rule for moving weights along their gradients: hyperparameters and mathematics.
///
/// A plain value. What it keeps from step to step, its variables, belongs to the model, and so does
/// the learning rate once training has begun.
///
///     struct Momentum: Optimizer {
///       var learningRate: LearningRate = 0.01
///       var options: OptimizerOptions = []
///       var slotGroups: [[OptimizerSlot]] { [["momentum"]] }
///       func update(
///         _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
///       ) -> Symbol {
///         s[0] = 0.9 * s[0] - step.size * g
///         return w + s[0]
///       }
///     }
public protocol Optimizer: Sendable, Codable, Equatable {
  /// How far steps go.
  var learningRate: LearningRate { get set }
  /// What is done around the rule: decay, clipping, averaging, accumulation.
  var options: OptimizerOptions { get set }
  /// What is kept of each weight, in Keras's order.
  ///
  /// Slots of one group are interleaved weight by weight in files; group follows group.
  var slotGroups: [[OptimizerSlot]] { get }
  /// Numbers kept for all weights together: each a scalar with what it starts as.
  var globals: [OptimizerVariable] { get }
  /// What is wrong with the hyperparameters, if anything is.
  var mistake: String? { get }
  /// What is wrong with it for a model that has these weights, if anything is.
  func mistake(for weights: [TrainedWeight]) -> String?
  /// The share of `weight` that is taken from it in a step, times the learning rate.
  func weightDecay(of weight: TrainedWeight) -> Double?
  /// The factor of a step, shared by all weights, at step `t`, a float counted from 1.
  func stepSize(_ learningRate: Symbol, step t: Symbol) -> Symbol
  /// The new values of `globals`, at step `t`, before any weight is updated.
  func advanced(_ globals: [Symbol], step t: Symbol, learningRate: Symbol) -> [Symbol]
  /// The new value of `w`; sets each of its slots in `s`, in order of `slotGroups`.
  func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol

  /// All variables for `weights`, in the order of Keras's files.
  func variables(for weights: [TrainedWeight]) -> [OptimizerVariable]
  /// What a step along `gradients` makes of weights and variables.
  func step(_ state: OptimizerState, gradients: [Symbol]) -> OptimizerState
  /// The loss whose gradients `step` is given.
  func scaled(_ loss: Symbol, _ state: OptimizerState) -> Symbol
  /// What is set before each step, by the name of a variable for all weights.
  var schedules: [String: LearningRate] { get }
  /// What Keras's files have of the optimizer.
  func storage(for weights: [TrainedWeight]) -> OptimizerStorage
}

/// What an update of a weight knows of its step.
public struct OptimizerStep {
  /// The learning rate, `float32[]`.
  public let learningRate: Symbol
  /// The factor that `stepSize` gave.
  public let size: Symbol
  /// The number of the step, counted from 1, `float32[]`.
  public let t: Symbol
  /// What `advanced` gave.
  public let globals: [Symbol]
  /// The weight.
  public let weight: TrainedWeight
}

/// Weights and an optimizer's variables as symbols, before or after a step.
public struct OptimizerState {
  /// The weights, described.
  public let descriptions: [TrainedWeight]
  /// The weights.
  public var weights: [Symbol]
  /// The variables, in order of `variables(for:)`.
  public var variables: [Symbol]
  /// How many steps there were: before a step without it, after it with it, `int64[]`.
  public var iteration: Symbol
  /// The learning rate, `float32[]`.
  public let learningRate: Symbol

  /// Creates the state before a step.
  public init(
    _ descriptions: [TrainedWeight], weights: [Symbol], variables: [Symbol], iteration: Symbol,
    learningRate: Symbol
  ) {
    self.descriptions = descriptions
    self.weights = weights
    self.variables = variables
    self.iteration = iteration
    self.learningRate = learningRate
  }
}

extension Optimizer {
  public var slotGroups: [[OptimizerSlot]] { [] }
  public var globals: [OptimizerVariable] { [] }
  public var mistake: String? { nil }
  public func mistake(for weights: [TrainedWeight]) -> String? { nil }
  public var schedules: [String: LearningRate] { [:] }
  public func weightDecay(of weight: TrainedWeight) -> Double? {
    options.isExcludedFromDecay(weight) ? nil : options.weightDecay
  }
  public func stepSize(_ learningRate: Symbol, step t: Symbol) -> Symbol { learningRate }
  public func advanced(_ globals: [Symbol], step t: Symbol, learningRate: Symbol) -> [Symbol] {
    globals
  }

  /// The name of the class, as Keras's files have it.
  public var className: String { typeName(type(of: self)) }

  /// Mistakes every optimizer can have, then its own.
  package var firstMistake: String? {
    if let mistake = learningRate.schedule.mistake ?? options.mistake {
      return "\(className) \(mistake)"
    }
    return mistake
  }
}
