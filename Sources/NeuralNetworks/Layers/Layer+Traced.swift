import TensorGraph

extension Layer {
  /// The layer alone in the trace of its inputs, with what it declared: for checks of one layer.
  ///
  /// Random numbers follow from `randomKey`, `int64[2]`: seed and step.
  package func traced(
    on inputs: [Symbol], arguments: [String: CallArgument] = [:], isTraining: Bool,
    isFrozen: Bool = false, randomKey: Symbol? = nil
  ) -> (outputs: [Symbol], model: ModelTrace) {
    let model = ModelTrace(
      inputs[0].trace, isTraining: isTraining,
      frozen: FrozenPatterns(patterns: isFrozen ? ["**"] : []))
    model.randomKey = randomKey
    return (apply(to: inputs, arguments: arguments), model)
  }
}
