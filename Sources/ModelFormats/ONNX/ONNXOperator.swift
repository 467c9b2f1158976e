import TensorGraph

/// What is known of an operator of ONNX.
package struct ONNXOperator: Sendable {
  /// When an operator is evaluated.
  enum Timing: Sendable {
    /// At once when all its inputs are known, else as a part of the graph.
    case whenNeeded
    /// By its rule alone: it looks at shapes and structures, or has graphs in it.
    case byRule
    /// In each run, since it draws random numbers.
    case always
  }

  let timing: Timing
  /// The values that a node gives.
  let rule: @Sendable (ONNXCall) throws -> [ONNXValue]

  init(_ timing: Timing = .whenNeeded, _ rule: @escaping @Sendable (ONNXCall) throws -> [ONNXValue])
  {
    self.timing = timing
    self.rule = rule
  }

  /// The operator that `key` names, if Strata has it.
  static func named(_ key: ONNXNode.Operator) -> ONNXOperator? { all[key.domain]?[key.type] }

  /// What the operators are called, those of sets other than ONNX's own with the name of theirs.
  package static var names: [String] {
    all.flatMap { domain, operators in
      operators.keys.map { ONNXNode.Operator(domain: domain, type: $0).description }
    }.sorted()
  }

  /// All operators, by the set they belong to and by name.
  static let all: [String: [String: ONNXOperator]] = [
    "": families.reduce(into: [:]) { all, family in all.merge(family) { first, _ in first } },
    "ai.onnx.ml": machineLearning,
    "ai.onnx.preview": preview,
    "ai.onnx.preview.training": training,
  ]

  /// The families of ONNX's own operators.
  private static let families: [[String: ONNXOperator]] = [
    controlFlow, sequences, strings, elementwise, casting, reductions, shaping, indexing, products,
    quantization, signals, convolutions, pooling, normalizations, activations, losses, recurrences,
    attention, images, randomness,
  ]
}
