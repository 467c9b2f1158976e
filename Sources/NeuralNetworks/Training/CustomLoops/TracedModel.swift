import TensorGraph

/// A model inside a function of symbols: called with symbols it gives symbols, and its weights are
/// those of the model.
///
/// Called several times it shares its weights; what it changes, such as moving averages, takes
/// effect when the function has run.
public final class TracedModel {
  /// The model.
  public let model: Model
  let trace: ModelTrace
  /// Weights and the random key, in the order of the model's variables.
  let variables: [Symbol]

  init(_ model: Model, in trace: Trace, isTraining: Bool) {
    self.model = model
    self.trace = ModelTrace(
      trace, isTraining: isTraining, frozen: model.frozen, policy: model.dtypePolicy)
    self.trace.declare(model.declarations)
    let key = trace.variable("random", TensorType(.int64, [2]))
    self.trace.randomKey = key
    variables =
      model.declarations.compactMap { [weights = self.trace.weights] in
        weights[$0.path]
      } + [key]
  }

  /// What the model gives for `x`, one symbol for each of its inputs: its first output.
  public func callAsFunction(_ x: Symbol...) -> Symbol { outputs(for: x)[0] }

  /// All outputs of the model for `x`, one symbol for each of its inputs.
  public func outputs(for x: [Symbol]) -> [Symbol] {
    let whole = trace.trace
    guard x.allSatisfy(\.isValid) else {
      return model.structure.outputNames.map { _ in whole.invalid }
    }
    do throws(GraphError) {
      try model.check(x.map(\.type))
    } catch {
      whole.fail(error.message, operands: error.operands, hint: error.hint)
      return model.structure.outputNames.map { _ in whole.invalid }
    }
    let outer = whole.companion
    whole.companion = trace
    defer { whole.companion = outer }
    let cast = zip(x, model.inputs).map { $0.cast(to: $1.dtype) }
    return trace.root(model.network, name: model.name) { [network = model.network] in
      network.finishedOutputs(for: cast, $0)
    }
  }

  /// What the weights are called, with the symbols of those that training moves.
  var trained: [(path: String, weight: Symbol)] {
    model.trainedWeights.compactMap { weight in
      trace.weights[weight.path].map { (weight.path, $0) }
    }
  }

  /// What the variables become: states, and the next random numbers.
  var updates: [(variable: Symbol, value: Symbol)] {
    let key = variables[variables.count - 1]
    return trace.updates + [(key, key + key.trace.constant(Tensor([2], [Int64(0), 1])))]
  }
}
