import TensorGraph

extension Model {
  /// What the layer `layer` gives for `x`, one tensor for each input of the model.
  ///
  ///     let features = try model.output(of: "flatten", for: images)
  ///
  /// - Parameters:
  ///   - layer: The path of the layer, such as `encoder/dense`, or its name where only one layer
  ///     has it. Of a layer that is called several times, the first call counts.
  ///   - x: The samples.
  /// - Returns: the output of the layer for all samples.
  /// - Throws: when `x` does not fit, or there is no such layer.
  public func output(of layer: String, for x: Tensor...) throws -> Tensor {
    let traced = try traced(x.map(\.type), mode: .predict)
    let call = try call(of: layer, in: traced)
    return try values(of: call.outputs, in: traced, for: x)[0]
  }

  /// What `symbols` of a trace are when `x` is fed.
  func values(
    of symbols: [Symbol], in traced: TracedNetwork, for x: [Tensor]
  ) throws -> [Tensor] {
    let executable = try engine.compile(traced.trace.graph(returning: symbols))
    var variables = variables  // a copy: states do not move
    return executable.run(x, variables: &variables)
  }

  /// The first call of the layer with the path or name `layer`.
  ///
  /// - Throws: when there is none, or several layers have the name.
  func call(
    of layer: String, in traced: TracedNetwork
  ) throws(GraphError) -> ModelTrace.RecordedCall {
    if let mistake = traced.trace.errors.first { throw mistake }
    let calls = traced.calls
    if let call = calls.first(where: { $0.path == layer }) { return call }
    let named = calls.filter { $0.path.split(separator: "/").last.map(String.init) == layer }
    let paths = Set(named.map(\.path)).sorted()
    guard paths.count <= 1 else {
      throw GraphError(
        "\(name) has several layers named \(layer)",
        hint: "give the path: \(paths.joined(separator: " or "))")
    }
    guard let call = named.first else {
      throw GraphError(
        "\(name) has no layer \(layer)", hint: spellingHint(layer, in: distinct(calls.map(\.path)))
      )
    }
    return call
  }

  /// `sample` as batches of one: an axis of one sample is added where it is missing.
  func batch(of sample: [Tensor]) -> [Tensor] {
    sample.enumerated().map { index, tensor in
      guard index < inputs.count, tensor.shape.rank == inputs[index].shape.count else {
        return tensor
      }
      return tensor.reshaped(Shape([1] + tensor.shape.dims))
    }
  }
}

extension TracedNetwork {
  /// The calls of layers, without those inside of loops and branches.
  var calls: [ModelTrace.RecordedCall] {
    model.calls.filter { ($0.inputs + $0.outputs).allSatisfy { $0.trace === trace } }
  }
}

/// `names` without repetitions, in order.
func distinct(_ names: [String]) -> [String] {
  var seen: Set<String> = []
  return names.filter { seen.insert($0).inserted }
}
