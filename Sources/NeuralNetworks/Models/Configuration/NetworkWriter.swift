import TensorGraph

/// Writes the network of a model as Keras's configuration.
struct NetworkWriter {
  private let model: Model
  private let records: [ObjectIdentifier: NetworkStructure.LayerRecord]

  init(_ model: Model) {
    self.model = model
    records = Dictionary(
      model.structure.layers.map { (ObjectIdentifier($0.layer), $0) }, uniquingKeysWith: { $1 })
  }

  /// The whole model.
  func object() throws(ConfigurationError) -> JSONValue {
    let inputs = model.inputs.enumerated().map { index, input in
      inputLayer(model.structure.inputNames[index], input.batchShape, input.dtype)
    }
    if let functional = model.network as? Functional {
      return try self.functional(functional, name: model.name, isTrainable: true)
    }
    guard let sequential = model.network as? Sequential else { throw unnamed(model.network) }
    return try self.sequential(
      sequential, name: model.name, input: inputs[0], shape: model.inputs[0].batchShape,
      isTrainable: true)
  }

  private func unnamed(_ layer: any Layer) -> ConfigurationError {
    ConfigurationError(
      "\(layer.className) is no layer that files can name",
      hint: "conform it to NamedLayer, or make the model of layers with Input(…) and Model(inputs:)"
    )
  }

  private func name(of layer: any Layer) -> String {
    records[ObjectIdentifier(layer)]?.name ?? layer.name ?? layer.defaultName
  }

  private func isTrainable(_ layer: any Layer) -> Bool {
    records[ObjectIdentifier(layer)].map { !model.isFrozen(layer: $0.path) } ?? true
  }

  private func object(of layer: any Layer) throws(ConfigurationError) -> JSONValue {
    let name = name(of: layer)
    let isTrainable = isTrainable(layer)
    let record = records[ObjectIdentifier(layer)]
    let policy = record?.policy ?? model.dtypePolicy
    switch layer {
    case let input as InputLayer: return inputLayer(name, input.batchShape, input.dtype)
    case let functional as Functional:
      return try self.functional(functional, name: name, isTrainable: isTrainable)
    case let sequential as Sequential:
      let shape = record?.inputs.first ?? []
      return try self.sequential(
        sequential, name: name,
        input: inputLayer("input_layer", shape, record?.inputDTypes.first ?? .float32),
        shape: shape, isTrainable: isTrainable)
    case let layer as any NamedLayer:
      let distributed = (layer as? TimeDistributed).flatMap { $0.layer is any Network ? $0 : nil }
      var object =
        try LayerRegistry.object(
          of: distributed.map { TimeDistributed(Identity(), options: $0.options) } ?? layer,
          name: name, isTrainable: isTrainable, policy: policy
        ).object ?? [:]
      if let distributed, var config = object["config"]?.object {
        config["layer"] = try self.object(of: distributed.layer)  // a network, which has no Codable
        object["config"] = .object(config)
      }
      // What is called on several inputs one by one is built when it is called.
      let isCalledOnOne = (layer as? any MultiInputLayer)?.takesList ?? true
      if let shapes = record?.inputs, shapes.count == 1 || isCalledOnOne {
        object["build_config"] = [
          "input_shape": shapes.count == 1 ? json(shapes[0]) : .array(shapes.map(json))
        ]
      }
      return .object(object)
    default: throw unnamed(layer)
    }
  }

  private func inputLayer(_ name: String, _ shape: [Int?], _ dtype: DType) -> JSONValue {
    [
      "module": "keras.layers", "class_name": "InputLayer",
      "config": [
        "batch_shape": json(shape), "dtype": .string(dtype.rawValue), "sparse": false,
        "ragged": false, "name": .string(name), "optional": false,
      ],
      "registered_name": nil,
    ]
  }

  private func json(_ shape: [Int?]) -> JSONValue {
    .array(shape.map { $0.map(JSONValue.int) ?? .null })
  }

