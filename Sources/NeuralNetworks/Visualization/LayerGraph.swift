import TensorGraph

/// A call of a layer, and the calls it reads from.
package struct LayerCallNode: Sendable, Hashable {
  /// The path of the layer; of further calls with a number: `shared`, `shared_call_2`.
  package var name: String
  /// The class of the layer.
  package var className: String
  /// The names of the calls that it reads from.
  package var inputs: [String]
  /// The shapes of what the layer gives, with the batch; an open size is nothing.
  package var outputShapes: [[Int?]]
  /// The number of numbers in the weights and states of the layer.
  package var parameterCount: Int
}

extension Model {
  /// The calls of the innermost layers in order, after the inputs; of a network that cannot be
  /// traced without data, the layers without connections.
  package var layerGraph: [LayerCallNode] {
    let traced = anySampleTrace()
    let records = Dictionary(
      structure.layers.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    var nodes: [LayerCallNode] = []
    var names: Set<String> = []
    var producers: [ValueID: Int] = [:]  // which node gives a value

    func add(_ path: String, _ className: String, _ shapes: [[Int?]], inputs: [String] = []) {
      var name = path
      var count = 1
      while !names.insert(name).inserted {
        count += 1
        name = "\(path)_call_\(count)"
      }
      let own = declarations.filter { $0.path.hasPrefix(path + "/") }
      nodes.append(
        LayerCallNode(
          name: name, className: className, inputs: inputs, outputShapes: shapes,
          parameterCount: own.reduce(0) { $0 + $1.type.shape.count }))
    }

    for (index, name) in structure.inputNames.enumerated() {
      if let traced { producers[traced.inputs[index].id] = nodes.count }
      add(name, "InputLayer", [inputs[index].batchShape])
    }
    guard let traced else {
      for record in structure.layers where !names.contains(record.path) {
        add(record.path, record.layer.className, record.outputs)
      }
      return nodes
    }
    let calls = traced.calls.filter { !($0.layer is InputLayer) }
    // A layer is drawn as a box around those in it.
    var outer: Set<Substring> = []
    for call in calls {
      for slash in call.path.indices where call.path[slash] == "/" {
        outer.insert(call.path[..<slash])
      }
    }
    for call in calls where !outer.contains(call.path[...]) {
      var sources: [Int] = []
      for input in call.inputs {
        for source in traced.trace.sources(of: input.id, among: producers)
        where !sources.contains(source) {
          sources.append(source)
        }
      }
      let index = nodes.count
      add(
        call.path, call.layer.className, records[call.path]?.outputs ?? [],
        inputs: sources.map { nodes[$0].name })
      // A layer that does nothing gives what it was given; then it stands for that from now on.
      for output in call.outputs { producers[output.id] = index }
    }
    return nodes
  }
}

extension Trace {
  /// The `producers` that `value` comes from, directly or through operations between layers.
  func sources(of value: ValueID, among producers: [ValueID: Int]) -> [Int] {
    var found: [Int] = []
    var pending = [value]
    var seen: Set<ValueID> = [value]
    while let value = pending.popLast() {
      if let producer = producers[value] {
        if !found.contains(producer) { found.append(producer) }
        continue
      }
      for input in nodes[value.node].inputs where seen.insert(input).inserted {
        pending.append(input)
      }
    }
    return found.sorted()
  }
}
