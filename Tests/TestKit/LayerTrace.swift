import NeuralNetworks
import TensorGraph

/// A layer in a graph of its own: its outputs, their masks, its new states, and the gradients of
/// a weighted sum of the outputs.
public struct LayerTrace {
  /// The weights and states the layer declared, in order.
  public let weights: [WeightDeclaration]
  /// The types of the outputs.
  public let outputs: [TensorType]
  /// Which of the outputs has a mask.
  public let isMasked: [Bool]
  /// The paths of the states that change.
  public let updates: [String]
  /// The graph: inputs, masks of inputs, cotangents of outputs; then the weights as variables.
  public let graph: Graph
  /// The graph of the outputs alone, without cotangents.
  public let forward: Graph
  /// The inputs and weights with a gradient.
  public let differentiable: (inputs: [Int], weights: [Int])

  /// Traces `layer` on inputs of `types`, those in `masks` masked.
  public init(
    _ layer: any Layer, _ types: [TensorType], masks: [Int: Shape] = [:],
    arguments: [String: CallArgument] = [:], isTraining: Bool = false, isFrozen: Bool = false
  ) throws {
    let trace = Trace()
    var x = types.map { trace.input("x", $0) }
    for (index, shape) in masks.sorted(by: { $0.key < $1.key }) {
      x[index] = x[index].masked(by: trace.input("mask", TensorType(.bool, shape)))
    }
    let (y, model) = layer.traced(
      on: x, arguments: arguments, isTraining: isTraining, isFrozen: isFrozen)
    forward = try trace.graph(returning: y)
    let cotangents = y.filter(\.dtype.isFloatingPoint).map { trace.input("dy", $0.type) }
    let terms = zip(y.filter(\.dtype.isFloatingPoint), cotangents).map { ($0 * $1).sum() }
    let variables = model.declarations.compactMap { model.weights[$0.path] }
    let inputs = types.indices.filter { types[$0].dtype.isFloatingPoint }
    let trained = model.declarations.indices.filter { model.declarations[$0].isTrainable }
    var slopes: [Symbol] = []
    if let first = terms.first {
      slopes = gradients(
        of: terms.dropFirst().reduce(first) { $0 + $1 },
        with: inputs.map { x[$0] } + trained.map { variables[$0] })
    }
    weights = model.declarations
    outputs = y.map(\.type)
    isMasked = y.map { $0.mask != nil }
    updates = model.updates.compactMap { update in
      model.declarations.first { model.weights[$0.path]?.id == update.variable.id }?.path
    }
    differentiable = (inputs, trained)
    graph = try trace.graph(
      returning: y + y.compactMap(\.mask) + model.updates.map(\.value) + slopes)
    graph.verify()
  }

  /// What a run of the graph gives.
  public struct Results<Value> {
    /// The outputs.
    public var outputs: [Value] = []
    /// Their masks, where there are any.
    public var masks: [Value?] = []
    /// The states that change, by path.
    public var updates: [String: Value] = [:]
    /// The gradients of the floating-point inputs, by position.
    public var inputGradients: [Int: Value] = [:]
    /// The gradients of the trainable weights, by position.
    public var weightGradients: [Int: Value] = [:]
  }

  /// The outputs of the graph by their meaning.
  public func results<Value>(_ values: [Value]) -> Results<Value> {
    var rest = values[...]
    var results = Results<Value>()
    results.outputs = outputs.map { _ in rest.removeFirst() }
    results.masks = isMasked.map { $0 ? rest.removeFirst() : nil }
    for path in updates { results.updates[path] = rest.removeFirst() }
    guard !rest.isEmpty else { return results }
    for index in differentiable.inputs { results.inputGradients[index] = rest.removeFirst() }
    for index in differentiable.weights { results.weightGradients[index] = rest.removeFirst() }
    return results
  }
}
