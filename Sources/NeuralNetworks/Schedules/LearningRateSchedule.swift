import TensorGraph

/// How far steps go as training goes on.
///
/// A number is a schedule that never changes:
///
///     SGD(learningRate: 0.1)
///     SGD(learningRate: .cosineDecay(initialLearningRate: 0.1, decaySteps: 1000))
///
/// A schedule of your own is a struct with its hyperparameters:
///
///     struct Halving: LearningRateSchedule {
///       var every = 1000
///       func learningRate(at step: Int) -> Double { pow(0.5, Double(step / every)) }
///     }
public protocol LearningRateSchedule: Sendable, Codable, Equatable {
  /// What is wrong with the hyperparameters, if anything is.
  var mistake: String? { get }
  /// The learning rate of a step, counted from 0.
  func learningRate(at step: Int) -> Double
}

extension LearningRateSchedule {
  public var mistake: String? { nil }
  /// The name of the class, as Keras's files have it.
  public var className: String { typeName(type(of: self)) }
}

extension Double: LearningRateSchedule {
  public var mistake: String? {
    isFinite && self >= 0 ? nil : "needs a learning rate of at least 0, not \(self)"
  }
  public func learningRate(at step: Int) -> Double { self }
}

/// The learning rate of an optimizer: a number, or a schedule.
public struct LearningRate: Sendable {
  /// How it goes.
  public let schedule: any LearningRateSchedule

  /// The learning rate that `schedule` says, which may be a number.
  public init(_ schedule: any LearningRateSchedule) { self.schedule = schedule }

  /// The number, if it never changes.
  public var constant: Double? { schedule as? Double }

  /// The learning rate of a step, counted from 0.
  public func callAsFunction(at step: Int) -> Double { schedule.learningRate(at: step) }
}

extension LearningRate: Equatable {
  public static func == (one: LearningRate, other: LearningRate) -> Bool {
    func equals<T: LearningRateSchedule>(_ schedule: T) -> Bool {
      other.schedule as? T == schedule
    }
    return equals(one.schedule)
  }
}

extension LearningRate: ExpressibleByFloatLiteral {
  public init(floatLiteral value: Double) { schedule = value }
}
