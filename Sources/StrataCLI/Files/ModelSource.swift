import Foundation
import ModelFormats
import NeuralNetworks
import Strata
import TensorGraph

/// What the argument MODEL names: a built-in network, or a file with a model, told by its content.
enum ModelSource {
  case builtIn(BuiltInModel)
  case file(Data, format: ModelFormat, path: String)

  /// Finds out what `argument` names. A file called as a built-in network is named by `./mlp`.
  init(_ argument: String) throws {
    if let builtIn = BuiltInModel.all.first(where: { $0.name == argument }) {
      self = .builtIn(builtIn)
      return
    }
    if !Files.exists(argument), !argument.contains("."), !argument.contains("/") {
      throw FormatError(
        "there is no model \(argument)", got: "neither a file nor a built-in network",
        hint: spellingHint(argument, in: BuiltInModel.all.map(\.name)))
    }
    let data = try Files.contents(of: argument)
    guard let format = ModelFormat(of: data) else {
      var error = ModelFile.unknown(data, argument)
      error.hint =
        "a .keras, .h5 or .onnx file, a configuration of Keras in JSON, or one of "
        + BuiltInModel.all.map(\.name).joined(separator: ", ")
      throw error
    }
    guard format.content != .weights else { throw ModelFile.weightsAlone(format, argument) }
    self = .file(data, format: format, path: argument)
  }

  /// The model; a built-in network as it is for the samples it is meant for.
  func model(
    engine: any Engine, seed: UInt64 = 0, checksTestVector: Bool = true
  ) throws -> Model {
    switch self {
    case .builtIn(let builtIn): return try builtIn.model(seed: seed, engine: engine)
    case .file(let data, _, let path):
      return try ModelFile.model(
        data, file: path, checksTestVector: checksTestVector, seed: seed, engine: engine)
    }
  }

  /// The model of a file; nothing for a built-in network, which adapts to samples.
  func givenModel(_ options: EngineOptions, seed: UInt64) throws -> Model? {
    if case .builtIn = self { return nil }
    return try model(
      engine: options.engine, seed: seed, checksTestVector: options.checksTestVector)
  }

  /// The model, for commands that need one that has learned something.
  func trainedModel(_ options: EngineOptions) throws -> Model {
    if case .builtIn(let builtIn) = self {
      throw FormatError(
        "\(builtIn.name) is a built-in network, which has learned nothing yet",
        hint: "name the file that strata train \(builtIn.name) wrote: \(builtIn.name)-trained.keras"
      )
    }
    return try model(engine: options.engine, checksTestVector: options.checksTestVector)
  }
}
