import FoundationEssentials
import NeuralNetworks
import OrderedCollections
import SwiftProtobuf
import TensorGraph

/// A file of ONNX, read: a graph of operators with its weights.
///
///     let onnx = try ONNXModel(Files.contents(of: "detector.onnx"))
///     let outputs = try onnx.run(["image": image], engine: CPUEngine())
///
/// It takes inputs of any shapes that its operators take, and computes what its graph says, also
/// where the sizes of values depend on numbers. `ONNXFile.model` makes a `Model` of it, which can be
/// trained. Reference: [the operators](https://onnx.ai/onnx/operators/).
public struct ONNXModel: Sendable {
  /// What the graph is called.
  public let name: String
  /// The names of the inputs, in order.
  public var inputNames: [String] { graph.inputs.map(\.name) }
  /// The names of the outputs, in order.
  public var outputNames: [String] { graph.outputs.map(\.name) }
  /// Texts by name that belong to the whole file.
  public let metadata: [String: String]
  package let graph: ONNXGraph
  let functions: [ONNXNode.Operator: ONNXFunction]

  /// Reads `data`, the bytes of a file, which messages call `file`.
  ///
  /// Throws when it is damaged, or has operators that Strata does not have: one error for all.
  public init(_ data: Data, file: String? = nil) throws(FormatError) {
    let proto: ONNXModelProto
    do {
      var options = BinaryDecodingOptions()
      options.messageDepthLimit = 100
      options.discardUnknownFields = true
      proto = try ONNXModelProto(serializedBytes: data, options: options)
    } catch {
      throw FormatError(
        "this is not an ONNX file, or it is damaged", got: "\(data.count) bytes", file: file)
    }
    do throws(FormatError) {
      try self.init(proto)
    } catch {
      throw error.naming(file)
    }
  }

