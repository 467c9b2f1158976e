import OrderedCollections
import TensorGraph

/// All that a training needs to go on where it was: bit for bit as if it had never stopped.
public struct Checkpoint: Sendable {
  /// What a training is of: a checkpoint of one goes on in another only if they agree in this.
  public struct Identity: Sendable, Hashable, Codable {
    /// The name of the model.
    public var model: String
    /// What first weights, shuffling and random numbers follow from.
    public var seed: UInt64
    /// The number of samples of a step.
    public var batchSize: Int
    /// The number of samples of an epoch, if it is known.
    public var sampleCount: Int?
    /// The number of steps of an epoch, if it is known.
    public var stepsPerEpoch: Int?
    /// The number of samples to validate with, if it is known.
    public var validationSampleCount: Int?
  }

  /// Where in a training a checkpoint is.
  public struct Progress: Sendable, Hashable, Codable {
    /// The epoch that goes on or comes next, counted from 0.
    public var epoch: Int
    /// Whether callbacks know that it has begun.
    public var hasBegun: Bool
    /// How many steps of it are done.
    public var step: Int
    /// How many samples of it were seen.
    public var samples: Int
    /// Whether that were all: only the validation of the epoch is left.
    public var isWhole: Bool
    /// The epoch of the source of batches that the next one comes from.
    public var sourceEpoch: Int
    /// Which batch of it comes next.
    public var sourceBatch: Int
    /// How often the validation data were gone through.
    public var validations: Int
    /// Whether a schedule still says the learning rate: not once it was set by hand.
    public var followsSchedule: Bool
    /// Whether a callback has ended the training.
    public var isStopped: Bool
    /// Why it did.
    public var reason: String?
  }

  /// What it is a checkpoint of.
  public var identity: Identity
  /// Where it is.
  public var progress: Progress
  /// The values of weights, states, random numbers, metrics and optimizer, by name.
  public var variables: OrderedDictionary<String, Tensor>
  /// The epochs that are finished.
  public var epochs: [EpochReport]
  /// What callbacks must know to go on: by class, with a number from the second one of a class on.
  public var callbacks: OrderedDictionary<String, CallbackState>

  /// Creates a checkpoint of its parts, as a file has them.
  public init(
    identity: Identity, progress: Progress, variables: OrderedDictionary<String, Tensor>,
    epochs: [EpochReport], callbacks: OrderedDictionary<String, CallbackState>
  ) {
    self.identity = identity
    self.progress = progress
    self.variables = variables
    self.epochs = epochs
    self.callbacks = callbacks
  }
}

extension Checkpoint.Identity {
  init(_ plan: TrainingPlan, seed: UInt64) {
    self.init(
      model: plan.model, seed: seed, batchSize: plan.batchSize, sampleCount: plan.sampleCount,
      stepsPerEpoch: plan.stepsPerEpoch, validationSampleCount: plan.validationSampleCount)
  }

  /// What a training of `other` does in another way, in words.
  fileprivate func difference(from other: Self) -> (got: String, expected: String)? {
    func text(_ count: Int?, _ what: String) -> String {
      "\(count.map(String.init) ?? "an unknown number of") \(what)"
    }
    let pairs = [
      (model, other.model),
      ("seed \(seed)", "seed \(other.seed)"),
      (text(batchSize, "samples a step"), text(other.batchSize, "samples a step")),
      (text(sampleCount, "samples"), text(other.sampleCount, "samples")),
      (text(stepsPerEpoch, "steps an epoch"), text(other.stepsPerEpoch, "steps an epoch")),
      (
        text(validationSampleCount, "samples to validate with"),
        text(other.validationSampleCount, "samples to validate with")
      ),
    ]
    return pairs.first { $0.0 != $0.1 }.map { (got: $0.0, expected: $0.1) }
  }
}

extension Checkpoint {
  /// Throws unless it is one of a training of `identity` with these callbacks.
  func check(_ identity: Identity, callbacks names: some Sequence<String>) throws(GraphError) {
    if let (got, expected) = self.identity.difference(from: identity) {
      throw GraphError(
        "the checkpoint is one of another training: \(got), not \(expected)",
        hint: "go on with the model, the data and the options it was begun with")
    }
    if let missing = callbacks.keys.first(where: { !names.contains($0) }) {
      throw GraphError(
        "the checkpoint has what \(missing) remembers, which this training does not have",
        hint: "go on with the callbacks it was begun with")
    }
  }
}

/// `callbacks` by the names that checkpoints have for them.
func named(_ callbacks: [any Callback]) -> [(name: String, callback: any Callback)] {
  var counts: [String: Int] = [:]
  return callbacks.map { callback in
    let name = typeName(type(of: callback))
    counts[name, default: 0] += 1
    let count = counts[name] ?? 1
    return (count == 1 ? name : "\(name)_\(count)", callback)
  }
}

extension Model {
  /// The names of all variables: weights by path, then those of training; each different.
  private func variableNames(_ compilation: Compilation) -> [String] {
    let metrics = compilation.meters.flatMap { meter in
      meter.states.map { "metrics/\(meter.name)/\($0.name)" }
    }
    let optimizer = compilation.optimizer.variables(for: compilation.trained).map {
      "optimizer/\($0.path(compilation.trained))"
    }
    let names =
      declarations.map { "weights/\($0.path)" } + ["random"] + metrics
      + ["optimizer/iteration", "optimizer/learning_rate"] + optimizer
    var counts: [String: Int] = [:]
    return names.map { name in
      counts[name, default: 0] += 1
      let count = counts[name] ?? 1
      return count == 1 ? name : "\(name)#\(count)"
    }
  }

  /// The values of all variables, by name.
  func checkpointVariables(_ compilation: Compilation) -> OrderedDictionary<String, Tensor> {
    OrderedDictionary(
      zip(variableNames(compilation), variables), uniquingKeysWith: { first, _ in first })
  }

  /// Gives all variables the values of a checkpoint.
  ///
  /// - Throws: when the checkpoint is one of another model or of other settings; then nothing has
  ///   changed.
  func restore(
    _ values: OrderedDictionary<String, Tensor>, _ compilation: Compilation
  ) throws(GraphError) {
    let hint = "it is one of another model, or of other compile settings"
    let names = variableNames(compilation)
    var restored = variables
    for (index, name) in names.enumerated() {
      guard let value = values[name] else {
        throw GraphError("the checkpoint has no \(name)", hint: hint)
      }
      guard value.type == variables[index].type else {
        throw GraphError(
          "\(name) is \(value.type) in the checkpoint, and \(variables[index].type) in \(self.name)",
          hint: hint)
      }
      restored[index] = value
    }
    let known = Set(names)
    if let extra = values.keys.first(where: { !known.contains($0) }) {
      throw GraphError(
        "the checkpoint has \(extra), which \(self.name) does not have", hint: hint)
    }
    variables = restored
  }
}
