import NeuralNetworks
import OrderedCollections
import TensorGraph

/// A graph of ONNX on its way to layers of Keras: nodes become layers, one by one.
final class ONNXLayerNetwork {
  /// A value of the graph as layers have it.
  struct Value {
    let tensor: SymbolicTensor
    /// Axis `i` in the file is axis `order[i]` of the tensor: images are held channels last, steps
    /// of sequences after the batch.
    let order: [Int]
  }

  let onnx: ONNXModel
  private let engine: any Engine
  private let trace = Trace()
  private let evaluation: ONNXEvaluation
  private let scope: ONNXScope
  private var values: [String: Value] = [:]
  private var weights: OrderedDictionary<String, Tensor> = [:]
  private var names: Set<String> = []
  private(set) var users: [String: [ONNXNode]] = [:]
  /// The nodes that have become part of the layer of an earlier one.
  private var absorbed: Set<ObjectIdentifier> = []

  /// Looks at the shapes of all values, for a batch of 2 where it is open.
  init(_ onnx: ONNXModel, engine: any Engine) throws {
    self.onnx = onnx
    self.engine = engine
    // Weights are numbers here: what is computed from them alone becomes a weight.
    evaluation = ONNXEvaluation(onnx.functions, isEager: true, engine: engine)
    let inputs = try onnx.graph.inputs.map { [trace] port -> ONNXValue? in
      let layer = try port.layer()
      let sizes = [layer.batchSize ?? 2] + layer.shape.map { $0 ?? 32 }
      let symbol = trace.input(port.name, TensorType(layer.dtype, Shape(sizes)))
      return .tensor(ONNXTensor(symbol, type: port.type))
    }
    do {
      scope = try evaluation.values(of: onnx.graph, inputs, in: nil, trace)
    } catch ONNXError.reported {
      throw trace.errors.first ?? GraphError("the graph cannot be made")
    }
    for node in onnx.graph.nodes {
      for name in node.inputs { users[name, default: []].append(node) }
    }
  }

  // The trace and what is kept beside it refer to each other.
  deinit { trace.companion = nil }

  /// The model of layers.
  func model() throws -> Model {
    let inputs = try onnx.graph.inputs.map { port in
      let layer = try port.layer()
      let input = Input(layer.shape, dtype: layer.dtype, name: unique(port.name))
      values[port.name] = Value(tensor: input, order: Array(0..<layer.shape.count + 1))
      return input
    }
    var missing: [String] = []
    for node in onnx.graph.nodes where !absorbed.contains(ObjectIdentifier(node)) {
      if node.outputs.allSatisfy({ $0.isEmpty || known($0) != nil }) { continue }
      let isReachable = node.inputs.allSatisfy {
        $0.isEmpty || known($0) != nil || values[$0] != nil
      }
      guard isReachable else { continue }  // behind one that is missing
      if try !convert(ONNXLayerCall(node, self, call(node))) {
        missing.append("\(node.operator) (\(node.name ?? ""))")
      }
    }
    guard missing.isEmpty else {
      throw FormatError(
        "no layers of Keras compute these nodes", got: missing.joined(separator: ", "),
        hint: "predict and train with the ONNX file as it is, or keep the format")
    }
    let outputs = try onnx.graph.outputs.map { try natural($0.name) }
    let model = try Model(
      inputs: inputs, outputs: outputs, name: onnx.name, engine: engine)
    try model.setWeights(weights)
    return model
  }

  private func call(_ node: ONNXNode) -> ONNXCall {
    ONNXCall(
      node: node, inputs: node.inputs.map { $0.isEmpty ? nil : scope[$0] }, trace: trace,
      context: LayerContext(model: .of(trace)), evaluation: evaluation, scope: scope)
  }

  // MARK: Values

  /// The numbers of the value `name`, if they are in the file or follow from it.
  func known(_ name: String) -> Tensor? {
    guard case .tensor(let tensor)? = scope[name] else { return nil }
    return tensor.known
  }

