import TensorGraph

/// Nodes without those that are written twice, change nothing, or are not needed.
struct CleanUp {
  private let file: ExportFile
  private var nodes: [ExportNode]
  private var outputs: [String]

  /// The nodes of a graph, cleaned up, and its outputs.
  static func run(
    _ nodes: [ExportNode], _ outputs: [String], _ file: ExportFile
  ) -> (nodes: [ExportNode], outputs: [String]) {
    var pass = CleanUp(file: file, nodes: nodes, outputs: outputs)
    pass.mergeEqual()
    (pass.nodes, pass.outputs) = TransposePass.run(pass.nodes, pass.outputs, file)
    pass.mergeEqual()
    pass.dropUnused()
    pass.joinBiases()
    pass.joinSqueezes()
    pass.joinResizes()
    pass.dropUnused()
    return (pass.nodes, pass.outputs)
  }

  private mutating func rename(_ names: [String: String]) {
    for index in nodes.indices { nodes[index].rename(names) }
    outputs = outputs.map { names[$0] ?? $0 }
  }

  /// The first of nodes that do the same with the same values stands for all of them.
  private mutating func mergeEqual() {
    var known: [ExportNode: [String]] = [:], names: [String: String] = [:]
    var kept: [ExportNode] = []
    for var node in nodes {
      node.rename(names)
      var key = node
      (key.outputs, key.path) = ([], "")
      if node.bodies.isEmpty, let same = known[key], same.count == node.outputs.count {
        for (output, other) in zip(node.outputs, same) { names[output] = other }
        continue
      }
      if node.bodies.isEmpty { known[key] = node.outputs }
      kept.append(node)
    }
    nodes = kept
    outputs = outputs.map { names[$0] ?? $0 }
  }

  private mutating func dropUnused() {
    (nodes, _) = Self.withoutUnused(nodes, Set(outputs))
  }

  private static func withoutUnused(
    _ nodes: [ExportNode], _ needed: Set<String>
  ) -> (nodes: [ExportNode], needed: Set<String>) {
    var needed = needed, kept: [ExportNode] = []
    for var node in nodes.reversed() where node.outputs.contains(where: needed.contains) {
      if ["LSTM", "GRU", "RNN"].contains(node.type) {  // whose outputs may be left out
        node.outputs = node.outputs.map { needed.contains($0) ? $0 : "" }
        while node.outputs.last == "" { node.outputs.removeLast() }
      }
      node.mapBodies { body in
        var body = body
        body.nodes = withoutUnused(body.nodes, Set(body.outputs)).nodes
        return body
      }
      needed.formUnion(node.reads)
      kept.append(node)
    }
    return (kept.reversed(), needed)
  }

  /// How often each value is read.
  private var uses: [String: Int] {
    var uses: [String: Int] = [:]
    for read in nodes.flatMap(\.reads) + outputs { uses[read, default: 0] += 1 }
    return uses
  }

  /// Where each value is computed.
  private var origins: [String: Int] {
    Dictionary(
      nodes.enumerated().flatMap { index, node in node.outputs.map { ($0, index) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// A number for each filter that is added to a convolution becomes its bias.
  private mutating func joinBiases() {
    let uses = uses, origins = origins
    var dropped: Set<Int> = []
    for (index, node) in nodes.enumerated() where node.type == "Add" {
      for (input, other) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
        guard let place = origins[input], uses[input] == 1, nodes[place].inputs.count == 2,
          ["Conv", "ConvTranspose"].contains(nodes[place].type),
          let bias = file.constants[other], let sizes = file.types[input]?.sizes,
          sizes[1] == .fixed(bias.tensor.count),
          bias.tensor.shape.rank >= sizes.count - 1,
          bias.tensor.shape[1 - sizes.count] == bias.tensor.count
        else { continue }
        let flat = file.constant(
          bias.tensor.reshaped([bias.tensor.count]), label: bias.label)
        nodes[place].inputs.append(flat.name)
        nodes[place].outputs = node.outputs
        dropped.insert(index)
        break
      }
    }
    nodes = nodes.enumerated().filter { !dropped.contains($0.offset) }.map(\.element)
  }

  /// A reduction drops its axes itself, and axes that come and go are left out.
  private mutating func joinSqueezes() {
    let uses = uses, origins = origins
    var names: [String: String] = [:], dropped: Set<Int> = []
    for (index, node) in nodes.enumerated() where node.type == "Squeeze" {
      guard node.inputs.count == 2, let place = origins[node.inputs[0]],
        nodes[place].inputs.count == 2, nodes[place].inputs[1] == node.inputs[1]
      else { continue }
      let origin = nodes[place]
      if origin.type == "Unsqueeze" {
        names[node.outputs[0]] = names[origin.inputs[0]] ?? origin.inputs[0]
        dropped.insert(index)
      } else if origin.type.hasPrefix("Reduce"), uses[node.inputs[0]] == 1,
        origin.attributes["keepdims"]?.int == 1
      {
        nodes[place].attributes["keepdims"] = .int(0)
        nodes[place].outputs = node.outputs
        dropped.insert(index)
      }
    }
    nodes = nodes.enumerated().filter { !dropped.contains($0.offset) }.map(\.element)
    rename(names)
  }

  /// Images that are resized along one axis and then along another are resized once.
  private mutating func joinResizes() {
    let uses = uses
    for index in nodes.indices where nodes[index].type == "Resize" {
      guard let place = origins[nodes[index].inputs[0]], nodes[place].type == "Resize",
        uses[nodes[index].inputs[0]] == 1, nodes[place].attributes == nodes[index].attributes,
        let a = file.tensor(nodes[place].inputs[2])?.numbers,
        let b = file.tensor(nodes[index].inputs[2])?.numbers
      else { continue }
      let both = zip(a, b).map { Float($0 * $1) }
      let scales = file.constant(Tensor([both.count], both), label: ExportFile.unnamed)
      nodes[index].inputs = [nodes[place].inputs[0], "", scales.name]
    }
  }
}
