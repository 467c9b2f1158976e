import TensorGraph

extension Model {
  /// The places of weights and of their running averages among the variables, if averages are kept.
  private var averages: [(weight: Int, average: Int)] {
    guard let compilation else { return [] }
    updateOptimizerVariables(compilation)
    let start = layout(compilation).optimizer
    let places = Dictionary(
      declarations.enumerated().map { ($1.path, $0) }, uniquingKeysWith: { first, _ in first })
    return compilation.optimizer.variables(for: compilation.trained).enumerated().compactMap {
      index, variable in
      guard variable.name == OptimizerOptions.averageName, let weight = variable.weight,
        let place = places[compilation.trained[weight].path]
      else { return nil }
      return (place, start + index)
    }
  }

  /// Whether the optimizer keeps running averages of weights.
  package var hasAverages: Bool { !averages.isEmpty }

  /// Gives each weight the running average of its values, as in the end of a training.
  ///
  /// Before the first step there is no average, and nothing changes.
  package func overwriteWithAverages() {
    guard iterations > 0 else { return }
    for (weight, average) in averages { variables[weight] = variables[average] }
  }

  /// Exchanges weights and their running averages; a second call takes it back.
  ///
  /// Before the first step there is no average, and nothing changes.
  package func swapWithAverages() {
    guard iterations > 0 else { return }
    for (weight, average) in averages { variables.swapAt(weight, average) }
  }
}
