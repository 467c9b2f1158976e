import TensorGraph

/// Several optimizers, each for the weights whose paths a map gives it.
///
///     MultiOptimizer(OptimizerMap(default: Adam(), ["head/.*": SGD(learningRate: 0.1)]))
///
/// The model's learning rate is that of the map's default.
public struct MultiOptimizer: Optimizer {
  /// Which optimizer moves which weights.
  public var optimizerMap: OptimizerMap
  /// What the loss is multiplied by, and gradients are divided by again.
  public var lossScaleFactor: Double?

  /// Creates the optimizer; the scale of the loss takes the place of those in `map`.
  public init(_ map: OptimizerMap, lossScaleFactor: Double? = nil) {
    optimizerMap = map.scaled(by: lossScaleFactor)
    self.lossScaleFactor = lossScaleFactor
  }

  public var learningRate: LearningRate {
    get { optimizerMap.defaultOptimizer.learningRate }
    set { optimizerMap.defaultOptimizer.learningRate = newValue }
  }
  public var options: OptimizerOptions {
    get {
      var options = OptimizerOptions()
      options.lossScaleFactor = lossScaleFactor
      return options
    }
    set { lossScaleFactor = newValue.lossScaleFactor }
  }

  public var mistake: String? {
    if let mistake = optimizerMap.mistake { return "\(className) \(mistake)" }
    return optimizerMap.all.lazy.compactMap(\.firstMistake).first
  }

  public func mistake(for weights: [TrainedWeight]) -> String? {
    weights.lazy.compactMap { optimizerMap.mistake(at: $0.path) }.first.map {
      "\(className) \($0)"
    }
  }

  public var schedules: [String: LearningRate] {
    Dictionary(
      optimizerMap.all.dropLast().enumerated().compactMap { index, optimizer in
        optimizer.learningRate.constant == nil
          ? (Self.learningRateName(index), optimizer.learningRate) : nil
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The variable with the learning rate of the optimizer of a pattern.
  private static func learningRateName(_ index: Int) -> String { "\(index)/learning_rate" }

  /// What an optimizer of the map is for.
  private struct Part {
    let optimizer: any Optimizer
    /// The weights that it moves, by their places among all.
    let weights: [Int]
    /// Where its own variables begin.
    let start: Int
    /// Its variables.
    let variables: [OptimizerVariable]
  }

  private func parts(_ weights: [TrainedWeight]) -> [Part] {
    let all = optimizerMap.scaled(by: lossScaleFactor).all
    let owners = weights.map { optimizerMap.index(of: $0.path) }
    var start = all.count - 1
    return all.enumerated().map { index, optimizer in
      let own = owners.indices.filter { owners[$0] == index }
      let variables = own.isEmpty ? [] : optimizer.variables(for: own.map { weights[$0] })
      defer { start += variables.count }
      return Part(optimizer: optimizer, weights: own, start: start, variables: variables)
    }
  }

  public func variables(for weights: [TrainedWeight]) -> [OptimizerVariable] {
    let rates = optimizerMap.all.dropLast().enumerated().map { index, optimizer in
      OptimizerVariable(
        Self.learningRateName(index), type: TensorType(.float32, []),
        initial: optimizer.learningRate(at: 0))
    }
    let own = parts(weights).enumerated().flatMap { index, part in
      part.variables.map { variable in
        OptimizerVariable(
          variable.weight == nil ? "\(index)/\(variable.name)" : variable.name,
          weight: variable.weight.map { part.weights[$0] }, type: variable.type,
          initial: variable.initial)
      }
    }
    return rates + own
  }

  public func storage(for weights: [TrainedWeight]) -> OptimizerStorage {
    let parts = parts(weights)
    // Its own learning rate is never used.
    var storage = OptimizerStorage([.iteration, .constant(0)])
    var counts: [String: Int] = [:]
    for (index, part) in parts.enumerated() {
      let entries: [OptimizerStorage.Entry] = part.optimizer.storage(
        for: part.weights.map { weights[$0] }
      ).entries.compactMap { entry in
        switch entry {
        case .iteration: part.weights.isEmpty ? .constant(0) : .iteration
        case .learningRate: index < parts.count - 1 ? .variable(index) : .learningRate
        case .variable(let place): part.weights.isEmpty ? nil : .variable(part.start + place)
        case .constant: entry
        }
      }
      let name = part.optimizer.className.snakeCased, count = counts[name, default: 0]
      counts[name] = count + 1
      storage.entries += entries
      storage.inner.append(("optimizers/\(name)" + (count == 0 ? "" : "_\(count)"), entries))
    }
    return storage
  }

  public func step(_ state: OptimizerState, gradients: [Symbol]) -> OptimizerState {
    var after = state
    let parts = parts(state.descriptions)
    for (index, part) in parts.enumerated() where !part.weights.isEmpty {
      let range = part.start..<part.start + part.variables.count
      let before = OptimizerState(
        part.weights.map { state.descriptions[$0] },
        weights: part.weights.map { state.weights[$0] },
        variables: Array(state.variables[range]), iteration: state.iteration,
        learningRate: index < parts.count - 1 ? state.variables[index] : state.learningRate)
      let moved = part.optimizer.step(before, gradients: part.weights.map { gradients[$0] })
      for (place, weight) in zip(part.weights, moved.weights) { after.weights[place] = weight }
      after.variables.replaceSubrange(range, with: moved.variables)
    }
    after.iteration = state.iteration + 1
    return after
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol { optimizerMap.defaultOptimizer.update(w, gradient: g, slots: &s, step) }
}
