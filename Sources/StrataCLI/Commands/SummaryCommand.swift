import ArgumentParser
import Foundation
import NeuralNetworks

/// Shows the layers of a model.
struct SummaryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary", abstract: "Prints the layers of a model, its weights and its cost.")

  @Argument(help: "A .keras file, a Keras configuration, or a built-in network: \(builtInNames).")
  var model: String
  @Flag(help: "Prints an object.")
  var json = false

  func run() throws {
    let model = try ModelSource(model).model(engine: EngineOptions.allCores)
    guard json else { return Console.write(model.summary()) }
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    Console.write(String(decoding: try encoder.encode(model.summaryValue), as: UTF8.self))
  }
}
