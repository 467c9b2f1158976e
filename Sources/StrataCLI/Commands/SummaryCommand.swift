import ArgumentParser
import Foundation
import NeuralNetworks

/// Shows the layers of a model.
struct SummaryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary", abstract: "Prints the layers of a model, its weights and its cost.")

  @Argument(help: "A model file, a Keras configuration, or a built-in network: \(builtInNames).")
  var model: String
  @Flag(help: "Prints an object.")
  var json = false

  func run() throws {
    let source = try ModelSource(model)
    var summary = try source.model(
      engine: EngineOptions.allCores, checksTestVector: false
    ).summaryValue
    if case .builtIn = source { summary.optimizer = nil }  // it has learned nothing yet
    guard json else { return Console.write(summary.text()) }
    Console.write(try JSONEncoder.forScripts.string(summary))
  }
}