  /// The sizes of the value `name`, in the order of the file.
  func shape(_ name: String) -> Shape {
    guard case .tensor(let tensor)? = scope[name] else { return [] }
    return tensor.shape
  }

  /// How the value `name` is held.
  func value(_ name: String) throws -> Value {
    guard let value = values[name] else {
      throw ONNXError.mistake("the value \(name) is computed by no layer")
    }
    return value
  }

  /// The value `name` with axis `i` of the file as axis `order[i]`.
  func tensor(_ name: String, order: [Int]) throws -> SymbolicTensor {
    let value = try value(name)
    guard value.order != order else { return value.tensor }
    var permutation = order
    for (axis, place) in zip(order, value.order) { permutation[axis] = place }
    guard permutation.first == 0, order.count == value.order.count else {
      throw ONNXError.mistake("the batch of \(name) would have to become another axis")
    }
    let permuted = Permute(Array(permutation.dropFirst()))(value.tensor)
    return permuted
  }

  /// The value `name` with its axes in the order of the file.
  func natural(_ name: String) throws -> SymbolicTensor {
    try tensor(name, order: Array(0..<shape(name).rank))
  }

  /// The images `name` with channels last.
  func channelsLast(_ name: String) throws -> SymbolicTensor {
    try tensor(name, order: Self.channelsLast(shape(name).rank))
  }

  /// Where the axes of images are when channels are last.
  static func channelsLast(_ rank: Int) -> [Int] {
    rank < 3 ? Array(0..<rank) : [0, rank - 1] + Array(1..<rank - 1)
  }

  /// Holds `tensor` as the value `name`.
  func define(_ name: String, _ tensor: SymbolicTensor, order: [Int]? = nil) {
    values[name] = Value(tensor: tensor, order: order ?? Array(0..<shape(name).rank))
  }

  /// Says that `node` is part of the layer of another.
  func absorb(_ node: ONNXNode) { absorbed.insert(ObjectIdentifier(node)) }

  /// The only node that uses the value `name`, if it is no output.
  func onlyUser(of name: String) -> ONNXNode? {
    guard users[name]?.count == 1, !onnx.graph.outputs.contains(where: { $0.name == name }) else {
      return nil
    }
    return users[name]?[0]
  }

  // MARK: Layers

  /// A name for a layer that no other has.
  func unique(_ name: String) -> String {
    let clean = String(name.map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "_" })
    let base = clean.isEmpty ? "layer" : clean
    var result = base, count = 0
    while !names.insert(result).inserted {
      count += 1
      result = "\(base)_\(count)"
    }
    return result
  }

  /// Gives the weight `name` of the layer `layer` its numbers.
  func set(_ layer: String, _ name: String, _ numbers: Tensor) {
    weights["\(layer)/\(name)"] = numbers
  }
}

/// A node on its way to layers.
struct ONNXLayerCall {
  let node: ONNXNode
  let network: ONNXLayerNetwork
  /// Its attributes and the shapes of its inputs.
  let call: ONNXCall

  init(_ node: ONNXNode, _ network: ONNXLayerNetwork, _ call: ONNXCall) {
    (self.node, self.network, self.call) = (node, network, call)
  }

  /// The name of the first output.
  var output: String { node.outputs.first { !$0.isEmpty } ?? "" }
  /// The only input that is computed, if there is one.
  var computedInputs: [String] {
    node.inputs.filter { !$0.isEmpty && network.known($0) == nil }
  }
  /// A name for its layer.
  func name() -> String { network.unique(node.name ?? node.className.snakeCased) }

  /// Holds `layer` of the value `input`, in whichever order that is held, as the output.
  func define(sameOrder layer: any Layer, of input: String) throws {
    let value = try network.value(input)
    network.define(output, layer(value.tensor), order: value.order)
  }

  /// Holds `tensor`, images with channels last, as the output.
  func define(channelsLast tensor: SymbolicTensor) {
    network.define(
      output, tensor, order: ONNXLayerNetwork.channelsLast(network.shape(output).rank))
  }
}
