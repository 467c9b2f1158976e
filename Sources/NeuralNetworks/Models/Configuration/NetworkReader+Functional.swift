import TensorGraph

extension NetworkReader {
  /// What an output of a layer in a file has become.
  fileprivate enum Value {
    case tensor(SymbolicTensor)
    /// The result of an operation that Keras noted to hand a mask on. Masks travel by themselves
    /// here, so it may only be used as one.
    case mask(operation: String)
  }

  /// A layer of the file with the calls that are still to be made.
  fileprivate struct Entry {
    let name: String
    let object: JSONValue
    let layer: (any Layer)?
    let nodes: [JSONValue]
    var results: [[Value]?] = []

    /// Whether it is an operation on tensors, not a layer.
    var isOperation: Bool { object["module"]?.string?.hasPrefix("keras.src.ops") == true }
    var className: String { object["class_name"]?.string ?? "" }
  }

  /// The calls of `config`'s inbound nodes, made in the order in which their inputs appear.
  mutating func functional(
    _ config: JSONValue, path: String, depth: Int
  ) throws(ConfigurationError) -> (any Layer, [InputLayer]?) {
    guard let objects = config["layers"]?.array, objects.count <= 5000 else {
      throw ConfigurationError("a Functional has no layers, or more than 5000")
    }
    var entries: [Entry] = []
    var position: [String: Int] = [:]
    for object in objects {
      guard let name = object["name"]?.string ?? object["config"]?["name"]?.string else {
        throw ConfigurationError("a layer has no name")
      }
      guard position.updateValue(entries.count, forKey: name) == nil else {
        throw ConfigurationError("two layers are named \(name)")
      }
      entries.append(try entry(name, object, path: path, depth: depth))
    }

    var pending = Array(entries.indices)
    while !pending.isEmpty {
      var waiting: [Int] = []
      for index in pending {
        while entries[index].results.count < entries[index].nodes.count {
          let entry = entries[index]
          let node = entry.nodes[entry.results.count]
          guard let values = try call(entry, node, { entries.value(of: $0, position) }) else {
            break
          }
          entries[index].results.append(values)
        }
        if entries[index].results.count < entries[index].nodes.count { waiting.append(index) }
      }
      guard waiting.count < pending.count || waiting.isEmpty else {
        throw ConfigurationError(
          "the inputs of \(entries[waiting[0]].name) lead to no input of the network",
          layer: entries[waiting[0]].name)
      }
      pending = waiting
    }

    func tensors(_ key: String) throws(ConfigurationError) -> [SymbolicTensor] {
      var result: [SymbolicTensor] = []
      for reference in references(config[key] ?? .null) {
        guard case .tensor(let tensor)? = entries.value(of: reference, position) else {
          throw ConfigurationError("\(key) names \(reference.name), which is no layer's output")
        }
        result.append(tensor)
      }
      guard !result.isEmpty else { throw ConfigurationError("the network has no \(key)") }
      return result
    }
    let inputs = try tensors("input_layers")
    let network = Functional(
      inputs: inputs, outputs: try tensors("output_layers"), name: config["name"]?.string)
    return (network, inputs.compactMap { $0.call.layer as? InputLayer })
  }

  private mutating func entry(
    _ name: String, _ object: JSONValue, path: String, depth: Int
  ) throws(ConfigurationError) -> Entry {
    if object["class_name"]?.string == "InputLayer" {
      let layer = try inputLayer(object["config"] ?? .null)
      let named = InputLayer(
        layer.shape, dtype: layer.dtype, batchSize: layer.batchSize, name: name)
      var entry = Entry(name: name, object: object, layer: named, nodes: [])
      entry.results = [[.tensor(SymbolicTensor(LayerCall(named, [])))]]
      return entry
    }
    let nodes = object["inbound_nodes"]?.array ?? []
    let plain = Entry(name: name, object: object, layer: nil, nodes: nodes)
    if plain.isOperation { return plain }
    let layer = try layer(object, parent: path, depth: depth)
    return Entry(name: name, object: object, layer: layer, nodes: nodes)
  }

