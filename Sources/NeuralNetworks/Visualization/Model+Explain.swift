import TensorGraph

extension Model {
  /// The arithmetic of one unit of a dense layer for one sample.
  ///
  ///     print(try model.explain(layer: "dense", unit: 3, input: flower))
  ///
  /// - Parameters:
  ///   - layer: The path of the layer, such as `encoder/dense`, or its name where only one layer
  ///     has it. Of a layer that is called several times, the first call is explained.
  ///   - unit: Which unit, from 0.
  ///   - input: A sample, with or without the axis of the batch; of a batch, the first sample.
  ///   - inputNames: What the inputs of the layer are called; `x1`, `x2`, … without them.
  /// - Returns: the sum, its terms, and what the activation makes of it.
  /// - Throws: when the sample does not fit, or there is no such layer or unit, or the layer is not
  ///   a dense one.
  public func explain(
    layer: String, unit: Int, input: Tensor, inputNames: [String] = []
  ) throws -> UnitExplanation {
    try explain(layer: layer, unit: unit, inputs: [input], inputNames: inputNames)
  }

  /// The arithmetic of one unit of a dense layer for one sample of a model with several inputs.
  ///
  /// - Throws: when the sample does not fit, or there is no such layer or unit, or the layer is not
  ///   a dense one.
  public func explain(
    layer: String, unit: Int, inputs: [Tensor], inputNames: [String] = []
  ) throws -> UnitExplanation {
    let x = batch(of: inputs)
    let traced = try traced(x.map(\.type), mode: .predict)
    let call = try call(of: layer, in: traced)
    let dense = try explainable(call, unit, traced)
    guard let samples = x.first?.shape[0], samples > 0 else {
      throw GraphError("there is no sample to explain", operands: x.map(\.type))
    }
    guard let kernel = weights[call.path + "/kernel"] else {
      throw GraphError("\(call.path) has no kernel")
    }
    let values = try values(of: call.inputs + call.outputs, in: traced, for: x).map(\.numbers)
    let features = values[0].prefix(kernel.shape[0])
    guard inputNames.isEmpty || inputNames.count == features.count else {
      throw GraphError(
        "\(call.path) has \(features.count) inputs, and \(inputNames.count) names are given")
    }
    let column = stride(from: unit, to: kernel.count, by: dense.units)
    let numbers = kernel.numbers
    let terms = zip(features, column).enumerated().map { index, pair in
      let (input, weight) = (pair.0, numbers[pair.1])
      return UnitExplanation.Term(
        name: inputNames.isEmpty ? "x\(index + 1)" : inputNames[index], input: input,
        weight: weight, product: input * weight)
    }
    let bias = weights[call.path + "/bias"].map { $0.numbers[unit] }
    return UnitExplanation(
      layer: call.path, unit: unit, unitCount: dense.units, terms: terms, bias: bias,
      sum: terms.reduce(bias ?? 0) { $0 + $1.product }, activation: dense.activation,
      output: values[1][unit])
  }

  /// The dense layer that `call` is of, if `unit` of it can be explained.
  private func explainable(
    _ call: ModelTrace.RecordedCall, _ unit: Int, _ traced: TracedNetwork
  ) throws(GraphError) -> Dense {
    guard let dense = call.layer as? Dense else {
      let known = distinct(traced.calls.filter { $0.layer is Dense }.map(\.path))
      throw GraphError(
        "\(call.path) is a \(call.layer.className), and only units of Dense can be explained",
        hint: known.isEmpty
          ? "\(name) has no Dense layer" : "layers to explain: \(known.joined(separator: ", "))")
    }
    guard dense.activation != .glu else {
      throw GraphError("the glu of \(call.path) joins two units, so no unit has an output alone")
    }
    guard call.inputs[0].shape.rank == 2 else {
      throw GraphError(
        "\(call.path) works at many places, and a unit is explained at one",
        operands: call.inputs.map(\.type), hint: "a layer to explain takes [batch, features]")
    }
    guard (0..<dense.units).contains(unit) else {
      throw GraphError(
        "\(call.path) has no unit \(unit)", hint: "its units are 0 to \(dense.units - 1)")
    }
    return dense
  }
}
