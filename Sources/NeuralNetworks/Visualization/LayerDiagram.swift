import TensorGraph

/// The layers of a network as boxes, and which of them feeds which: what a drawing shows.
struct LayerDiagram {
  /// A layer.
  struct Box {
    /// What it is called.
    var name: String
    /// Its class.
    var className: String
    /// The shapes of what it gives, with the batch.
    var shapes: [[Int?]]
    /// The number of numbers in its weights and states.
    var parameterCount: Int
  }

  /// The layers in order of first call, the inputs first.
  var boxes: [Box] = []
  /// The connections, each once, in order.
  var edges: [(from: Int, to: Int)] = []

  /// Finds the layers of `model` and, where it could be traced, how they are connected.
  init(_ model: Model, _ traced: TracedNetwork?) {
    let records = model.structure.layers.filter { !$0.path.contains("/") }
    let names = Set(records.map(\.name))
    var indices: [String: Int] = [:]
    var producers: [ValueID: Int] = [:]  // which box gives a value
    for (index, name) in model.structure.inputNames.enumerated() where !names.contains(name) {
      if let traced { producers[traced.inputs[index].id] = boxes.count }
      boxes.append(
        Box(
          name: name, className: "InputLayer", shapes: [model.inputs[index].batchShape],
          parameterCount: 0))
    }
    for record in records {
      indices[record.path] = boxes.count
      let own = model.declarations.filter { $0.path.hasPrefix(record.path + "/") }
      boxes.append(
        Box(
          name: record.name, className: record.layer.className, shapes: record.outputs,
          parameterCount: own.reduce(0) { $0 + $1.type.shape.count }))
    }
    guard let traced else { return }
    for call in traced.calls {
      guard let box = indices[call.path] else { continue }
      for input in call.inputs {
        for source in traced.trace.sources(of: input.id, among: producers)
        where source != box && !edges.contains(where: { $0 == (source, box) }) {
          edges.append((source, box))
        }
      }
      for output in call.outputs { producers[output.id] = box }
    }
  }
}
