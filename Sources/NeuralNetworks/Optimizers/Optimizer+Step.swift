import TensorGraph

extension Optimizer {
  public func variables(for weights: [TrainedWeight]) -> [OptimizerVariable] {
    let around = [options.average, options.accumulator].compactMap { $0.map { [$0] } }
    return around.flatMap { declared($0, weights) }
      + slotGroups.flatMap { declared($0, weights) } + globals
  }

  private func declared(
    _ group: [OptimizerSlot], _ weights: [TrainedWeight]
  ) -> [OptimizerVariable] {
    weights.enumerated().flatMap { index, weight in
      group.compactMap { slot in
        slot.shape(weight).map {
          OptimizerVariable(
            slot.name, weight: index, type: TensorType(weight.type.dtype, $0),
            initial: slot.initial)
        }
      }
    }
  }

  public func scaled(_ loss: Symbol, _ state: OptimizerState) -> Symbol {
    options.lossScaleFactor.map { loss * $0 } ?? loss
  }

  /// A step as Keras takes it: unscale, accumulate, clip, decay, update, average.
  public func step(_ state: OptimizerState, gradients: [Symbol]) -> OptimizerState {
    var gradients = gradients
    if let scale = options.lossScaleFactor { gradients = gradients.map { $0 / scale } }
    guard let steps = options.gradientAccumulationSteps else {
      var after = averaged(
        moved(state, gradients, count: state.iteration), count: state.iteration)
      after.iteration = state.iteration + 1
      return after
    }
    let places = places(of: OptimizerOptions.accumulatorName, state)
    let divisor = state.iteration.trace.constant(Tensor(Int64(steps)))
    let isMove = isMultiple(state.iteration + 1, of: steps)
    let sums = zip(gradients, places).map { $0 + state.variables[$1] }
    let count = (state.iteration - state.iteration % divisor) / divisor
    var after = moved(state, sums.map { $0 / Double(steps) }, count: count)
    func kept(_ new: Symbol, _ old: Symbol) -> Symbol { select(isMove, new, old) }
    after.weights = zip(after.weights, state.weights).map(kept)
    after.variables = zip(after.variables, state.variables).map(kept)
    for (place, sum) in zip(places, sums) {
      after.variables[place] = select(!isMove, sum, 0)
    }
    after = averaged(after, count: count)
    after.iteration = state.iteration + 1
    return after
  }

  /// `state` after the rule was applied, when the weights had moved `count` times before.
  private func moved(
    _ state: OptimizerState, _ gradients: [Symbol], count: Symbol
  ) -> OptimizerState {
    let gradients = options.clipped(gradients)
    let layout = variables(for: state.descriptions)
    let learningRate = state.learningRate, t = (count + 1).cast(to: .float32)
    var after = state
    let shared = layout.indices.filter { layout[$0].weight == nil }
    let globals = advanced(
      shared.map { state.variables[$0] }, step: t, learningRate: learningRate)
    for (place, value) in zip(shared, globals) { after.variables[place] = value }
    let size = stepSize(learningRate, step: t)
    let names = Set(slotGroups.joined().map(\.name))
    for (index, weight) in state.descriptions.enumerated() {
      let own = layout.indices.filter {
        layout[$0].weight == index && names.contains(layout[$0].name)
      }
      var slots = own.map { state.variables[$0] }
      var w = state.weights[index]
      if let decay = weightDecay(of: weight) { w = w - w * decay * learningRate }
      let step = OptimizerStep(
        learningRate: learningRate, size: size, t: t, globals: globals, weight: weight)
      after.weights[index] = update(w, gradient: gradients[index], slots: &slots, step)
      for (place, value) in zip(own, slots) { after.variables[place] = value }
    }
    return after
  }

  /// `state` with the running averages of the weights, if they are kept.
  private func averaged(_ state: OptimizerState, count: Symbol) -> OptimizerState {
    guard options.useEMA else { return state }
    var after = state
    // The first average is the weights themselves.
    let trace = count.trace
    let momentum = select(
      count .== 0, trace.constant(0, dtype: .float32),
      trace.constant(options.emaMomentum, dtype: .float32))
    let isDue = options.emaOverwriteFrequency.map { isMultiple(count + 1, of: $0) }
    for (weight, place) in places(of: OptimizerOptions.averageName, state).enumerated() {
      let average = momentum * state.variables[place] + (1 - momentum) * state.weights[weight]
      after.variables[place] = average
      if let isDue { after.weights[weight] = select(isDue, average, state.weights[weight]) }
    }
    return after
  }

  private func isMultiple(_ count: Symbol, of number: Int) -> Symbol {
    (count % count.trace.constant(Tensor(Int64(number)))) .== 0
  }

  /// Where the slot `name` of each weight is.
  private func places(of name: String, _ state: OptimizerState) -> [Int] {
    let layout = variables(for: state.descriptions)
    return layout.indices.filter { layout[$0].name == name && layout[$0].weight != nil }
  }
}

extension OptimizerOptions {
  static let averageName = "average"
  static let accumulatorName = "gradient_accumulator"

  /// The slot of the running average of a weight.
  var average: OptimizerSlot? { useEMA ? OptimizerSlot(Self.averageName) : nil }
  /// The slot of the sum of a weight's gradients.
  var accumulator: OptimizerSlot? {
    gradientAccumulationSteps == nil ? nil : OptimizerSlot(Self.accumulatorName)
  }

  /// Whether `weight` does not decay.
  func isExcludedFromDecay(_ weight: TrainedWeight) -> Bool {
    excludedFromWeightDecay.contains { FrozenPatterns.matches(weight.path, $0) }
  }
}
