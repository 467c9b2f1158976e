import Synchronization
import TensorGraph

/// A layer whose output or whose mistakes depend on the values of its inputs, and not on their
/// types alone.
protocol DataDependentLayer: Layer {
  /// What a call on `inputs` has to know of them.
  ///
  /// - Throws: when the layer cannot be right for them.
  func arguments(for inputs: [Tensor]) throws -> [String: CallArgument]
}

extension Layer {
  /// What the layer gives for tensors, outside of any model: for layers without weights.
  ///
  /// It may be called by several threads at once. The graphs are kept for as long as the layer.
  ///
  /// - Parameters:
  ///   - inputs: What the layer takes, in order.
  ///   - isTraining: Whether the layer does what it does in training.
  ///   - random: What its random numbers follow from: seed and step.
  ///   - engine: What runs the graphs.
  /// - Returns: all outputs of the layer.
  /// - Throws: when the inputs do not fit, or the layer has weights.
  public func outputs(
    for inputs: [Tensor], isTraining: Bool = false, random: (seed: UInt64, step: Int) = (0, 0),
    engine: any Engine
  ) throws -> [Tensor] {
    let arguments = try (self as? any DataDependentLayer)?.arguments(for: inputs) ?? [:]
    let key = LayerGraphs.Key(
      types: inputs.map(\.type), arguments: arguments, isTraining: isTraining,
      engine: String(reflecting: engine))
    let lease = try LayerGraphs.shared.take(self, key) { () throws in
      try engine.compile(graph(key))
    }
    defer { LayerGraphs.shared.give(lease, self, key) }
    return lease.executable.run(
      inputs + [Tensor([2], [Int64(bitPattern: random.seed), Int64(random.step)])])
  }

  /// What runs the layer again and again on inputs of `types`, and a last one for random numbers:
  /// seed and step.
  func executable(
    for types: [TensorType], isTraining: Bool, engine: any Engine
  ) throws -> any Executable {
    try engine.compile(
      graph(.init(types: types, arguments: [:], isTraining: isTraining, engine: "")))
  }

  /// The types of the outputs for inputs of `types`.
  func outputTypes(for types: [TensorType], isTraining: Bool) throws -> [TensorType] {
    let graph = try graph(
      .init(types: types, arguments: [:], isTraining: isTraining, engine: ""))
    return graph.outputs.map(graph.type)
  }

  private func graph(_ key: LayerGraphs.Key) throws(GraphError) -> Graph {
    let trace = Trace()
    let x = key.types.map { trace.input("input", $0) }
    let model = ModelTrace(trace, isTraining: key.isTraining)
    defer { trace.companion = nil }  // the two refer to each other
    model.randomKey = trace.input("random", TensorType(.int64, [2]))
    guard !x.isEmpty else { throw GraphError("\(className) is called on nothing") }
    let outputs = apply(to: x, arguments: key.arguments)
    let graph = try trace.graph(returning: outputs)
    if let weight = model.declarations.first {
      throw GraphError(
        "\(className) has weights, such as \(weight.path), and these belong to a model",
        hint: self is any AdaptableLayer
          ? "adapt the layer, or put it into a Model" : "put it into a Model")
    }
    return graph
  }
}

/// The prepared graphs of layers that are called on tensors, of the calls that were last.
///
/// One for all layers, since a layer has no place for what changes. It forgets the graphs of
/// layers that are gone.
final class LayerGraphs: Sendable {
  static let shared = LayerGraphs()

  /// What a graph is for.
  struct Key: Hashable, Sendable {
    let types: [TensorType]
    let arguments: [String: CallArgument]
    let isTraining: Bool
    let engine: String
  }

  /// An executable on its way into or out of the pool.
  ///
  /// Unchecked because it is used by one thread at a time: it is taken out of the pool under its
  /// lock, run, and only then put back.
  struct Lease: @unchecked Sendable {
    let executable: any Executable
  }

  private struct Entry {
    weak var layer: (any Layer)?
    let key: Key
    let lease: Lease
  }

  /// Those that nobody uses at the moment, the last used at the end.
  private let idle = Mutex<[Entry]>([])
  private static let limit = 32

  func take(
    _ layer: any Layer, _ key: Key, make: () throws -> any Executable
  ) throws -> Lease {
    let found = idle.withLock { idle -> Lease? in
      guard let index = idle.lastIndex(where: { $0.layer === layer && $0.key == key }) else {
        return nil
      }
      return idle.remove(at: index).lease
    }
    return try found ?? Lease(executable: make())
  }

  func give(_ lease: Lease, _ layer: any Layer, _ key: Key) {
    idle.withLock { idle in
      idle.removeAll { $0.layer == nil }
      if idle.count >= Self.limit { idle.removeFirst() }
      idle.append(Entry(layer: layer, key: key, lease: lease))
    }
  }
}
