import TensorGraph

extension Model {
  /// What the model gives for `x`, one tensor for each of its inputs, of any number of samples.
  ///
  /// - Throws: when `x` does not fit, or the model has several outputs.
  public func predict(_ x: Tensor..., batchSize: Int = 32) throws -> Tensor {
    try only(predict(x, batchSize: batchSize), name)
  }

  /// All outputs of the model for `x`, one tensor for each of its inputs.
  ///
  /// The states of layers that are stateful go on from batch to batch.
  ///
  /// - Throws: when `x` does not fit.
  public func predict(_ x: [Tensor], batchSize: Int = 32) throws -> [Tensor] {
    try inBatches(x, of: batchSize, structure, inputs, name) { batch in
      let types = batch.map(\.type)
      let executable = try executables.executable(for: .init(.predict, types)) {
        try engine.compile(predictionGraph(types))
      }
      return executable.run(batch, variables: &variables)
    }
  }

  /// The graph that computes the outputs for inputs of `types`.
  package func predictionGraph(_ types: [TensorType]) throws(GraphError) -> Graph {
    let traced = try traced(types, mode: .predict)
    return try traced.trace.graph(returning: traced.outputs, updating: traced.model.updates)
  }
}

/// Runs `x` in batches, and joins what `run` returns for them.
func inBatches(
  _ x: [Tensor], of size: Int, _ structure: NetworkStructure, _ inputs: [InputLayer],
  _ name: String, _ run: ([Tensor]) throws -> [Tensor]
) throws -> [Tensor] {
  try check(x.map(\.type), structure, inputs, name, ofBatch: false)
  guard size > 0 else { throw GraphError("a batch needs at least 1 sample, not \(size)") }
  let samples = x[0].shape[0]
  if inputs.contains(where: { $0.batchShape.first ?? nil != nil }) {
    for count in [min(size, samples), samples % size] where count > 0 {
      try check(x.map { $0.type(samples: count) }, structure, inputs, name)
    }
  }
  guard samples > 0 else {
    return zip(structure.outputShapes, structure.outputDTypes).map { shape, dtype in
      Tensor(zeros: TensorType(dtype, Shape([0] + shape.dropFirst().map { $0 ?? 0 })))
    }
  }
  if samples <= size { return try run(x) }
  var parts: [[Tensor]] = []
  for start in stride(from: 0, to: samples, by: size) {
    let range = start..<min(start + size, samples)
    parts.append(try run(x.map { $0.rows(range) }))
  }
  return joined(parts)
}

/// The only one of `outputs`.
func only(_ outputs: [Tensor], _ name: String) throws(GraphError) -> Tensor {
  guard outputs.count == 1 else {
    throw GraphError(
      "\(name) has \(outputs.count) outputs", hint: "predict([x]) returns all of them")
  }
  return outputs[0]
}

/// The outputs of batches, one after another.
func joined(_ parts: [[Tensor]]) -> [Tensor] {
  guard parts.count > 1 else { return parts.first ?? [] }
  return parts[0].indices.map { output in
    let pieces = parts.map { $0[output] }
    var shape = pieces[0].shape
    guard shape.rank > 0 else { return pieces[pieces.count - 1] }
    shape[0] = pieces.reduce(0) { $0 + $1.shape[0] }
    if pieces[0].dtype == .string { return Tensor(shape, pieces.flatMap(\.strings)) }
    return Tensor(TensorType(pieces[0].dtype, shape)) { bytes in
      var offset = 0
      for piece in pieces {
        piece.withUnsafeBytes { source in
          UnsafeMutableRawBufferPointer(rebasing: bytes[offset...]).copyMemory(from: source)
          offset += source.count
        }
      }
    }
  }
}
