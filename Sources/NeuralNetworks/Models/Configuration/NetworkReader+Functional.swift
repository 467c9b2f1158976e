import TensorGraph

extension NetworkReader {
  /// What a call in a file has become.
  fileprivate enum Result {
    case call(LayerCall, outputs: Int)
    /// The result of an operation that Keras noted to hand a mask on. Masks travel by themselves
    /// here, so it may only be used as one.
    case mask(operation: String)
  }

  /// What an output of a layer in a file has become.
  fileprivate enum Value {
    case tensor(SymbolicTensor)
    case mask(operation: String)
  }

  /// A layer of the file with the calls that are still to be made.
  fileprivate struct Entry {
    let name: String
    let object: JSONValue
    let layer: (any Layer)?
    let nodes: [JSONValue]
    var results: [Result] = []
    /// What the file calls the first call: a network of Keras 2 counts its own making as one.
    var firstNode = 0

    /// Whether it is an operation on tensors, not a layer.
    var isOperation: Bool { FileOperation.isOne(object) }
    var className: String { object["class_name"]?.string ?? "" }
  }

  /// The most layers of a network, and the most calls of them.
  static let layerLimit = 5000
  fileprivate static let callLimit = 100_000

  /// The calls of `config`'s inbound nodes, made in the order in which their inputs appear.
  mutating func functional(
    _ config: JSONValue, path: String, depth: Int
  ) throws(ConfigurationError) -> (any Layer, [InputLayer]?) {
    guard let objects = config["layers"]?.array, objects.count <= Self.layerLimit else {
      throw ConfigurationError("a Functional has no layers, or more than \(Self.layerLimit)")
    }
    var entries: [Entry] = []
    var position: [String: Int] = [:]
    var callCount = 0
    for object in objects {
      guard let name = object["name"]?.string ?? object["config"]?["name"]?.string else {
        throw ConfigurationError("a layer has no name")
      }
      guard position.updateValue(entries.count, forKey: name) == nil else {
        throw ConfigurationError("two layers are named \(name)")
      }
      let entry = try entry(name, object, path: path, depth: depth)
      callCount += entry.nodes.count
      guard callCount <= Self.callLimit else {
        throw ConfigurationError("the layers are called more than \(Self.callLimit) times")
      }
      entries.append(entry)
    }
    numberCalls(of: &entries, references(config["output_layers"] ?? .null), position)
    try makeCalls(of: &entries, position)

    func tensors(_ key: String) throws(ConfigurationError) -> [SymbolicTensor] {
      var result: [SymbolicTensor] = []
      for var reference in references(config[key] ?? .null) {
        if let index = position[reference.name], entries[index].layer is Functional {
          reference.node = max(reference.node, 1) - 1 + entries[index].firstNode
        }
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

  /// Finds out whether the calls of networks count from 0, or from 1 as in Keras 2.
  ///
  /// Among the outputs of a network those of a Functional always count from 1.
  private func numberCalls(
    of entries: inout [Entry], _ outputs: [TensorReference], _ position: [String: Int]
  ) {
    var first: [String: Int] = [:]
    for entry in entries {
      for reference in entry.nodes.flatMap({ inputs(of: entry, $0) }) {
        first[reference.name] = min(first[reference.name] ?? .max, reference.node)
      }
    }
    for reference in outputs
    where !(position[reference.name].map { entries[$0].layer is Functional } ?? true) {
      first[reference.name] = min(first[reference.name] ?? .max, reference.node)
    }
    for index in entries.indices where entries[index].layer is any Network {
      if let node = first[entries[index].name], node > 0 { entries[index].firstNode = 1 }
    }
  }

  /// Makes every call when all of its inputs are there.
  private func makeCalls(
    of entries: inout [Entry], _ position: [String: Int]
  ) throws(ConfigurationError) {
    struct Node: Hashable {
      let name: String, node: Int
    }
    var ready = Array(entries.indices.reversed())
    // The layers that wait for a call, and for how many calls a layer waits.
    var waiting: [Node: [Int]] = [:]
    var missing = [Int](repeating: 0, count: entries.count)
    while let index = ready.popLast() {
      while entries[index].results.count < entries[index].nodes.count {
        let entry = entries[index]
        let node = entry.nodes[entry.results.count]
        let inputs = self.inputs(of: entry, node).filter { entries.value(of: $0, position) == nil }
        guard inputs.isEmpty,
          let result = try call(entry, node, { entries.value(of: $0, position) })
        else {
          let inputs = Set(inputs.map { Node(name: $0.name, node: $0.node) })
          missing[index] = inputs.count
          for input in inputs { waiting[input, default: []].append(index) }
          break
        }
        entries[index].results.append(result)
        let made = Node(name: entry.name, node: entry.results.count + entry.firstNode)
        for other in waiting.removeValue(forKey: made) ?? [] {
          missing[other] -= 1
          if missing[other] == 0 { ready.append(other) }
        }
      }
    }
    guard let entry = entries.first(where: { $0.results.count < $0.nodes.count }) else { return }
    throw ConfigurationError(
      "the inputs of \(entry.name) lead to no input of the network", layer: entry.name)
  }

  private mutating func entry(
    _ name: String, _ object: JSONValue, path: String, depth: Int
  ) throws(ConfigurationError) -> Entry {
    if object["class_name"]?.string == "InputLayer" {
      let layer = try inputLayer(object["config"] ?? .null)
      let named = InputLayer(
        layer.shape, dtype: layer.dtype, batchSize: layer.batchSize, name: name)
      var entry = Entry(name: name, object: object, layer: named, nodes: [])
      entry.results = [.call(LayerCall(named, []), outputs: 1)]
      return entry
    }
    let nodes = object["inbound_nodes"]?.array ?? []
    let plain = Entry(name: name, object: object, layer: nil, nodes: nodes)
    if plain.isOperation { return plain }
    let layer = try layer(object, parent: path, depth: depth)
    return Entry(name: name, object: object, layer: layer, nodes: nodes)
  }

  /// What a call needs: the references among its arguments with and without names.
  private func inputs(of entry: Entry, _ node: JSONValue) -> [TensorReference] {
    let (arguments, keywords) = FileOperation.arguments(of: node)
    let operation = entry.isOperation ? FileOperation(entry.object) : nil
    let named = keywords.filter { operation?.takes($0.key) ?? true }
    return (arguments + named.values).flatMap { references($0) }
  }

  /// What one call becomes, or nothing while an input is missing.
  private func call(
    _ entry: Entry, _ node: JSONValue, _ value: (TensorReference) -> Value?
  ) throws(ConfigurationError) -> Result? {
    let (arguments, keywords) = FileOperation.arguments(of: node)
    var inputs: [SymbolicTensor] = []
    var masks = false
    func add(_ reference: TensorReference) throws(ConfigurationError) -> Bool {
      switch value(reference) {
      case .tensor(let tensor)?: inputs.append(tensor)
      case .mask(let operation)?:
        guard entry.isOperation else {
          var mistake = ConfigurationError(
            "the operation \(operation) is not supported", layer: reference.name)
          mistake.unknown = operation
          throw mistake
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
      let operation = FileOperation(entry.object)
      for (key, argument) in keywords.sorted(by: { $0.key < $1.key }) where operation.takes(key) {
        numbers.append(argument.double)
        guard argument.double == nil else { continue }
        for reference in references(argument) { guard try add(reference) else { return nil } }
      }
      if !masks, let layer = operation.layer(operation.completed(numbers), keywords) {
        return .call(LayerCall(layer, inputs), outputs: 1)
      }
      guard !operation.isOfTensorFlow else { throw operation.unsupported }
      return .mask(operation: entry.className)
    }
    guard let layer = entry.layer else { return nil }

    var named: [String: CallArgument] = [:]
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
    return .call(LayerCall(layer, inputs, arguments: named), outputs: 16)
  }

  /// Query, value and key before what is given by name alone.
  private func order(_ key: String) -> String {
    ["inputs": "0", "sequences": "0", "query": "1", "value": "2", "key": "3"][key] ?? "4" + key
  }
}

/// A result of a call in a file: layer, call, output.
private struct TensorReference {
  let name: String
  var node: Int
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
    guard let index = position[reference.name], reference.node >= 0,
      self[index].results.indices.contains(reference.node - self[index].firstNode)
    else { return nil }
    switch self[index].results[reference.node - self[index].firstNode] {
    case .call(let call, let outputs):
      guard (0..<outputs).contains(reference.output) else { return nil }
      return .tensor(SymbolicTensor(call, output: reference.output))
    case .mask(let operation): return reference.output == 0 ? .mask(operation: operation) : nil
    }
  }
}
