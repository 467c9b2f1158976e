import ArgumentParser
import Foundation
import NeuralNetworks

/// Shows the arithmetic of one unit.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Prints how one unit arrives at its output, term by term.")

  @Argument(help: "A model file, a Keras configuration, or a built-in network: \(builtInNames).")
  var model: String
  @Option(
    name: .customLong("x"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A sample: .npy, or numbers as 0.9,0.4,0.1.", valueName: "file"))
  var x: [String]
  @Option(help: "The name of a Dense layer; strata summary lists them.")
  var layer: String
  @Option(help: "The unit of the layer, counted from 0.")
  var unit: Int
  @Flag(help: "Prints an object.")
  var json = false

  func run() throws {
    let model = try ModelSource(model).model(engine: EngineOptions.allCores)
    let explanation = try model.explain(
      layer: layer, unit: unit, inputs: SampleArgument.inputs(x, of: model))
    guard json else { return Console.write("\(explanation)") }
    Console.write(try JSONEncoder.forScripts.string(explanation))
  }
}
