import TensorGraph

/// What a model consists of, as a value: for `summary()`, for programs, for events.
public struct ModelSummary: Sendable, Codable, Hashable {
  /// A layer of the model.
  public struct Row: Sendable, Codable, Hashable {
    /// Its name.
    public var name: String
    /// Its class.
    public var className: String
    /// The shapes of its outputs; an open size is nothing.
    public var outputShapes: [[Int?]]
    /// The number of numbers in its weights and states.
    public var parameterCount: Int
    /// The outputs it reads, as Keras writes them: `dense[0][0]`.
    public var connectedTo: [String]
    /// Whether training moves it; nothing for a layer without weights.
    public var isTrainable: Bool?
    /// How deep in nested models it lies.
    public var depth: Int
  }

  /// A number of numbers, and the memory they take.
  public struct Count: Sendable, Codable, Hashable {
    /// How many numbers.
    public var count = 0
    /// How many bytes.
    public var byteCount = 0

    mutating func add(_ type: TensorType) {
      count += type.shape.count
      byteCount += type.byteCount
    }
  }

  /// What the model is called.
  public var name: String
  /// The layers, each followed by those in it.
  public var layers: [Row]
  /// Whether the layers stand one after another, so that connections need no column.
  public var isSequential: Bool
  /// The weights that training moves.
  public var trainable: Count
  /// The weights and states that it does not move.
  public var nonTrainable: Count
  /// What the optimizer keeps.
  public var optimizer: Count?
  /// Floating-point operations of a prediction for one sample.
  public var flopsPerSample: Int
  /// The memory of all results of a prediction for one sample, in bytes.
  public var activationByteCount: Int
}

extension Model {
  /// What the model consists of.
  public var summaryValue: ModelSummary {
    var trainable = ModelSummary.Count(), nonTrainable = ModelSummary.Count()
    for (index, declaration) in declarations.enumerated() {
      if isTrainable(index) {
        trainable.add(declaration.type)
      } else {
        nonTrainable.add(declaration.type)
      }
    }
    let kept = optimizerVariables
    let optimizer =
      kept.isEmpty ? nil : kept.reduce(into: ModelSummary.Count()) { $0.add($1.value.type) }
    let cost = costPerSample()
    return ModelSummary(
      name: name, layers: rows(of: network, path: "", depth: 0),
      isSequential: (network as? Functional)?.isChain ?? true, trainable: trainable,
      nonTrainable: nonTrainable, optimizer: optimizer, flopsPerSample: cost.flops,
      activationByteCount: cost.byteCount)
  }

  /// The layers in `network`, in the order in which Keras lists them.
  private func rows(of network: any Layer, path: String, depth: Int) -> [ModelSummary.Row] {
    let records = Dictionary(
      structure.layers.map { (ObjectIdentifier($0.layer), $0) }, uniquingKeysWith: { $1 })
    let layers: [any Layer]
    let functional = network as? Functional
    if let functional {
      layers = functional.layers
    } else if let sequential = network as? Sequential {
      layers = sequential.layers
    } else if depth == 0 {
      layers = structure.layers.filter { !$0.path.contains("/") }.map(\.layer)
    } else {
      return []
    }
    var seen: Set<ObjectIdentifier> = []
    return layers.filter { seen.insert(ObjectIdentifier($0)).inserted }.flatMap { layer in
      guard let record = records[ObjectIdentifier(layer)] else { return [ModelSummary.Row]() }
      let own = declarations.indices.filter {
        declarations[$0].path.hasPrefix(record.path + "/")
      }
      let row = ModelSummary.Row(
        name: record.name, className: layer.className, outputShapes: record.outputs,
        parameterCount: own.reduce(0) { $0 + declarations[$1].type.shape.count },
        connectedTo: functional?.connections(of: layer) { records[ObjectIdentifier($0)]?.name }
          ?? [],
        isTrainable: own.isEmpty ? nil : !isFrozen(layer: record.path), depth: depth)
      return [row] + rows(of: layer, path: record.path, depth: depth + 1)
    }
  }
}

extension Functional {
  /// Whether each layer is called once, on the layer before it.
  var isChain: Bool {
    Set(calls.map { ObjectIdentifier($0.layer) }).count == calls.count
      && zip(calls, calls.dropFirst()).allSatisfy {
        $1.inputs.count == 1 && $1.inputs[0].call === $0
      }
  }

  /// The outputs that `layer` reads in its calls.
  fileprivate func connections(
    of layer: any Layer, _ name: (any Layer) -> String?
  ) -> [String] {
    calls.filter { $0.layer === layer }.flatMap { call in
      call.inputs.map { input in
        let same = calls.filter { $0.layer === input.call.layer }
        let index = same.firstIndex { $0 === input.call } ?? 0
        return "\(name(input.call.layer) ?? "?")[\(index)][\(input.output)]"
      }
    }
  }
}
