import ArgumentParser
import NeuralNetworks

/// What is made small, and what is reported beside it.
struct CompileOptions: ParsableArguments {
  @Option(help: "The name of the loss; the model's own if not given.")
  var loss: String?

  @Option(help: ArgumentHelp("Metrics, separated by commas.", valueName: "name,..."))
  var metrics: String?

  /// Compiles `model` anew where an option asks for it; `optimizer` is the name of another one
  /// than the model's own.
  func apply(to model: Model, optimizer: String? = nil) throws {
    var settings: CompileSettings
    if let known = model.compileSettings {
      guard loss != nil || metrics != nil || optimizer != nil else { return }
      settings = known
    } else {
      guard let loss else {
        throw FormatError(
          "\(model.name) was saved without a loss", hint: "give one: --loss mean_squared_error")
      }
      settings = CompileSettings(optimizer: "adam", loss: .all(.named(loss)))
    }
    if let loss { settings.loss = .all(.named(loss)) }
    if let optimizer { settings.optimizer = .named(optimizer) }
    if let metrics {
      settings.metrics = .all(metrics.split(separator: ",").map { .named(String($0)) })
    }
    try model.compile(settings)
  }
}
