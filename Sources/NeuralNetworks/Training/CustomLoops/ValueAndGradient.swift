import OrderedCollections
import TensorGraph

/// The gradient of each trained weight of a model, by path.
public typealias WeightGradients = OrderedDictionary<String, Tensor>

/// A function of symbols, compiled, with its gradient by the weights of models: the heart of a
/// training loop of one's own.
///
///     let discriminate = ValueAndGradient(of: [discriminator], with: [generator]) { models, x in
///       let (discriminator, generator) = (models[0], models[1])
///       return bce(1, discriminator(x[0])) + bce(0, discriminator(generator(x[1])))
///     }
///     for batch in batches {
///       let (loss, gradients) = try discriminate(batch.images, noise())
///       try discriminator.apply(gradients[0])
///     }
///
/// The function is traced once for each set of input shapes. Layers do what they do in training;
/// moving averages and random numbers of all models move on with each call.
public final class ValueAndGradient {
  /// A function of models and inputs: a scalar that is to be small, and other numbers of interest.
  public typealias Function = (_ models: [TracedModel], _ x: [Symbol]) -> [Symbol]

  private let trained: [Model]
  private let models: [Model]
  private let function: Function
  private let engine: any Engine
  private let cache = ExecutableCache()
  private var frozen: [FrozenPatterns] = []

  /// Prepares a function that gives only its value.
  ///
  /// - Parameters:
  ///   - trained: The models whose weights the gradients are for; the first that `function` gets.
  ///   - others: Other models that it uses.
  ///   - function: Computes a scalar from the models and the inputs.
  public convenience init(
    of trained: [Model], with others: [Model] = [],
    _ function: @escaping (_ models: [TracedModel], _ x: [Symbol]) -> Symbol
  ) {
    self.init(of: trained, with: others, returning: { [function($0, $1)] })
  }

  /// Prepares a function that gives its value first, then other results.
  public init(
    of trained: [Model], with others: [Model] = [], returning function: @escaping Function
  ) {
    self.trained = trained
    models = trained + others
    self.function = function
    // A function without models has no engine of its own.
    engine = models.first?.engine ?? ReferenceEngine()
  }

  /// The value for `x`, and the gradients of each trained model.
  ///
  /// - Throws: the first mistake in the function.
  public func callAsFunction(
    _ x: Tensor...
  ) throws -> (value: Double, gradients: [WeightGradients]) {
    let result = try results(x)
    return (result.values[0].scalars(as: Float.self).first.map(Double.init) ?? 0, result.gradients)
  }

  /// All results for `x`, the value first, and the gradients of each trained model.
  ///
  /// - Throws: the first mistake in the function.
  public func results(
    _ x: [Tensor]
  ) throws -> (values: [Tensor], gradients: [WeightGradients]) {
    if frozen != models.map(\.frozen) {
      cache.removeAll()
      frozen = models.map(\.frozen)
    }
    let executable = try cache.executable(for: .init(.train, x.map(\.type))) {
      try engine.compile(graph(x.map(\.type)))
    }
    var variables = models.flatMap(\.ownVariables)
    var results = executable.run(x, variables: &variables)
    for model in models {
      let count = model.declarations.count + 1
      model.variables.replaceSubrange(..<count, with: variables.prefix(count))
      variables.removeFirst(count)
    }
    var gradients: [WeightGradients] = []
    for model in trained.reversed() {
      let paths = model.trainedWeights.map(\.path)
      gradients.insert(
        WeightGradients(
          uniqueKeysWithValues: zip(paths, results.suffix(paths.count))), at: 0)
      results.removeLast(paths.count)
    }
    return (results, gradients)
  }

  /// The graph for inputs of `types`: results, then the gradients model by model.
  private func graph(_ types: [TensorType]) throws(GraphError) -> Graph {
    let trace = Trace()
    let inputs = types.enumerated().map { trace.input("x\($0)", $1) }
    let traced = models.map { TracedModel($0, in: trace, isTraining: true) }
    var results = function(traced, inputs)
    defer { trace.companion = nil }
    guard let value = results.first else {
      throw GraphError("the function of valueAndGradient returns nothing")
    }
    if value.isValid, value.shape.count != 1 || !value.dtype.isFloatingPoint {
      trace.fail(
        "the function gives no single number", operands: [value.type],
        hint: "reduce it: .mean() or .sum()")
    } else if value.isValid {
      let losses = traced.flatMap(\.trace.losses)
      let sum = losses.reduce(value.reshaped([])) { $0 + $1.cast(to: value.dtype) }
      results[0] = sum.cast(to: .float32)
      let weights = traced.prefix(trained.count).flatMap { $0.trained.map(\.weight) }
      results += gradients(of: sum, with: weights)
    }
    return try trace.graph(returning: results, updating: traced.flatMap(\.updates))
  }
}

extension Model {
  /// The values of weights and random key, without those of training.
  fileprivate var ownVariables: ArraySlice<Tensor> { variables.prefix(declarations.count + 1) }
}
