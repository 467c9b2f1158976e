import TensorGraph

extension Model {
  /// The names of the outputs: those of the layers that give them.
  public var outputNames: [String] { structure.outputNames }
  /// The names of the inputs.
  public var inputNames: [String] { structure.inputNames }

  /// The model with the same weights, computing with other element types.
  ///
  ///     let faster = try model.converted(to: .mixedBFloat16)
  ///
  /// Layers that have a policy of their own keep it. The compile settings and, where it has the
  /// same element types, the optimizer's state go along.
  ///
  /// - Returns: a new model.
  /// - Throws: when a layer cannot compute so.
  public func converted(to policy: DTypePolicy) throws(GraphError) -> Model {
    let model = try Model(
      network: network, inputs: inputs, name: name, seed: seed, dtypePolicy: policy,
      engine: engine, drawsWeights: false)
    for index in declarations.indices {
      model.variables[index] = variables[index].cast(to: model.declarations[index].type.dtype)
    }
    model.variables[declarations.count] = variables[declarations.count]
    model.freeze(layers: frozen.patterns)
    guard let settings = compileSettings else { return model }
    try model.compile(settings)
    model.optimizerVariables = optimizerVariables
    return model
  }
}
