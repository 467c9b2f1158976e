import CPUEngine

extension Layer {
  /// What the layer gives for a tensor, outside of any model: for layers without weights.
  ///
  ///     let tokens = try vectorize(Tensor(["the cat sat", "on the mat"]))
  ///
  /// It may be called by several threads at once.
  ///
  /// - Throws: when the input does not fit, or the layer has weights.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try first(of: [x]) }

  private func first(of inputs: [Tensor]) throws -> Tensor {
    try outputs(for: inputs, engine: CPUEngine())[0]
  }
}

extension MultiInputLayer {
  /// What the layer gives for several tensors, outside of any model: for layers without weights.
  ///
  /// - Throws: when the inputs do not fit, or the layer has weights.
  public func callAsFunction(_ x: Tensor, _ others: Tensor...) throws -> Tensor {
    try outputs(for: [x] + others, engine: CPUEngine())[0]
  }
}

extension TrainingData {
  /// The samples with inputs that `layer` prepares batch by batch, in the background, on one
  /// thread.
  ///
  ///     let data = try TrainingData(x: texts, y: labels).mapped(by: vectorize)
  ///
  /// - Throws: when the layer cannot take the inputs, or the samples are mapped already.
  public func mapped(by layer: any Layer, isTraining: Bool = true) throws -> TrainingData {
    try mapped(by: layer, isTraining: isTraining, engine: CPUEngine(threads: 1))
  }
}
