import ArgumentParser
import TensorGraph

/// The `strata` command.
struct StrataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "strata", abstract: "Trains, measures and shows neural networks.",
    discussion: """
      strata train mlp --data fashion-mnist
      strata evaluate mlp-trained.keras --data fashion-mnist

      Exit status: 0 done, 1 the work failed, 64 the command line is wrong, 130 interrupted.
      """,
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, PredictCommand.self, SummaryCommand.self,
      PlotCommand.self, ExplainCommand.self, ConvertCommand.self, DatasetsCommand.self,
      BenchCommand.self,
    ])

  /// The names of the subcommands.
  static var names: [String] {
    configuration.subcommands.compactMap { $0.configuration.commandName }
  }

  /// Throws when the first argument should be a subcommand and is not.
  static func checkName(of arguments: [String]) throws {
    guard let name = arguments.first, !name.hasPrefix("-"), !(names + ["help"]).contains(name)
    else { return }
    throw ValidationError("there is no command \(name): \(spellingHint(name, in: names))")
  }
}