  private init(_ proto: ONNXModelProto) throws(FormatError) {
    guard proto.hasGraph, !proto.graph.output.isEmpty else {
      throw FormatError("this is not an ONNX file, or it has no graph")
    }
    let opsets = Dictionary(
      proto.opsetImport.map { ($0.domain == "ai.onnx" ? "" : $0.domain, Int($0.version)) },
      uniquingKeysWith: max)
    name = proto.graph.name.isEmpty ? "graph" : proto.graph.name
    metadata = Dictionary(
      proto.metadataProps.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    graph = try ONNXGraph(proto.graph, opsets)
    var functions: [ONNXNode.Operator: ONNXFunction] = [:]
    for function in proto.functions {
      let key = ONNXNode.Operator(
        domain: function.domain == "ai.onnx" ? "" : function.domain, type: function.name)
      functions[key] = try ONNXFunction(function)
    }
    self.functions = functions
    let unknown = graph.operators.filter {
      functions[$0.key] == nil && ONNXOperator.named($0.key) == nil
    }
    guard unknown.isEmpty else {
      throw FormatError(
        "the graph has operators that Strata does not have",
        got: unknown.map { "\($0.key) (\($0.value))" }.joined(separator: ", "),
        hint: "strata's documentation lists the operators it has: Documentation/ONNX.md")
    }
    // Only the first files, of 2017, need not say it. Elsewhere it is what a cut takes away.
    let unversioned = graph.operators.filter {
      functions[$0.key] == nil && opsets[$0.key.domain] == nil
    }
    guard unversioned.isEmpty || (1...2).contains(proto.irVersion) else {
      throw FormatError(
        "the file does not say which version its operators are of",
        got: unversioned.map { "\($0.key) (\($0.value))" }.joined(separator: ", "),
        hint: "the file may be incomplete: copy or save it again")
    }
  }

  /// The outputs by name for `inputs` by name.
  ///
  /// - Throws: when an input is missing or does not fit, or an output is no tensor.
  public func run(
    _ inputs: [String: Tensor], engine: any Engine
  ) throws(FormatError) -> OrderedDictionary<String, Tensor> {
    for name in inputs.keys.sorted() where !inputNames.contains(name) {
      throw FormatError(
        "\(self.name) has no input \(name)", hint: spellingHint(name, in: inputNames))
    }
    var values: [ONNXValue?] = []
    for port in graph.inputs { values.append(try port.value(inputs[port.name])) }
    var outputs: OrderedDictionary<String, Tensor> = [:]
    for (port, value) in zip(graph.outputs, try evaluate(values, engine: engine)) {
      guard case .tensor(let tensor) = value, let known = tensor.known else {
        throw FormatError("the output \(port.name) is no tensor", got: "a sequence or nothing")
      }
      outputs[port.name] = known
    }
    return outputs
  }

  /// The outputs for the values of the inputs, in order: as one graph, or, where a shape or a
  /// structure depends on numbers, node by node.
  package func evaluate(
    _ inputs: [ONNXValue?], engine: any Engine
  ) throws(FormatError) -> [ONNXValue] {
    do {
      if let outputs = try evaluateAsGraph(inputs, engine: engine) { return outputs }
      let trace = Trace()
      defer { trace.companion = nil }
      let evaluation = ONNXEvaluation(functions, isEager: true, engine: engine)
      return try evaluation.outputs(of: graph, inputs, in: nil, trace)
    } catch {
      throw FormatError(onnx: error, name)
    }
  }

  /// The outputs computed as one graph; nothing when something has to be known to make it.
  private func evaluateAsGraph(
    _ inputs: [ONNXValue?], engine: any Engine
  ) throws -> [ONNXValue]? {
    let trace = Trace()
    defer { trace.companion = nil }
    var fed: [Tensor] = []
    let values = inputs.enumerated().map { index, value in
      value?.mapped { tensor in
        guard let known = tensor.known, known.dtype != .string else { return tensor }
        fed.append(known)
        return ONNXTensor(trace.input("input_\(index)", known.type), type: tensor.type)
      }
    }
    let outputs: [ONNXValue]
    do {
      let evaluation = ONNXEvaluation(functions, isEager: false, engine: engine)
      outputs = try evaluation.outputs(of: graph, values, in: nil, trace)
    } catch ONNXError.needsValue {
      return nil
    } catch ONNXError.reported {
      throw trace.errors.first ?? GraphError("the graph cannot be made")
    }
    let model = ModelTrace.of(trace)
    var symbols: [Symbol] = []
    for tensor in outputs.flatMap(\.tensors) where tensor.known == nil {
      if case .traced(let symbol, let isChannelsLast) = tensor.content {
        symbols.append(isChannelsLast ? symbol.channelsFirst : symbol)
      }
    }
    let executable = try engine.compile(try trace.graph(returning: symbols))
    var variables = model.declarations.map { $0.value ?? Tensor(zeros: $0.type) }
    var results = executable.run(fed, variables: &variables)[...]
    return outputs.map { value in
      value.mapped { tensor in
        if let known = tensor.known { return ONNXTensor(known, type: tensor.type) }
        return results.popFirst().map { ONNXTensor($0, type: tensor.type) } ?? tensor
      }
    }
  }
}

extension ONNXGraph.Port {
  /// `tensor` as the value of this input.
  func value(_ tensor: Tensor?) throws(FormatError) -> ONNXValue {
    guard let tensor else { throw FormatError("the input \(name) is missing") }
    let type = type ?? ONNXType(tensor.dtype)
    guard let dtype = type.dtype else {
      throw FormatError("the input \(name) has elements that Strata does not have", got: "\(type)")
    }
    guard (dtype == .string) == (tensor.dtype == .string) else {
      throw FormatError("the input \(name) has another type", got: "\(tensor.type)")
    }
    if let shape {
      guard shape.count == tensor.shape.rank,
        zip(shape, tensor.shape.dims).allSatisfy({ $0 == nil || $0 == $1 })
      else {
        let expected = shape.enumerated().map { index, size in
          size.map(String.init) ?? axisNames[index] ?? "any"
        }
        throw FormatError(
          "the input \(name) expects [\(expected.joined(separator: ", "))]", got: "\(tensor.type)")
      }
    }
    return .tensor(ONNXTensor(tensor.cast(to: dtype), type: type))
  }
}

extension FormatError {
  /// The report of what went wrong in a graph of ONNX called `name`.
  init(onnx error: any Error, _ name: String) {
    switch error {
    case ONNXError.mistake(let message, let hint): self.init(message, hint: hint)
    case ONNXError.needsValue(let value):
      self.init(
        "the graph cannot be made without the numbers of \(value.isEmpty ? "a value" : value)",
        hint: "sizes or structure depend on them: run the file as it is, with strata predict")
    case ONNXError.reported: self.init("the graph of \(name) cannot be made")
    default: self.init(error)
    }
  }
}
