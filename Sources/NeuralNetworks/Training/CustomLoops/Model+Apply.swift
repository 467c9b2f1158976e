import TensorGraph

extension Model {
  /// Says what moves the weights in a loop of one's own, which computes its own loss:
  /// `ValueAndGradient` gives the gradients, `apply` takes them.
  ///
  /// - Throws: when the name is unknown or a hyperparameter makes no sense.
  public func compile(optimizer: OptimizerChoice) throws(GraphError) {
    try compile(CompileSettings(optimizer: optimizer, loss: .named([:])))
  }

  /// Moves the weights along `gradients`, as one step of the optimizer does.
  ///
  /// - Throws: when the model is not compiled, or the gradients are not those of its trained
  ///   weights.
  public func apply(_ gradients: WeightGradients) throws {
    guard let compilation else {
      throw GraphError(
        "\(name) has no optimizer yet", hint: "call compile(optimizer:) before training")
    }
    updateOptimizerVariables(compilation)
    applySchedule(compilation)
    let given = try compilation.trained.map { weight throws(GraphError) in
      guard let gradient = gradients[weight.path] else {
        throw GraphError(
          "there is no gradient of \(weight.path)",
          hint: "gradients are needed for all weights that are not frozen")
      }
      guard gradient.shape == weight.type.shape else {
        throw GraphError(
          "the gradient of \(weight.path) has the shape \(gradient.shape), "
            + "not \(weight.type.shape)")
      }
      return gradient
    }
    if let unknown = gradients.keys.first(where: { key in
      !compilation.trained.contains { $0.path == key }
    }) {
      throw GraphError("\(name) trains no weight \(unknown)")
    }
    let executable = try executables.executable(for: .init(.apply, given.map(\.type))) {
      try engine.compile(applicationGraph(compilation, given.map(\.type)))
    }
    // The graph has the weights and what follows the states of losses and metrics.
    let layout = layout(compilation), count = declarations.count
    var moved = Array(variables[..<count] + variables[layout.iteration...])
    _ = executable.run(given, variables: &moved)
    variables.replaceSubrange(..<count, with: moved.prefix(count))
    variables.replaceSubrange(layout.iteration..., with: moved.suffix(from: count))
  }

  private func applicationGraph(
    _ compilation: Compilation, _ types: [TensorType]
  ) throws(GraphError) -> Graph {
    let trace = Trace()
    let gradients = types.enumerated().map { trace.input("gradient_\($0)", $1) }
    let weights = Dictionary(
      uniqueKeysWithValues: declarations.map { ($0.path, trace.variable($0.path, $0.type)) })
    return try trace.graph(
      returning: [],
      updating: optimizerUpdates(compilation, trace, weights: weights) { _ in gradients })
  }
}
