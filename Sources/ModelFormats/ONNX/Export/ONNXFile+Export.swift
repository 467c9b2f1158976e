import FoundationEssentials
import NeuralNetworks
import SwiftProtobuf
import TensorGraph

extension ONNXFile {
  /// The versions of ONNX's operators that models can be written with.
  public static let exportedOpsets = 18...23

  /// The bytes of an ONNX file of `model`: what it predicts, in standard operators.
  ///
  ///     try Files.write(ONNXFile.data(of: model), to: "model.onnx")
  ///
  /// Layers become the operators of the same name where there are such: `Conv`, `Gemm`,
  /// `BatchNormalization`, `LSTM`, `GRU`. Nodes are called after the layers they are in, weights as
  /// in the model, and sizes that are open in the model are open in the file, the first as `batch`.
  /// Inputs and outputs have the shapes of the model, with the channels where the model has them.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - opset: The version of the operators, of `exportedOpsets`. Every runtime since 2023 has 18.
  /// - Returns: the bytes.
  /// - Throws: when ONNX has no operators for a layer, when a layer keeps a state from batch to
  ///   batch, when numbers follow from open sizes in a way that cannot be written, or when the
  ///   weights take more than 2 GB, the most that one file can hold.
  public static func data(of model: Model, opset: Int = 18) throws(FormatError) -> Data {
    guard exportedOpsets.contains(opset) else {
      throw FormatError(
        "models are written with operators of opset \(exportedOpsets.lowerBound) to "
          + "\(exportedOpsets.upperBound)", got: "\(opset)")
    }
    do {
      return try ModelExport(model).proto(opset: opset).serializedBytes()
    } catch let error as FormatError {
      throw error
    } catch {
      throw FormatError("\(model.name) cannot be written as ONNX", got: "\(error)")
    }
  }
}

/// A model as the nodes and constants of a file.
private struct ModelExport {
  private let model: ExportedModel
  private let file: ExportFile
  private let inputs: [String]
  private var nodes: [ExportNode]
  private var outputs: [String]

  init(_ source: Model) throws {
    let traces = try ModelTraces(source)
    let graph = traces.graph
    var model = ExportedModel(source)
    try UnsupportedOperation.check(graph.first, model)
    try Self.checkStates(graph.first, source)
    let folding = try Folding(graph, source)
    model.skipped = folding.skipped

    let file = ExportFile(axes: traces.axes, traceCount: graph.count)
    let scope = ExportScope(file: file)
    let exporter = GraphExporter(graph, in: scope, model, folded: folding.values)
    inputs = graph.first.inputs.map { input in
      let type = graph.type(input)
      let value = ExportValue(file.newValue(type), type)
      exporter.values[input] = value
      scope.noteSizes(of: value)
      return value.name
    }
    for (index, variable) in graph.first.variables.enumerated() {
      exporter.values[variable] = file.constant(
        source.variables[index], label: source.declarations[index].path)
    }
    let results = try exporter.run().map { try scope.expanded($0).name }
    (nodes, outputs) = CleanUp.run(scope.nodes, results, file)
    (self.model, self.file) = (model, file)
    nameOutputs()
  }

  /// Makes each output a value of its own, which a node computes.
  private mutating func nameOutputs() {
    var taken = Set(inputs)
    let computed = Set(nodes.flatMap(\.outputs))
    for (index, output) in outputs.enumerated() {
      if computed.contains(output), taken.insert(output).inserted { continue }
      guard let type = file.types[output] else { continue }
      let copy = file.newValue(type)
      nodes.append(
        ExportNode(type: "Identity", inputs: [output], outputs: [copy], path: model.model.name))
      outputs[index] = copy
    }
  }

  private static func checkStates(_ graph: Graph, _ model: Model) throws {
    let changing = zip(graph.updates, model.declarations).filter { $0.0 != nil }.map(\.1.path)
    guard changing.isEmpty else {
      let layers = Set(changing.map { $0.split(separator: "/").dropLast().joined(separator: "/") })
      throw FormatError(
        "an ONNX file has no state that lives from batch to batch",
        got: "stateful: " + layers.sorted().joined(separator: ", "),
        hint: "make the layers with stateful: false, or give their states as inputs and return them"
      )
    }
  }

  func proto(opset: Int) throws -> ONNXModelProto {
    var names = ExportNames(file, model)
    let structure = model.model.structure
    for (value, name) in zip(inputs, structure.inputNames) { names.name(value, name) }
    for (value, name) in zip(outputs, structure.outputNames) { names.name(value, name) }
    let constants = names.nameConstants(of: nodes, outputs)
    let bytes = constants.reduce(0) { $0 + (file.tensor($1)?.byteCount ?? 0) }
    guard bytes < 2_000_000_000 else {
      throw FormatError(
        "\(model.model.name) is too large for an ONNX file, which holds 2 GB",
        got: "\(bytes) bytes of weights", hint: "write it as a .keras file, or as .safetensors")
    }
    var proto = ONNXModelProto()
    // The version of the format that came with each version of the operators.
    proto.irVersion = [18: 8, 19: 9, 20: 9, 21: 10, 22: 10][opset] ?? 11
    proto.producerName = "Strata"
    var operators = ONNXOperatorSetIdProto()
    operators.version = Int64(opset)
    operators.domain = ""
    proto.opsetImport = [operators]
    if nodes.contains(where: { $0.domain == LookupTable.domain }) {
      var tables = ONNXOperatorSetIdProto()
      (tables.domain, tables.version) = (LookupTable.domain, 3)
      proto.opsetImport.append(tables)
    }
    proto.graph.name = model.model.name
    proto.graph.node = names.protos(nodes)
    proto.graph.initializer = constants.compactMap { constant in
      file.tensor(constant).map { ONNXTensorProto($0, name: names.values[constant] ?? constant) }
    }
    proto.graph.input = inputs.map(names.info)
    proto.graph.output = outputs.map(names.info)
    return proto
  }
}

extension ONNXTensorProto {
  /// A tensor of a file.
  init(_ tensor: Tensor, name: String) {
    self.init()
    self.name = name
    dims = tensor.shape.dims.map(Int64.init)
    dataType = ONNXType(tensor.dtype).rawValue
    if tensor.dtype == .string {
      stringData = tensor.withStrings { strings in (0..<tensor.count).map { Data(strings[$0]) } }
    } else {
      rawData = tensor.withUnsafeBytes { Data($0) }
    }
  }
}

extension String {
  /// The bytes of the text.
  var utf8Data: Data { Data(utf8) }
}
