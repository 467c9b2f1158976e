import TensorGraph

/// The schedules that files can name, with hyperparameters for what a file leaves out.
let knownSchedules = KnownValues<any LearningRateSchedule>(
  kind: "learning rate schedule",
  entries: (kerasSchedules + ownSchedules).map { ([$0.className], $0) })

private let kerasSchedules: [any LearningRateSchedule] = [
  CosineDecay(initialLearningRate: 0.01, decaySteps: 1000),
  CosineDecayRestarts(initialLearningRate: 0.01, firstDecaySteps: 1000),
  ExponentialDecay(initialLearningRate: 0.01, decaySteps: 1000, decayRate: 0.9),
  InverseTimeDecay(initialLearningRate: 0.01, decaySteps: 1000, decayRate: 0.9),
  PiecewiseConstantDecay(boundaries: [], values: [0.01]),
  PolynomialDecay(initialLearningRate: 0.01, decaySteps: 1000),
]

private let ownSchedules: [any LearningRateSchedule] = [
  OneCycle(maximum: 0.01, totalSteps: 1000), LinearWarmup(steps: 100, to: 0.01),
]

/// A number as it is, a schedule as an object with its class.
extension LearningRate: Codable {
  public init(from decoder: any Decoder) throws {
    if let number = try? Double(from: decoder) {
      schedule = number
      return
    }
    let json = try JSONValue(from: decoder)
    guard let className = json["class_name"]?.string else {
      throw ConfigurationError("expected a learning rate or a schedule, found \(json.short)")
    }
    let example: any LearningRateSchedule
    do throws(GraphError) {
      example = try knownSchedules(className)
    } catch {
      throw ConfigurationError(error.message, hint: error.hint)
    }
    func read<T: LearningRateSchedule>(_ example: T) throws -> any LearningRateSchedule {
      try KerasObject.decoded(json, over: example, className: example.className)
    }
    schedule = try read(example)
  }

  public func encode(to encoder: any Encoder) throws {
    if let constant { return try constant.encode(to: encoder) }
    try json().encode(to: encoder)
  }
}

extension LearningRate: WrittenAsObject {
  func json() throws(ConfigurationError) -> JSONValue {
    if let constant { return .number(constant) }
    func json<T: LearningRateSchedule>(_ schedule: T) throws(ConfigurationError) -> JSONValue {
      let isOwn = ownSchedules.contains { $0.className == schedule.className }
      return try KerasObject.json(
        schedule, module: isOwn ? "strata" : "keras.optimizers.schedules",
        className: schedule.className, name: schedule.className)
    }
    return try json(schedule)
  }
}
