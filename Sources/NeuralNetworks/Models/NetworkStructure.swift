import TensorGraph

/// What tracing a network finds: its layers with their names and shapes, and its weights.
package struct NetworkStructure: Sendable {
  /// A layer that was called.
  package struct LayerRecord: Sendable {
    /// The layer.
    package let layer: any Layer
    /// Its name and those of the layers around it, joined by `/`.
    package let path: String
    /// Its own name.
    package let name: String
    /// The element types it computes with.
    let policy: DTypePolicy
    /// The shapes of the inputs of its last call; `nil` for an open size.
    package let inputs: [[Int?]]
    /// The shapes of the outputs of its last call; `nil` for an open size.
    package let outputs: [[Int?]]
    /// The element types of its inputs.
    package let inputDTypes: [DType]
    /// The element types of its outputs.
    package let outputDTypes: [DType]
  }

  /// The layers in order of first call.
  package let layers: [LayerRecord]
  /// The weights and states in order of declaration.
  package let declarations: [WeightDeclaration]
  /// Where each weight is in that order.
  package let index: [String: Int]
  /// The paths of the layers that are not to be trained.
  let untrained: [String]
  /// The names of the inputs.
  package let inputNames: [String]
  /// The shapes of the outputs; `nil` for an open size.
  package let outputShapes: [[Int?]]
  /// The element types of the outputs.
  package let outputDTypes: [DType]
  /// The names of the outputs: those of the layers that give them.
  package let outputNames: [String]

  /// Finds the structure by tracing twice with different sizes where sizes are open: what then
  /// differs is open.
  init(
    network: any Layer, inputs: [InputLayer], name: String, policy: DTypePolicy
  ) throws(GraphError) {
    guard !inputs.isEmpty else {
      throw GraphError("a model needs an input", hint: "make one: Input([784])")
    }
    for input in inputs where !input.batchShape.allSatisfy({ ($0 ?? 1) > 0 }) {
      throw GraphError("an input cannot have the shape \(written(input.batchShape))")
    }
    var first: TracedNetwork?, second: TracedNetwork?
    var mistake: GraphError?
    // A few sizes, since an open size may have to be large, or a multiple of something.
    for (a, b) in [(256, 512), (16, 32), (60, 120)] {
      let traceA = TracedNetwork(
        network, name: name, inputs: inputs, types: inputs.map { $0.type(batch: 2, open: a) },
        policy: policy)
      mistake = mistake ?? traceA.trace.errors.first
      guard traceA.trace.errors.isEmpty else { continue }
      let traceB = TracedNetwork(
        network, name: name, inputs: inputs, types: inputs.map { $0.type(batch: 3, open: b) },
        declarations: traceA.model.declarations, policy: policy)
      if var other = traceB.trace.errors.first {
        if other.message.contains("was built with shape") {
          other.hint = "its shape follows from an open size of the input: give that a number"
        }
        mistake = mistake ?? other
        continue
      }
      (first, second) = (traceA, traceB)
      break
    }
    guard let first, let second else {
      throw mistake ?? GraphError("the network cannot be traced")
    }

    func shape(_ a: TensorType, _ b: TensorType) -> [Int?] {
      guard a.shape.rank == b.shape.rank else { return a.shape.dims }
      return zip(a.shape.dims, b.shape.dims).map { $0 == $1 ? $0 : nil }
    }
    layers = zip(first.model.layers, second.model.layers).map { a, b in
      LayerRecord(
        layer: a.layer, path: a.path, name: a.name, policy: a.policy,
        inputs: zip(a.inputs, b.inputs).map(shape),
        outputs: zip(a.outputs, b.outputs).map(shape), inputDTypes: a.inputs.map(\.dtype),
        outputDTypes: a.outputs.map(\.dtype))
    }
    declarations = first.model.declarations
    untrained = first.model.untrained
    index = Dictionary(
      declarations.enumerated().map { ($1.path, $0) }, uniquingKeysWith: { first, _ in first })
    let names = first.model
    inputNames = inputs.enumerated().map { position, input in
      names.name(of: input) ?? input.name
        ?? (position == 0 ? "input_layer" : "input_layer_\(position)")
    }
    outputShapes = zip(first.outputs, second.outputs).map { shape($0.type, $1.type) }
    outputDTypes = first.outputs.map(\.dtype)
    if let functional = network as? Functional {
      outputNames = functional.outputs.map { names.name(of: $0.call.layer) ?? "output" }
    } else if let network = network as? any OutputNamingLayer {
      outputNames = network.outputNames
    } else {
      let last = first.model.layers.last { !$0.path.contains("/") }?.name ?? "output"
      outputNames = outputShapes.indices.map { $0 == 0 ? last : "\(last)_\($0)" }
    }
  }
}

/// A network that knows what its outputs are called.
package protocol OutputNamingLayer: Layer {
  /// The names of the outputs, in order.
  var outputNames: [String] { get }
}

/// A shape as messages have it: `[None, 28, 28, 1]`.
func written(_ shape: [Int?]) -> String {
  "[" + shape.map { $0.map(String.init) ?? "None" }.joined(separator: ", ") + "]"
}
