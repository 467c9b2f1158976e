import OrderedCollections
import TensorGraph

/// A network with its weights: what is trained, saved and asked for predictions.
///
///     let model = try Model(input: [28, 28, 1]) {
///       Conv2D(32, kernelSize: 3, activation: .relu)
///       Flatten()
///       Dense(10, activation: .softmax)
///     }
///
/// A model alone owns what changes: weights, the states of layers and of training. It belongs to
/// one task; `Predictor` is a snapshot of it for many.
public final class Model {
  /// What the model is called in summaries, messages and files.
  public let name: String
  /// The layer that is the whole model.
  public let network: any Layer
  /// Where data enters, in order.
  public let inputs: [InputLayer]
  /// What runs the graphs.
  public let engine: any Engine
  /// What the first weights and all random numbers follow from.
  public let seed: UInt64
  /// The element types of layers that do not say.
  public let dtypePolicy: DTypePolicy
  /// The structure found by tracing: names, weights, shapes.
  package let structure: NetworkStructure

  /// The value of each weight, and of all other state that lives from step to step.
  ///
  /// In the canonical order of all traces: the weights as `declarations` has them, the random key
  /// (`int64[2]`, seed and step), and then what training adds.
  package var variables: [Tensor]
  /// The prepared graphs of this model.
  package let executables = ExecutableCache()
  /// What training keeps in the model: optimizer, loss, metrics.
  package var training: AnyObject?
  private(set) var frozen = FrozenPatterns()

  /// Creates a model of `network`, which is given the inputs in order.
  ///
  /// - Parameters:
  ///   - network: The layer that is the whole model.
  ///   - inputs: Where data enters.
  ///   - name: What the model is called; without one, the network's name or class.
  ///   - seed: What the first weights and all random numbers follow from.
  ///   - dtypePolicy: The element types of layers that do not say.
  ///   - engine: What runs the graphs.
  ///   - drawsWeights: Whether weights start as their initializers say, or as zeros.
  ///   - byteLimit: The most bytes that the weights may take.
  /// - Throws: the first mistake in the network.
  package init(
    network: any Layer, inputs: [InputLayer], name: String?, seed: UInt64,
    dtypePolicy: DTypePolicy = .float32, engine: any Engine, drawsWeights: Bool = true,
    byteLimit: Int = .max
  ) throws(GraphError) {
    self.name = name ?? network.name ?? network.className.snakeCased
    self.network = network
    self.inputs = inputs
    self.seed = seed
    self.dtypePolicy = dtypePolicy
    self.engine = engine
    structure = try NetworkStructure(
      network: network, inputs: inputs, name: self.name, policy: dtypePolicy)
    var byteCount = 0.0  // which no sum of sizes can overflow
    for weight in structure.declarations {
      byteCount += Double(weight.type.shape.count) * Double(weight.type.dtype.byteCount)
      guard byteCount <= Double(byteLimit) else {
        throw GraphError(
          "\(weight.path) is larger than all weights can be here", operands: [weight.type])
      }
      guard byteCount <= Double(PhysicalMemory.byteCount) else {
        throw GraphError(
          "the weights do not fit into memory", operands: [weight.type],
          hint: "with \(weight.path) they are \(Int(min(byteCount, 0x1p62)) >> 30) of "
            + "\(PhysicalMemory.byteCount >> 30) GiB: make the network smaller")
      }
    }
    variables =
      structure.declarations.map {
        $0.value
          ?? (drawsWeights
            ? $0.initializer.tensor($0.type, seed: seed, path: $0.path) : Tensor(zeros: $0.type))
      } + [Tensor([2], [Int64(bitPattern: seed), 0])]
    freeze(layers: structure.untrained)
  }
}

extension Model {
  /// Creates a model of layers one after another.
  ///
  /// - Throws: the first mistake in the layers, with the line of the layer.
  public convenience init(
    input shape: [Int?], dtype: DType = .float32, name: String? = nil, seed: UInt64 = 0,
    dtypePolicy: DTypePolicy = .float32, engine: any Engine,
    @LayerBuilder _ layers: () -> [LayerBuilder.Element]
  ) throws(GraphError) {
    try self.init(
      input: shape, Sequential(name: name, layers), dtype: dtype, name: name, seed: seed,
      dtypePolicy: dtypePolicy, engine: engine)
  }

