import TensorGraph

/// Layers connected in any way without a circle: several inputs and outputs, shared layers,
/// branches that meet again.
///
/// It is what `Model(inputs:outputs:)` makes of symbolic tensors, and itself a layer, so a model
/// can be a part of another.
///
/// - Input, output: those of the symbolic tensors it was made from, in their order
public final class Functional: Network, MultiInputLayer {
  /// Where data enters.
  public let inputs: [SymbolicTensor]
  /// What comes out.
  public let outputs: [SymbolicTensor]
  public let name: String?
  /// The calls that lead from inputs to outputs, each after those it needs.
  let calls: [LayerCall]
  /// The layers, each once, in Keras's order.
  public let layers: [any Layer]

  public var masking: MaskHandling { .explicit }  // the layers in it have done it
  public var castsInputs: Bool { false }
  public var takesList: Bool { inputs.count > 1 }

  /// Creates the network that computes `outputs` from `inputs`.
  public init(inputs: [SymbolicTensor], outputs: [SymbolicTensor], name: String? = nil) {
    self.inputs = inputs
    self.outputs = outputs
    self.name = name
    (calls, layers) = orderOfCalls(inputs: inputs, outputs: outputs)
  }

  public func call(_ x: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard x.count == inputs.count else {
      return [context.fail("\(name ?? "the network") takes \(inputs.count) inputs, not \(x.count)")]
    }
    var values: [ObjectIdentifier: [Symbol]] = [:]
    for (input, symbol) in zip(inputs, x) {
      context.model.locate(input.call.layer, input.call.location)
      values[ObjectIdentifier(input.call)] = input.call.layer.apply(to: [symbol])
    }
    for call in calls where values[ObjectIdentifier(call)] == nil {
      context.model.locate(call.layer, call.location)
      guard !call.inputs.isEmpty else {
        let name = call.layer.name ?? "an input"
        let place = call.location.map { "\($0): add it" } ?? "add it"
        return [
          context.fail(
            "\(name) is used, and is not among the inputs of the network",
            hint: "\(place) to Model(inputs:)")
        ]
      }
      var operands: [Symbol] = []
      for input in call.inputs {
        guard let symbol = value(of: input, values, context) else { return [x[0].trace.invalid] }
        operands.append(symbol)
      }
      values[ObjectIdentifier(call)] = call.layer.apply(to: operands, arguments: call.arguments)
    }
    return outputs.map { value(of: $0, values, context) ?? x[0].trace.invalid }
  }

  private func value(
    of tensor: SymbolicTensor, _ values: [ObjectIdentifier: [Symbol]], _ context: LayerContext
  ) -> Symbol? {
    guard let results = values[ObjectIdentifier(tensor.call)] else { return nil }
    guard results.indices.contains(tensor.output) else {
      guard results.allSatisfy(\.isValid) else { return nil }
      context.model.trace.fail(
        "\(tensor.call.layer.className) has \(results.count) outputs, and output "
          + "\(tensor.output) is asked for")
      return nil
    }
    return results[tensor.output]
  }
}

/// The calls reached from `outputs`, farthest from the outputs first, and their layers.
///
/// The order is Keras's, since its weight files count layers by it: by depth, and at one depth as
/// a walk from the outputs back meets them.
private func orderOfCalls(
  inputs: [SymbolicTensor], outputs: [SymbolicTensor]
) -> (calls: [LayerCall], layers: [any Layer]) {
  var finished: [LayerCall] = []  // each after those it needs
  var seen: Set<ObjectIdentifier> = []
  var firstMet: [ObjectIdentifier: Int] = [:]
  for output in outputs {
    var pending: [(call: LayerCall, next: Int)] = []
    func meet(_ call: LayerCall) {
      guard seen.insert(ObjectIdentifier(call)).inserted else { return }
      let layer = ObjectIdentifier(call.layer)
      firstMet[layer] = firstMet[layer] ?? firstMet.count
      pending.append((call, 0))
    }
    meet(output.call)
    while let (call, next) = pending.last {
      if next < call.inputs.count {
        pending[pending.count - 1].next += 1
        meet(call.inputs[next].call)
      } else {
        finished.append(call)
        pending.removeLast()
      }
    }
  }
  var depths: [ObjectIdentifier: Int] = [:]
  var layerDepths: [ObjectIdentifier: Int] = [:]
  let masks = MaskOrigin.all(of: finished)
  for call in finished.reversed() {
    let (id, layer) = (ObjectIdentifier(call), ObjectIdentifier(call.layer))
    let depth = max(depths[id] ?? 0, layerDepths[layer] ?? 0)
    (depths[id], layerDepths[layer]) = (depth, depth)
    for input in call.inputs {
      let before = ObjectIdentifier(input.call)
      depths[before] = max(depth + 1, depths[before] ?? 0)
      guard MaskOrigin.isTaken(by: call.layer), let mask = masks[before] else { continue }
      for source in mask.call.inputs {
        let id = ObjectIdentifier(source.call)
        depths[id] = max(depth + mask.length + 1, depths[id] ?? 0)
      }
    }
  }
  for input in inputs where !seen.contains(ObjectIdentifier(input.call)) {  // unused
    finished.append(input.call)
    depths[ObjectIdentifier(input.call)] = 0
    layerDepths[ObjectIdentifier(input.call.layer)] = 0
    firstMet[ObjectIdentifier(input.call.layer)] = -1
  }
  func sorted<T: AnyObject>(
    _ items: [T], _ depths: [ObjectIdentifier: Int], _ position: (T) -> Int
  ) -> [T] {
    items.enumerated().sorted { a, b in
      let (depthA, depthB) = (
        depths[ObjectIdentifier(a.element)] ?? 0, depths[ObjectIdentifier(b.element)] ?? 0
      )
      if depthA != depthB { return depthA > depthB }
      let (positionA, positionB) = (position(a.element), position(b.element))
      return positionA != positionB ? positionA < positionB : a.offset < b.offset
    }.map(\.element)
  }
  let calls = sorted(finished, depths) { firstMet[ObjectIdentifier($0.layer)] ?? 0 }
  var layers: [any Layer] = []
  var known: Set<ObjectIdentifier> = []
  for call in calls where known.insert(ObjectIdentifier(call.layer)).inserted {
    layers.append(call.layer)
  }
  layers = layers.enumerated().sorted { a, b in
    let (x, y) = (ObjectIdentifier(a.element), ObjectIdentifier(b.element))
    let (depthA, depthB) = (layerDepths[x] ?? 0, layerDepths[y] ?? 0)
    if depthA != depthB { return depthA > depthB }
    return (firstMet[x] ?? 0) < (firstMet[y] ?? 0)
  }.map(\.element)
  return (calls, layers)
}
