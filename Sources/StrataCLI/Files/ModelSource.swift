import Foundation
import ModelFormats
import NeuralNetworks
import Strata
import TensorGraph

/// What the argument MODEL names: a built-in network, a `.keras` file, or a Keras configuration.
enum ModelSource {
  case builtIn(BuiltInModel)
  case keras(String)
  case configuration(JSONValue, path: String)

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
    switch FileKind(data) {
    case .zip: self = .keras(argument)
    case .json:
      do {
        self = .configuration(try JSONValue(parsing: data), path: argument)
      } catch {
        throw FormatError(error.message, file: argument, hint: error.hint)
      }
    case let kind:
      throw FormatError(
        "this is no model", got: kind.description(byteCount: data.count), file: argument,
        hint: "a .keras file, a configuration of Keras in JSON, or one of "
          + BuiltInModel.all.map(\.name).joined(separator: ", "))
    }
  }

  /// The model; a built-in network as it is for the samples it is meant for.
  func model(engine: any Engine, seed: UInt64 = 0) throws -> Model {
    switch self {
    case .builtIn(let builtIn): return try builtIn.model(seed: seed, engine: engine)
    case .keras(let path): return try Model.load(from: path, engine: engine)
    case .configuration(let json, let path):
      do {
        return try Model(NetworkConfiguration(json), seed: seed, engine: engine)
      } catch let error as ConfigurationError {
        throw FormatError(
          error.message, file: path, at: error.layer.map { .part($0) }, hint: error.hint)
      }
    }
  }

  /// The model of a file; nothing for a built-in network, which adapts to samples.
  func givenModel(engine: any Engine, seed: UInt64) throws -> Model? {
    if case .builtIn = self { return nil }
    return try model(engine: engine, seed: seed)
  }

  /// The model, for commands that need one that has learned something.
  func trainedModel(engine: any Engine) throws -> Model {
    if case .builtIn(let builtIn) = self {
      throw FormatError(
        "\(builtIn.name) is a built-in network, which has learned nothing yet",
        hint: "name the file that strata train \(builtIn.name) wrote: \(builtIn.name)-trained.keras"
      )
    }
    return try model(engine: engine)
  }
}
