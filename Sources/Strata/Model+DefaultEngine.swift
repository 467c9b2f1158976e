import CPUEngine

extension Model {
  /// Creates a model of layers one after another, run by the CPU.
  ///
  ///     let model = try Model(input: [28, 28, 1]) {
  ///       Flatten()
  ///       Dense(10, activation: .softmax)
  ///     }
  ///
  /// - Throws: the first mistake in the layers, with the line of the layer.
  public convenience init(
    input shape: [Int?], dtype: DType = .float32, name: String? = nil, seed: UInt64 = 0,
    dtypePolicy: DTypePolicy = .float32, @LayerBuilder _ layers: () -> [LayerBuilder.Element]
  ) throws(GraphError) {
    try self.init(
      input: shape, dtype: dtype, name: name, seed: seed, dtypePolicy: dtypePolicy,
      engine: CPUEngine(), layers)
  }

  /// Creates a model of a network with one input, such as a layer written as a class, run by the
  /// CPU.
  ///
  /// - Throws: the first mistake in the network.
  public convenience init(
    input shape: [Int?], _ network: any Layer, dtype: DType = .float32, name: String? = nil,
    seed: UInt64 = 0, dtypePolicy: DTypePolicy = .float32
  ) throws(GraphError) {
    try self.init(
      input: shape, network, dtype: dtype, name: name, seed: seed, dtypePolicy: dtypePolicy,
      engine: CPUEngine())
  }

  /// Creates the model that computes `outputs` from `inputs`, run by the CPU.
  ///
  /// - Throws: the first mistake in the network.
  public convenience init(
    inputs: [SymbolicTensor], outputs: [SymbolicTensor], name: String? = nil, seed: UInt64 = 0,
    dtypePolicy: DTypePolicy = .float32
  ) throws(GraphError) {
    try self.init(
      inputs: inputs, outputs: outputs, name: name, seed: seed, dtypePolicy: dtypePolicy,
      engine: CPUEngine())
  }

  /// Creates the model that computes `output` from `input`, run by the CPU.
  ///
  /// - Throws: the first mistake in the network.
  public convenience init(
    inputs input: SymbolicTensor, outputs output: SymbolicTensor, name: String? = nil,
    seed: UInt64 = 0, dtypePolicy: DTypePolicy = .float32
  ) throws(GraphError) {
    try self.init(
      inputs: input, outputs: output, name: name, seed: seed, dtypePolicy: dtypePolicy,
      engine: CPUEngine())
  }
}
