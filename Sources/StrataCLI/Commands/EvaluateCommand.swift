import ArgumentParser
import ModelFormats
import NeuralNetworks

/// Measures a model.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Prints the loss and the metrics of a model.",
    discussion: "Of a data set with a name, the samples kept for the test are taken.")

  @Argument(help: "A model file: .keras, .h5 or .onnx.")
  var model: String
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var compileOptions: CompileOptions
  @OptionGroup var batch: BatchOptions
  @OptionGroup var engineOptions: EngineOptions
  @Flag(help: "Prints an object.")
  var json = false

  func run() throws {
    let model = try ModelSource(model).trainedModel(engineOptions)
    try compileOptions.apply(to: model)
    let data = try model.completed(
      dataOptions.load(.test, pictures: PictureFormat(of: model, loss: compileOptions.loss)))
    let logs = try model.evaluate(data, batchSize: batch.size)
    let members = logs.map { ($0, JSON.number($1)) }
    Console.write(json ? "\(JSON.object(members))" : Console.text(logs))
  }
}
