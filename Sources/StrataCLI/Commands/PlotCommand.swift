import ArgumentParser
import Foundation
import ModelFormats
import NeuralNetworks

/// Draws a model.
struct PlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot", abstract: "Draws a network: its units and weights, or its layers.")

  @Argument(help: "A model file, a Keras configuration, or a built-in network: \(builtInNames).")
  var model: String
  @Option(
    name: .shortAndLong, help: ArgumentHelp("Where the picture goes, .svg.", valueName: "file"))
  var output: String
  @Option(
    name: .customLong("x"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A sample whose activations fill the units: .npy, or numbers as 0.9,0.4,0.1.",
      valueName: "file"))
  var x: [String] = []

  func validate() throws {
    guard output.lowercased().hasSuffix(".svg") else {
      throw ValidationError("-o names an .svg file, not \(output)")
    }
  }

  func run() throws {
    let file = try OutputFile(output)
    let model = try ModelSource(model).model(
      engine: EngineOptions.allCores, checksTestVector: false)
    let sample = x.isEmpty ? [] : try SampleArgument.inputs(x, of: model)
    let picture = try model.picture(sample: sample)
    try Files.write(Data(picture.svg.utf8), to: file.path)
    Console.say("saved \(file.path)")
  }
}
