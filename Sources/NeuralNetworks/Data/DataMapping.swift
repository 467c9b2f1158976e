import TensorGraph

/// A layer that prepares the inputs of every batch before a model sees them.
struct DataMapping: Sendable {
  let layer: any Layer
  /// Whether the layer does what it does in training.
  let isTraining: Bool
  let engine: any Engine

  /// The types that inputs of `types` become.
  func types(for types: [TensorType]) throws -> [TensorType] {
    try layer.outputTypes(for: types, isTraining: isTraining)
  }

  /// What prepares batches of `samples` inputs like `inputs`.
  func preparation(of inputs: [Tensor], samples: Int) throws -> any Executable {
    try layer.executable(
      for: inputs.map { $0.type(samples: samples) }, isTraining: isTraining, engine: engine)
  }
}

extension DataMapping: Hashable {
  static func == (a: DataMapping, b: DataMapping) -> Bool {
    a.layer === b.layer && a.isTraining == b.isTraining
  }
  func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(layer))
    hasher.combine(isTraining)
  }
}

extension Tensor {
  /// The type of `samples` entries of the first axis.
  func type(samples: Int) -> TensorType {
    var type = type
    type.shape[0] = samples
    return type
  }
}

extension TrainingData {
  /// The samples with inputs that `layer` prepares batch by batch, in the background, while the
  /// model works on the batch before.
  ///
  ///     let data = try TrainingData(x: texts, y: labels).mapped(by: vectorize, engine: engine)
  ///
  /// Random numbers of the layer follow from the seed, the epoch and the batch.
  ///
  /// - Parameters:
  ///   - layer: Takes all inputs, and has no weights.
  ///   - isTraining: Whether the layer does what it does in training.
  ///   - engine: What runs it; one with a single thread leaves the others to the model.
  /// - Returns: the same samples, with the layer before them.
  /// - Throws: when the layer cannot take the inputs, or the samples are mapped already.
  public func mapped(
    by layer: any Layer, isTraining: Bool = true, engine: any Engine
  ) throws -> TrainingData {
    guard mapping == nil else {
      throw FormatError(
        "the samples are mapped already", hint: "make one layer of several: Pipeline([…])")
    }
    let mapping = DataMapping(layer: layer, isTraining: isTraining, engine: engine)
    let types = try mapping.types(for: inputs.map { $0.type(samples: 2) })
    guard types.allSatisfy({ $0.shape.dims.first == 2 }) else {
      throw FormatError(
        "\(layer.className) gives another number of samples",
        got: types.map(\.description).joined(separator: ", "))
    }
    guard inputNames.isEmpty || types.count == inputs.count else {
      throw FormatError("\(layer.className) makes \(types.count) inputs of \(inputs.count)")
    }
    var result = self
    result.mapping = mapping
    return result
  }

  /// The types of the inputs of a batch of `samples`, as a model is fed.
  func inputTypes(samples: Int) throws -> [TensorType] {
    let types = inputs.map { $0.type(samples: samples) }
    return try mapping?.types(for: types) ?? types
  }
}
