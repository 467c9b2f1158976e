import Foundation
import ModelFormats
import Strata
import Testing

/// A model that is written as ONNX, with the inputs it is run with.
struct ExportCase {
  let name: String
  let model: Model
  /// What is fed, run by run.
  let runs: [[Tensor]]
  /// How far outputs may be apart, relative to the largest number.
  var tolerance = 1e-5
  /// Operators that the file has to have.
  var has: [String] = []
  /// The most nodes of an operator.
  var most: [String: Int] = [:]

  init(
    _ name: String, _ model: Model, _ runs: [[Tensor]], tolerance: Double = 1e-5,
    has: [String] = [], most: [String: Int] = [:]
  ) {
    self.name = name
    self.model = model
    self.runs = runs
    self.tolerance = tolerance
    self.has = has
    self.most = most
  }

  /// A model that is run with these inputs, and with a batch of another size where that is open.
  init(
    _ name: String, _ model: Model, inputs: [Tensor], tolerance: Double = 1e-5,
    has: [String] = [], most: [String: Int] = [:]
  ) {
    let isOpen = model.inputs.allSatisfy { $0.batchSize == nil }
    let runs = isOpen ? [inputs, inputs.map(\.withAnotherRow)] : [inputs]
    self.init(name, model, runs, tolerance: tolerance, has: has, most: most)
  }
}

extension Tensor {
  /// The tensor with its first entry once more at the end.
  fileprivate var withAnotherRow: Tensor {
    guard dtype != .string else { return stringRows(Array(0..<shape[0]) + [0]) }
    var shape = shape
    let row = byteCount / max(shape[0], 1)
    shape[0] += 1
    return Tensor(TensorType(dtype, shape)) { target in
      withUnsafeBytes { source in
        target.copyBytes(from: source)
        UnsafeMutableRawBufferPointer(rebasing: target[(shape[0] - 1) * row..<shape[0] * row])
          .copyBytes(from: source[0..<row])
      }
    }
  }
}

/// onnxruntime, run once for all files.
enum ONNXInPython {
  static let interpreter = KerasInPython.interpreter

  /// What onnx and onnxruntime say of a file.
  struct Finding {
    /// What is wrong.
    let error: String?
    /// The nodes of each operator.
    let operators: [String: Int]
  }

  /// Writes the models of `cases`, and has them run.
  static func check(_ cases: [ExportCase]) throws -> [Finding] {
    var findings: [Finding?] = cases.map { _ in nil }
    try withTemporaryFolder { folder in
      var list: [JSONValue] = [], written: [Int] = []
      for (index, item) in cases.enumerated() {
        func save(_ tensor: Tensor, _ name: String) throws -> JSONValue {
          if tensor.dtype == .string {
            let strings: JSONValue = [
              "strings": .array(tensor.strings.map(JSONValue.string)),
              "shape": .array(tensor.shape.dims.map(JSONValue.int)),
            ]
            try Files.write(strings.serialized(), to: "\(folder)/\(index).\(name).json")
            return .string("\(index).\(name).json")
          }
          let file = "\(index).\(name).npy"
          try Files.write(NumPy.data(tensor), to: "\(folder)/\(file)")
          return .string(file)
        }
        do {
          try Files.write(ONNXFile.data(of: item.model), to: "\(folder)/\(index).onnx")
        } catch {
          findings[index] = Finding(error: "\(error)", operators: [:])
          continue
        }
        let names = item.model.structure.inputNames
        let runs = try item.runs.enumerated().map { run, inputs -> JSONValue in
          let outputs = try item.model.predict(inputs)
          return [
            "inputs": .object(
              Dictionary(
                uniqueKeysWithValues: try zip(names, inputs).enumerated().map { place, input in
                  (input.0, try save(input.1, "\(run).x.\(place)"))
                })),
            "outputs": .array(
              try outputs.enumerated().map { try save($1, "\(run).y.\($0)") }),
          ]
        }
        list.append([
          "model": .string("\(index).onnx"), "tolerance": .number(item.tolerance),
          "runs": .array(runs),
        ])
        written.append(index)
      }
      for (index, result) in zip(written, try run(list, in: folder)) {
        findings[index] = Finding(
          error: result["error"]?.string,
          operators: (result["operators"]?.object ?? [:]).compactMapValues { $0.int })
      }
    }
    return findings.map { $0 ?? Finding(error: "no result", operators: [:]) }
  }

  private static func run(_ cases: [JSONValue], in folder: String) throws -> [JSONValue] {
    try Files.write(JSONValue.array(cases).serialized(), to: folder + "/cases.json")
    let process = Process(), errors = folder + "/errors.txt"
    try Files.write(Data(), to: errors)
    process.executableURL = URL(filePath: interpreter)
    process.arguments = [
      KerasInPython.root.appending(path: "Scripts/golden/check_onnx_files.py").path, folder,
    ]
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    let text = String(decoding: try Files.contents(of: errors), as: UTF8.self)
    #expect(process.terminationStatus == 0, "\(text)")
    return try JSONValue(parsing: Files.contents(of: folder + "/results.json")).array ?? []
  }
}
