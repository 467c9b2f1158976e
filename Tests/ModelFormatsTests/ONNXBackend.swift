import Foundation
import ModelFormats
import NeuralNetworks
import Strata
import SwiftProtobuf
import TensorGraph

/// The test cases that come with ONNX 1.22.0: a model each, with inputs and the outputs they give.
struct ONNXBackend {
  /// A model with its data.
  struct Case: Sendable {
    let name: String
    let model: URL
    /// The folders of inputs and outputs; none for a large network, which has one output beside it.
    let dataSets: [URL]
  }

  /// What became of a case.
  enum Outcome: Sendable {
    case passed
    /// It did not give what it should, and why.
    case failed(String)
  }

  /// Where the cases are: in the environment that the golden scripts use.
  static let folder: URL? = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let libraries = [root.path, FileManager.default.currentDirectoryPath].flatMap { base in
      let lib = "\(base)/.build-python/golden/lib"
      return ((try? FileManager.default.contentsOfDirectory(atPath: lib)) ?? []).map {
        "\(lib)/\($0)"
      }
    }
    return libraries.map { URL(filePath: "\($0)/site-packages/onnx/backend/test/data") }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }()

  /// All cases, in the order of their names.
  static func cases(in folder: URL) throws -> [Case] {
    let manager = FileManager.default
    var cases: [Case] = []
    for kind in ["node", "pytorch-converted", "pytorch-operator", "simple"] {
      for name in try manager.contentsOfDirectory(atPath: folder.appending(path: kind).path) {
        let place = folder.appending(path: "\(kind)/\(name)")
        let sets = try manager.contentsOfDirectory(atPath: place.path)
          .filter { $0.hasPrefix("test_data_set") }.sorted().map { place.appending(path: $0) }
        cases.append(Case(name: name, model: place.appending(path: "model.onnx"), dataSets: sets))
      }
    }
    for name in try manager.contentsOfDirectory(atPath: folder.appending(path: "light").path)
    where name.hasSuffix(".onnx") {
      let model = folder.appending(path: "light/\(name)")
      cases.append(Case(name: String(name.dropLast(5)), model: model, dataSets: []))
    }
    return cases.sorted { $0.name < $1.name }
  }
}

extension ONNXBackend.Case {
  /// Runs the case on the CPU.
  func run() -> ONNXBackend.Outcome {
    do {
      let onnx = try ONNXModel(Data(contentsOf: model), file: name)
      if dataSets.isEmpty { try runNetwork(onnx) }
      for folder in dataSets {
        let inputs = try values(in: folder, "input", ports: onnx.graph.inputs)
        let expected = try values(in: folder, "output", ports: onnx.graph.outputs)
        let outputs = try onnx.evaluate(inputs, engine: CPUEngine(threads: 1))
        guard outputs.count == expected.count else {
          return .failed("\(outputs.count) outputs of \(expected.count)")
        }
        for (index, (got, wanted)) in zip(outputs, expected).enumerated() {
          if let mistake = difference(got, wanted) { return .failed("output \(index): \(mistake)") }
        }
      }
      return .passed
    } catch {
      let text = "\(error)".split(separator: "\n").prefix(3).joined(separator: " ")
      return .failed(text)
    }
  }

  /// The operators of the model.
  var operators: Set<String> {
    guard let data = try? Data(contentsOf: model),
      let proto = try? ONNXModelProto(serializedBytes: data)
    else { return [] }
    func all(_ graph: ONNXGraphProto) -> Set<String> {
      Set(
        graph.node.flatMap { node in
          [node.domain.isEmpty ? node.opType : "\(node.domain):\(node.opType)"]
            + node.attribute.filter(\.hasG).flatMap { all($0.g) }
        })
    }
    return all(proto.graph)
  }

  /// A large network: its input counts up to 1, its output is beside it.
  private func runNetwork(_ onnx: ONNXModel) throws {
    guard let port = onnx.graph.inputs.first, let shape = port.shape else { return }
    let dims = shape.map { $0 ?? 1 }, count = Shape(dims).count
    let input = Tensor(Shape(dims), (0..<count).map { Float(Double($0) / Double(count)) })
    let output = model.deletingPathExtension().path + "_output_0.pb"
    let expected = try value(URL(filePath: output), port: onnx.graph.outputs[0])
    let outputs = try onnx.evaluate([.tensor(ONNXTensor(input))], engine: CPUEngine())
    if let mistake = difference(outputs[0], expected) { throw FormatError(mistake) }
  }

  private func values(
    in folder: URL, _ kind: String, ports: [ONNXGraph.Port]
  ) throws -> [ONNXValue?] {
    var all: [ONNXValue?] = []
    for index in ports.indices {
      let file = folder.appending(path: "\(kind)_\(index).pb")
      guard FileManager.default.fileExists(atPath: file.path) else { break }
      all.append(try value(file, port: ports[index]))
    }
    return all
  }

  private func value(_ file: URL, port: ONNXGraph.Port) throws -> ONNXValue {
    let data = try Data(contentsOf: file)
    switch port.kind {
    case .tensor: return .tensor(try ONNXTensor(ONNXTensorProto(serializedBytes: data)))
    case .sequence: return try Self.sequence(ONNXSequenceProto(serializedBytes: data))
    case .optional: return try Self.optional(ONNXOptionalProto(serializedBytes: data))
    }
  }

  private static func sequence(_ proto: ONNXSequenceProto) throws -> ONNXValue {
    let tensors = try proto.tensorValues.map { try ONNXTensor($0) }
    let inner = try proto.sequenceValues.map { try sequence($0) }
    return .sequence(tensors.map { .tensor($0) } + inner, of: tensors.first?.type ?? .float32)
  }

  private static func optional(_ proto: ONNXOptionalProto) throws -> ONNXValue {
    if proto.hasTensorValue { return .tensor(try ONNXTensor(proto.tensorValue)) }
    if proto.hasSequenceValue { return try sequence(proto.sequenceValue) }
    return .none
  }

  /// Why `got` is not what it should be, or nothing.
  private func difference(_ got: ONNXValue, _ wanted: ONNXValue?) -> String? {
    switch (got, wanted) {
    case (.sequence(let a, _), .sequence(let b, _)?):
      guard a.count == b.count else { return "a sequence of \(a.count), expected \(b.count)" }
      return zip(a, b).lazy.compactMap { difference($0, $1) }.first
    case (.none, .some(.none)): return nil
    case (.tensor(let a), .tensor(let b)?):
      guard let x = a.known, let y = b.known else { return "not computed" }
      guard a.type == b.type else { return "\(a.type), expected \(b.type)" }
      guard x.shape == y.shape else { return "\(x.shape), expected \(y.shape)" }
      if x.dtype == .string { return x == y ? nil : "other strings: \(x), expected \(y)" }
      let (p, q) = (x.numbers, y.numbers)
      for index in p.indices {
        let close =
          p[index] == q[index] || p[index].isNaN && q[index].isNaN
          || q[index].isFinite && abs(p[index] - q[index]) <= 1e-6 + 1e-3 * abs(q[index])
        if !close { return "\(p[index]) at \(index), expected \(q[index]), of \(x.type)" }
      }
      return nil
    default: return "another kind of value"
    }
  }
}