  /// The outputs of one call, or nothing while an input is missing.
  private func call(
    _ entry: Entry, _ node: JSONValue, _ value: (TensorReference) -> Value?
  ) throws(ConfigurationError) -> [Value]? {
    let arguments = node["args"]?.array ?? [node]  // an older file has the inputs alone
    var inputs: [SymbolicTensor] = []
    var masks = false
    func add(_ reference: TensorReference) throws(ConfigurationError) -> Bool {
      switch value(reference) {
      case .tensor(let tensor)?: inputs.append(tensor)
      case .mask(let operation)?:
        guard entry.isOperation else {
          throw ConfigurationError(
            "the operation \(operation) is not supported", layer: reference.name)
        }
        masks = true
      case nil: return false
      }
      return true
    }
    var numbers: [Double?] = []
    for argument in arguments {
      switch argument {
      case .int(let number): numbers.append(Double(number))
      case .number(let number): numbers.append(number)
      default:
        let found = references(argument)
        if !found.isEmpty { numbers.append(nil) }
        for reference in found { guard try add(reference) else { return nil } }
      }
    }
    if entry.isOperation {
      guard !masks, let layer = operation(entry, numbers) else {
        return [.mask(operation: entry.className)]
      }
      return [.tensor(SymbolicTensor(LayerCall(layer, inputs)))]
    }
    guard let layer = entry.layer else { return [] }

    var named: [String: CallArgument] = [:]
    let keywords = node["kwargs"]?.object ?? [:]
    for (key, argument) in keywords.sorted(by: { order($0.key) < order($1.key) }) {
      switch argument {
      case .bool(let flag): if key != "training" { named[key] = .bool(flag) }
      case .int(let number): named[key] = .number(Double(number))
      case .number(let number): named[key] = .number(number)
      case .string(let text): named[key] = .string(text)
      default:
        for reference in references(argument) {
          guard let known = value(reference) else { return nil }
          if case .mask = known, key == "mask" || key.hasSuffix("_mask"), key != "attention_mask" {
            continue  // it travels with the input
          }
          if key == "mask" {
            throw ConfigurationError(
              "a mask that is an input of the network is not supported", layer: entry.name,
              hint: "use a Masking layer, or an Embedding with mask_zero")
          }
          if !["query", "value", "inputs", "initial_state", "sequences", "states"].contains(key) {
            named[key] = .input(inputs.count)
          }
          guard try add(reference) else { return nil }
        }
      }
    }
    guard !inputs.isEmpty else {
      throw ConfigurationError("\(entry.name) is called on nothing", layer: entry.name)
    }
    let call = LayerCall(layer, inputs, arguments: named)
    return (0..<16).map { .tensor(SymbolicTensor(call, output: $0)) }
  }

  /// Query, value and key before what is given by name alone.
  private func order(_ key: String) -> String {
    ["inputs": "0", "sequences": "0", "query": "1", "value": "2", "key": "3"][key] ?? "4" + key
  }

  /// The layer that computes an operation between tensors, or with a number.
  private func operation(_ entry: Entry, _ numbers: [Double?]) -> (any Layer)? {
    let name = entry.name
    guard numbers.count == 2 else { return nil }
    switch (entry.className, numbers[0], numbers[1]) {
    case ("Add", nil, nil): return Add(name: name)
    case ("Subtract", nil, nil): return Subtract(name: name)
    case ("Multiply", nil, nil): return Multiply(name: name)
    case ("Maximum", nil, nil): return Maximum(name: name)
    case ("Minimum", nil, nil): return Minimum(name: name)
    case ("Add", nil, let b?), ("Add", let b?, nil): return Rescaling(1, offset: b, name: name)
    case ("Subtract", nil, let b?): return Rescaling(1, offset: -b, name: name)
    case ("Subtract", let a?, nil): return Rescaling(-1, offset: a, name: name)
    case ("Multiply", nil, let b?), ("Multiply", let b?, nil): return Rescaling(b, name: name)
    case ("TrueDivide", nil, let b?), ("Divide", nil, let b?):
      return Rescaling(1 / b, name: name)
    default: return nil
    }
  }
}

/// A result of a call in a file: layer, call, output.
private struct TensorReference {
  let name: String
  let node: Int
  let output: Int
}

/// The references in `value`: one, a list, or an object by name.
private func references(_ value: JSONValue, depth: Int = 0) -> [TensorReference] {
  guard depth < 8 else { return [] }
  switch value {
  case .array(let elements):
    if elements.count >= 3, let name = elements[0].string, let node = elements[1].int,
      let output = elements[2].int
    {
      return [TensorReference(name: name, node: node, output: output)]
    }
    return elements.flatMap { references($0, depth: depth + 1) }
  case .object(let members):
    if let history = members["config"]?["keras_history"] { return references(history) }
    return members.sorted { $0.key < $1.key }.flatMap { references($0.value, depth: depth + 1) }
  default: return []
  }
}

extension [NetworkReader.Entry] {
  fileprivate func value(
    of reference: TensorReference, _ position: [String: Int]
  ) -> NetworkReader.Value? {
    guard let index = position[reference.name],
      self[index].results.indices.contains(reference.node),
      let values = self[index].results[reference.node],
      values.indices.contains(reference.output)
    else { return nil }
    return values[reference.output]
  }
}
