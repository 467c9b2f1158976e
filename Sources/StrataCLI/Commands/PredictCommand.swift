import ArgumentParser
import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph

/// Asks a model.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Prints or writes what a model gives for inputs.",
    discussion: """
      Without -o a line for each sample is printed. With --json each line is an object: \
      {"sample": 0, "output": [...]}, or with --top {"sample": 0, "top": [{"class": 3, \
      "label": "Dress", "value": 0.98}, ...]}.
      """)

  @Argument(help: "A model file: .keras, .h5 or .onnx.")
  var model: String
  @Option(
    name: .customLong("x"),
    help: ArgumentHelp(
      "Inputs, .npy, .npz, .csv, .png or .jpeg. NAME=FILE, once for each, if the model has several.",
      valueName: "file"))
  var x: [String]
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where the outputs go, .npy, or .npz for all outputs. NAME=FILE for one of several.",
      valueName: "file"))
  var output: [String] = []
  @OptionGroup var batch: BatchOptions
  @OptionGroup var engineOptions: EngineOptions
  @Option(help: ArgumentHelp("Prints the classes with the largest values only.", valueName: "k"))
  var top: Int?
  @Option(help: ArgumentHelp("The names of the classes, one a line.", valueName: "file"))
  var labels: String?
  @Flag(help: "Prints an object for each sample.")
  var json = false

  func validate() throws {
    guard !x.isEmpty else { throw ValidationError("there are no inputs: give --x") }
    if let top, top < 1 { throw ValidationError("--top is at least 1, not \(top)") }
    if labels != nil, top == nil { throw ValidationError("--labels goes with --top") }
    if top != nil, !output.isEmpty { throw ValidationError("--top prints, -o writes: choose one") }
  }

  func run() throws {
    let files = try output.map { try OutputFile(NamedFile($0).path) }
    let (names, outputs) = try answers(of: ModelSource(model))
    guard files.isEmpty else {
      for (argument, file) in zip(output, files) {
        try write(outputs, names, NamedFile(argument).name, to: file.path)
      }
      return
    }
    try show(outputs, names)
  }

  /// The outputs of the model with their names.
  private func answers(of source: ModelSource) throws -> (names: [String], outputs: [Tensor]) {
    if case .file(let data, .onnx, let path) = source {
      return try answers(ofONNX: data, path, engineOptions.engine)
    }
    let model = try source.trainedModel(engineOptions)
    return (model.outputNames, try model.predict(inputs(of: model), batchSize: batch.size))
  }

  /// The inputs in the model's order.
  func inputs(of model: Model) throws -> [Tensor] {
    if x.count == 1, x[0].lowercased().hasSuffix(".csv") {
      let path = NamedFile(x[0]).path
      return model.completed([try CSVTable(Files.contents(of: path), file: path).features()])
    }
    return try ArrayFiles(x, option: "--x").ordered(for: model)
  }

  private func write(
    _ outputs: [Tensor], _ names: [String], _ name: String?, to path: String
  ) throws {
    // NumPy has no bfloat16.
    let outputs = outputs.map { $0.dtype == .bfloat16 ? $0.cast(to: .float32) : $0 }
    if path.lowercased().hasSuffix(".npz"), name == nil {
      try Files.write(NumPy.data(archive: Array(zip(names, outputs))), to: path)
      return
    }
    if let name, !names.contains(name) {
      throw FormatError("the model has no output \(name)", hint: spellingHint(name, in: names))
    }
    let index = name.flatMap { names.firstIndex(of: $0) } ?? 0
    guard name != nil || outputs.count == 1 else {
      throw FormatError(
        "the model has \(outputs.count) outputs", got: names.joined(separator: ", "), file: path,
        hint: "write them to an .npz file, or say which: -o \(names[0])=\(path)")
    }
    try Files.write(NumPy.data(outputs[index]), to: path)
  }
}
