import TensorGraph

extension Model {
  /// The optimizer as files have it: with the learning rate of now, where no schedule says it.
  package var storedOptimizer: (any Optimizer)? {
    guard let compilation else { return nil }
    var optimizer = compilation.optimizer
    if compilation.schedule == nil, let learningRate {
      optimizer.learningRate = LearningRate(learningRate)
    }
    return optimizer
  }

  /// Sets what schedules say for the next step.
  func applySchedule(_ compilation: Compilation) {
    let layout = layout(compilation), schedules = compilation.optimizer.schedules
    guard compilation.schedule != nil || !schedules.isEmpty else { return }
    let step = iterations
    if let schedule = compilation.schedule {
      set(layout.learningRate, to: schedule.learningRate(at: step))
    }
    guard !schedules.isEmpty else { return }
    let named = compilation.optimizer.variables(for: compilation.trained)
    for (index, variable) in named.enumerated() where variable.weight == nil {
      guard let schedule = schedules[variable.name] else { continue }
      set(layout.optimizer + index, to: schedule(at: step))
    }
  }

  /// Sets the number in a variable, which is `float32[]`.
  private func set(_ variable: Int, to number: Double) {
    variables[variable].withUnsafeMutableBytes {
      $0.storeBytes(of: Float(number), as: Float.self)
    }
  }
}
