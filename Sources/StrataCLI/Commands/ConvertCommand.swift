import ArgumentParser
import Foundation
import ModelFormats
import NeuralNetworks
import Strata
import TensorGraph

/// Writes a model as a file of another kind.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Writes a model as a file of another kind.",
    discussion: """
      strata convert digits.keras digits.onnx
      strata convert weights.safetensors digits.keras --architecture config.json

      What IN is, its content says; what OUT is, its ending: .keras, .h5, .onnx (models), .json \
      (the network alone), .weights.h5, .safetensors, .npz (weights alone).

      Prints what OUT does not have though IN has it. OUT is read again before it is written, and \
      predictions of the two are compared where the model can be run: OUT appears only if they \
      agree.
      """)

  @Argument(help: "A file of any of these kinds.")
  var input: String
  @Argument(help: "The file to write.")
  var output: String
  @Option(
    help: ArgumentHelp(
      "The network that the weights in IN belong to, if IN has weights alone.",
      discussion: "A model file, a Keras configuration, or a built-in network: \(builtInNames).",
      valueName: "model"))
  var architecture: String?
  @Option(help: "The version of the operators of an .onnx file.")
  var opset: Int?
  @OptionGroup var engineOptions: EngineOptions
  @Flag(help: "Prints an object.")
  var json = false

  func validate() throws {
    guard let format = try? ModelFormat(writing: output) else {
      let endings = ModelFormat.allCases.map { $0.endings[0] }.joined(separator: ", ")
      throw ValidationError("OUT ends in \(endings), which says what to write, not \(output)")
    }
    if let opset {
      let known = ONNXFile.exportedOpsets
      guard known.contains(opset) else {
        throw ValidationError(
          "--opset is a number from \(known.lowerBound) to \(known.upperBound), not \(opset)")
      }
      guard format == .onnx else { throw ValidationError("--opset goes with an .onnx file") }
    }
  }

  func run() throws {
    let data = try Files.contents(of: input)
    let file = try OutputFile(output)
    let engine = engineOptions.engine
    let network = try architecture.map {
      try ModelSource($0).model(engine: engine, checksTestVector: false)
    }
    let conversion = try ModelFile.convert(
      data, file: input, to: ModelFormat(writing: output), network: network,
      opset: opset ?? ONNXFile.exportedOpsets.lowerBound,
      checksTestVector: engineOptions.checksTestVector, engine: engine)
    try Files.write(conversion.data, to: file.path)
    Console.write(json ? "\(object(conversion))" : text(conversion))
  }

  private func text(_ conversion: Conversion) -> String {
    var lines = [
      "wrote \(output): \(conversion.target.name), \(conversion.data.count) bytes",
      conversion.largestDifference.map {
        $0 == 0
          ? "read again, it is the same"
          : "read again, its outputs differ by at most \(Console.short($0)) of the largest"
      } ?? "its outputs could not be compared",
    ]
    if conversion.losses.isEmpty {
      lines.append("all of \(input) is in it")
    } else {
      lines.append("not carried over:")
      lines += conversion.losses.map { "  \($0)" }
    }
    return lines.joined(separator: "\n")
  }

  private func object(_ conversion: Conversion) -> JSON {
    .object([
      ("input", .string(input)), ("from", .string(conversion.source.rawValue)),
      ("output", .string(output)), ("to", .string(conversion.target.rawValue)),
      ("bytes", .int(conversion.data.count)),
      ("largest_difference", conversion.largestDifference.map(JSON.number) ?? .null),
      (
        "not_carried_over",
        .array(
          conversion.losses.map {
            .object([("kind", .string($0.kind.rawValue)), ("what", .string($0.description))])
          })
      ),
    ])
  }
}
