import TensorGraph

/// A row of dense layers as columns of units with their weights: what a drawing shows.
struct DenseDiagram {
  /// The units of a layer.
  struct Column {
    /// What the layer is called.
    var name: String
    /// Its class and activation.
    var kind: String
    /// The shape of what it gives, without the batch.
    var shape: [Int?]
    /// The layers after it that keep its units.
    var followers: [String] = []
    /// The number of units.
    var count: Int
    /// The names of the units, or nothing.
    var unitNames: [String] = []
    /// What the units give for the sample, followers included; nothing without a sample.
    var values: [Double] = []
    /// The weights from the units before: `[units before, units]`, row by row.
    var kernel: [Float] = []
    /// What is added in each unit; nothing without bias.
    var bias: [Double] = []
  }

  /// The layers, the input first.
  var columns: [Column]
  /// Whether a sample fills the units.
  var hasSample: Bool { !columns[0].values.isEmpty }

  /// Finds the row of dense layers that `model` is.
  ///
  /// Returns nothing when it is more than that: then units and weights do not say it all.
  init?(_ model: Model, _ traced: TracedNetwork, sample: [Tensor]) throws {
    guard let chain = traced.innermostChain, chain.contains(where: { $0.layer is Dense }) else {
      return nil
    }
    let names = Dictionary(
      model.structure.layers.map { ($0.path, $0.name) }, uniquingKeysWith: { first, _ in first })
    columns = [
      Column(
        name: model.structure.inputNames[0], kind: "Input", shape: model.inputs[0].shape, count: 0)
    ]
    var results = [traced.inputs[0]]  // of the columns
    for call in chain {
      let name = names[call.path] ?? call.path
      if let dense = call.layer as? Dense {
        guard call.inputs[0].shape.rank == 2 else { return nil }
        let activation = dense.activation == .linear ? "" : ", \(dense.activation.rawValue)"
        columns.append(
          Column(
            name: name, kind: "Dense" + activation, shape: [dense.units], count: 0,
            kernel: model.weights[call.path + "/kernel"]?.scalars(as: Float.self) ?? [],
            bias: model.weights[call.path + "/bias"]?.numbers ?? []))
        results.append(call.outputs[0])
      } else {
        guard call.layer.keepsUnits, call.inputs[0].shape.count == call.outputs[0].shape.count
        else { return nil }
        results[results.count - 1] = call.outputs[0]
        if !(call.layer is InputLayer) {
          columns[columns.count - 1].followers.append(DenseDiagram.title(of: call.layer))
        }
      }
    }
    for index in columns.indices {
      columns[index].count = results[index].shape.dims.dropFirst().reduce(1, *)
    }
    for (before, column) in zip(columns, columns.dropFirst()) {
      guard column.kernel.count == before.count * column.count else { return nil }  // glu
    }
    if !sample.isEmpty {
      let values = try model.values(of: results, in: traced, for: sample)
      for index in columns.indices {
        columns[index].values = Array(values[index].numbers.prefix(columns[index].count))
      }
    }
  }

  /// Names the units of the input and of the output.
  ///
  /// - Throws: when there are not as many names as units.
  mutating func name(inputs: [String], outputs: [String]) throws(GraphError) {
    for (index, names) in [(0, inputs), (columns.count - 1, outputs)] where !names.isEmpty {
      guard names.count == columns[index].count else {
        throw GraphError(
          "\(columns[index].name) has \(columns[index].count) units, and \(names.count) names "
            + "are given")
      }
      columns[index].unitNames = names
    }
  }

  private static func title(of layer: any Layer) -> String {
    if let layer = layer as? ActivationLayer { return layer.activation.rawValue }
    return layer.className
  }
}

extension Layer {
  /// Whether each unit of the output belongs to one unit of the input.
  fileprivate var keepsUnits: Bool {
    switch self {
    case is InputLayer, is Flatten, is Reshape, is Rescaling, is Dropout, is Identity,
      is ActivationLayer, is ReLU, is LeakyReLU, is ELU, is PReLU, is Softmax,
      is BatchNormalization, is LayerNormalization:
      true
    default: false
    }
  }
}

extension TracedNetwork {
  /// The innermost calls, if each takes just what the one before it gave, from the only input to
  /// the only output.
  fileprivate var innermostChain: [ModelTrace.RecordedCall]? {
    guard inputs.count == 1, outputs.count == 1 else { return nil }
    var current = inputs[0].id
    let innermost = calls.filter(\.isInnermost)
    for call in innermost {
      guard call.inputs.count == 1, call.outputs.count == 1, let given = call.inputs.first?.id,
        given == current || isCast(given, of: current)
      else { return nil }
      current = call.outputs[0].id
    }
    return current == outputs[0].id ? innermost : nil
  }

  /// Whether `value` is the input `other` in another element type.
  private func isCast(_ value: ValueID, of other: ValueID) -> Bool {
    guard other == inputs[0].id else { return false }
    let node = trace.nodes[value.node]
    return node.operation is Cast && node.inputs == [other]
  }
}