  private func sequential(
    _ network: Sequential, name: String, input: JSONValue, shape: [Int?], isTrainable: Bool
  ) throws(ConfigurationError) -> JSONValue {
    guard Set(network.layers.map(ObjectIdentifier.init)).count == network.layers.count else {
      throw ConfigurationError(
        "a layer stands in \(name) twice, which Keras's Sequential cannot",
        hint: "make the model with Input(…) and Model(inputs:outputs:)")
    }
    var layers = [input]
    for layer in network.layers { layers.append(try object(of: layer)) }
    return [
      "module": "keras", "class_name": "Sequential", "registered_name": nil,
      "config": [
        "name": .string(name), "trainable": .bool(isTrainable), "dtype": model.dtypePolicy.object,
        "layers": .array(layers), "build_input_shape": json(shape),
      ],
      "build_config": ["input_shape": json(shape)],
    ]
  }

  private func functional(
    _ network: Functional, name: String, isTrainable: Bool
  ) throws(ConfigurationError) -> JSONValue {
    var calls: [ObjectIdentifier: [LayerCall]] = [:]
    for call in network.calls { calls[ObjectIdentifier(call.layer), default: []].append(call) }
    func history(_ tensor: SymbolicTensor) -> JSONValue {
      let index =
        calls[ObjectIdentifier(tensor.call.layer)]?.firstIndex { $0 === tensor.call } ?? 0
      return [.string(self.name(of: tensor.call.layer)), .int(index), .int(tensor.output)]
    }
    func reference(_ tensor: SymbolicTensor) -> JSONValue {
      let record = records[ObjectIdentifier(tensor.call.layer)]
      let output = record.flatMap { $0.outputs.indices.contains(tensor.output) ? $0 : nil }
      let dtype = output?.outputDTypes[tensor.output] ?? .float32
      return [
        "class_name": "__keras_tensor__",
        "config": [
          "shape": json(output?.outputs[tensor.output] ?? []), "dtype": .string(dtype.rawValue),
          "keras_history": history(tensor),
        ],
      ]
    }
    func node(_ call: LayerCall) -> JSONValue {
      var named: [String: JSONValue] = [:]
      var positional = call.inputs.map(reference)
      for (key, argument) in call.arguments {
        switch argument {
        case .bool(let flag): named[key] = .bool(flag)
        case .number(let number): named[key] = .number(number)
        case .string(let text): named[key] = .string(text)
        case .input(let index): named[key] = reference(call.inputs[index])
        }
      }
      let byName = Set(
        call.arguments.values.compactMap { if case .input(let index) = $0 { index } else { nil } })
      positional = positional.indices.filter { !byName.contains($0) }.map { positional[$0] }
      if let nesting = StateNesting(of: call.layer), positional.count > 1 {
        let states = nesting(Array(positional.dropFirst()))
        if !(call.layer is any RNNCell) { named["initial_state"] = states }
        positional = [positional[0]] + (call.layer is any RNNCell ? [states] : [])
      } else if let layer = call.layer as? any MultiInputLayer, layer.takesList,
        positional.count > 1 || layer is any MergingLayer
      {
        positional = [.array(positional)]
      }
      return ["args": .array(positional), "kwargs": .object(named)]
    }
    var layers: [JSONValue] = []
    for layer in network.layers {
      var object = try object(of: layer).object ?? [:]
      object["name"] = .string(self.name(of: layer))
      let own = calls[ObjectIdentifier(layer)] ?? []
      object["inbound_nodes"] = .array(layer is InputLayer ? [] : own.map(node))
      layers.append(.object(object))
    }
    // Here Keras counts the calls of a Functional from 1.
    func end(_ tensor: SymbolicTensor) -> JSONValue {
      let history = history(tensor)
      guard tensor.call.layer is Functional, let parts = history.array, let index = parts[1].int
      else { return history }
      return [parts[0], .int(index + 1), parts[2]]
    }
    func list(_ tensors: [SymbolicTensor]) -> JSONValue {
      tensors.count == 1 ? end(tensors[0]) : .array(tensors.map(end))
    }
    return [
      "module": "keras.src.models.functional", "class_name": "Functional",
      "registered_name": "Functional",
      "config": [
        "name": .string(name), "trainable": .bool(isTrainable), "layers": .array(layers),
        "input_layers": list(network.inputs), "output_layers": list(network.outputs),
      ],
      "build_config": ["input_shape": nil],
    ]
  }
}