  /// Creates a model of a network with one input, such as a layer written as a class.
  ///
  /// - Throws: the first mistake in the network.
  public convenience init(
    input shape: [Int?], _ network: any Layer, dtype: DType = .float32, name: String? = nil,
    seed: UInt64 = 0, dtypePolicy: DTypePolicy = .float32, engine: any Engine
  ) throws(GraphError) {
    try self.init(
      network: network, inputs: [InputLayer(shape, dtype: dtype)], name: name, seed: seed,
      dtypePolicy: dtypePolicy, engine: engine)
  }

  /// Creates the model that computes `outputs` from `inputs`.
  ///
  /// - Throws: the first mistake in the network.
  public convenience init(
    inputs: [SymbolicTensor], outputs: [SymbolicTensor], name: String? = nil, seed: UInt64 = 0,
    dtypePolicy: DTypePolicy = .float32, engine: any Engine
  ) throws(GraphError) {
    try self.init(
      network: Functional(inputs: inputs, outputs: outputs, name: name),
      inputs: inputs.map { input throws(GraphError) in
        guard let layer = input.call.layer as? InputLayer else {
          throw GraphError(
            "the inputs of a model are made by Input(…), not by a \(input.call.layer.className)",
            location: input.call.location)
        }
        return layer
      }, name: name, seed: seed, dtypePolicy: dtypePolicy, engine: engine)
  }

  /// Creates the model that computes `output` from `input`.
  ///
  /// - Throws: the first mistake in the network.
  public convenience init(
    inputs input: SymbolicTensor, outputs output: SymbolicTensor, name: String? = nil,
    seed: UInt64 = 0, dtypePolicy: DTypePolicy = .float32, engine: any Engine
  ) throws(GraphError) {
    try self.init(
      inputs: [input], outputs: [output], name: name, seed: seed, dtypePolicy: dtypePolicy,
      engine: engine)
  }
}

extension Model {
  /// The weights and states, in order of declaration.
  package var declarations: [WeightDeclaration] { structure.declarations }

  /// The value of each weight and state by path, such as `dense/kernel`, in order of declaration.
  public var weights: OrderedDictionary<String, Tensor> {
    OrderedDictionary(
      uniqueKeysWithValues: zip(declarations.map(\.path), variables.prefix(declarations.count)))
  }

  /// Replaces the values of the weights that `values` names.
  ///
  /// - Throws: when there is no such weight, or it has another shape; then nothing is replaced.
  public func setWeights(
    _ values: OrderedDictionary<String, Tensor>
  ) throws(GraphError) {
    var result = variables
    for (path, value) in values {
      guard let index = structure.index[path] else {
        throw GraphError(
          "\(name) has no weight \(path)",
          hint: spellingHint(path, in: declarations.map(\.path)))
      }
      guard declarations[index].type.shape == value.shape else {
        throw GraphError(
          "\(path) has the shape \(declarations[index].type.shape), not \(value.shape)")
      }
      result[index] = value.cast(to: declarations[index].type.dtype)
    }
    variables = result
  }

  /// The number of numbers in all weights and states.
  public var parameterCount: Int { declarations.reduce(0) { $0 + $1.type.shape.count } }

  /// Keeps training from moving the weights whose paths match `pattern`.
  ///
  ///     try model.freeze("stem/**")
  ///
  /// `*` stands for any letters of one name, `**` for any names; the name of a layer stands for
  /// all its weights. A frozen batch normalization uses its moving averages in training too.
  ///
  /// - Throws: when no weight matches.
  public func freeze(_ pattern: String) throws(GraphError) {
    guard declarations.contains(where: { FrozenPatterns.matches($0.path, pattern) }) else {
      throw GraphError(
        "no weight of \(name) matches \(pattern)",
        hint: spellingHint(pattern, in: declarations.map(\.path)))
    }
    frozen.patterns.append(pattern)
    executables.removeAll()
  }

  /// Freezes the layers at `paths` that have weights.
  func freeze(layers paths: [String]) {
    frozen.patterns += paths.filter { path in
      declarations.contains { FrozenPatterns.matches($0.path, path) }
    }
  }

  /// Whether all weights of the layer at `path` are frozen.
  package func isFrozen(layer path: String) -> Bool { frozen.covers(layer: path) }

  /// Lets training move all weights again.
  public func unfreeze() {
    frozen.patterns = []
    executables.removeAll()
  }

  /// Whether training moves the weight at `path`.
  public func isTrainable(_ path: String) -> Bool {
    structure.index[path].map { isTrainable($0) } ?? false
  }

  /// Whether training moves the weight of this index.
  package func isTrainable(_ index: Int) -> Bool {
    declarations[index].isTrainable && !frozen.covers(declarations[index].path)
  }
}
